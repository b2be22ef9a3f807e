"""The form that an account's settings described before forms had definitions: name, e-mail, subject, message, files. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from forms.definitions import Becomes, FieldDefinition, FormDefinition, Kind, Routing, StepDefinition, Text
from tidings import translatable

__all__ = ["LANGUAGES", "definition_of_settings"]

LANGUAGES = ("en", "pl", "el", "ru", "de", "fr", "es")
"""What forms speak from the start; what their owner wrote in one language is read in all."""

Gettext = Callable[[str, str], str]

_NAME = translatable("Name")
_EMAIL = translatable("E-mail")
_SUBJECT = translatable("Subject")
_MESSAGE = translatable("Message")
_FILES = translatable("Files")


def definition_of_settings(settings: Mapping[str, Any], gettext: Gettext) -> FormDefinition:
    """The same form as a definition; what is missing in the settings is as it was when it was missing."""

    def own(key: str) -> Text:
        return {LANGUAGES[0]: settings[key]} if settings.get(key) else {}

    return FormDefinition(
        languages=LANGUAGES,
        steps=(StepDefinition("main", tuple(_fields(settings, gettext))),),
        title=own("title"),
        intro=own("intro"),
        thanks=own("thanks"),
        sends_confirmation=bool(settings.get("sends_confirmation", True)),
        confirmation=own("confirmation_text"),
        routing=Routing(team_id=_number(settings, "team_id", 0) or None),
    )


def _fields(settings: Mapping[str, Any], gettext: Gettext) -> list[FieldDefinition]:
    def label(text: str) -> Text:
        spoken = {language: gettext(text, language) for language in LANGUAGES}
        return {language: words for language, words in spoken.items() if language == LANGUAGES[0] or words != text}

    fields = [
        FieldDefinition("name", Kind.TEXT, label(_NAME), is_required=True, becomes=Becomes.NAME, maximum="100"),
        FieldDefinition("email", Kind.EMAIL, label(_EMAIL), is_required=True, becomes=Becomes.EMAIL),
    ]
    if settings.get("asks_subject", True):
        fields.append(FieldDefinition("subject", Kind.TEXT, label(_SUBJECT), becomes=Becomes.SUBJECT, maximum="200"))
    fields.append(
        FieldDefinition("message", Kind.LONG_TEXT, label(_MESSAGE), is_required=True, becomes=Becomes.MESSAGE)
    )
    if most := _number(settings, "max_files", 5):
        megabytes = _number(settings, "max_megabytes", 10)
        files = FieldDefinition("files", Kind.FILE, label(_FILES), max_files=most, max_megabytes=megabytes)
        fields.append(files)
    return fields


def _number(settings: Mapping[str, Any], key: str, default: int) -> int:
    value = settings.get(key)
    return default if value is None or value == "" else int(value)
