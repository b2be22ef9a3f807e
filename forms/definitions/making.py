"""From a field's definition to the WTForms field that asks for it: one maker for each kind, in one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import Field
from wtforms.fields import SelectChoice

from forms.base import Texts, translatable
from forms.definitions.cleaning import MAX_EMAIL, read_day, read_number
from forms.definitions.fields import (
    BoxesField,
    ButtonsField,
    CalledField,
    CarriedField,
    ConsentField,
    DayField,
    LineField,
    ListField,
    MailField,
    MarksField,
    NumberField,
    ParagraphsField,
    UploadsField,
)
from forms.definitions.limits import MAX_LINE, MAX_TEXT
from forms.definitions.patterns import is_for_browsers
from forms.definitions.rules import (
    MEGABYTE,
    Accepted,
    BetweenDays,
    BetweenNumbers,
    CountBetween,
    EmailAddress,
    FewFiles,
    LengthBetween,
    Matches,
    Needed,
    Offered,
    OneLine,
    PhoneNumber,
)
from forms.definitions.types import Becomes, Display, FieldDefinition, Kind, say

__all__ = [
    "MEDIA",
    "USUAL_RATING",
    "AcceptsFile",
    "Circumstances",
    "display_of",
    "help_of",
    "highest_rating",
    "make_field",
]

MAX_PHONE = 40
MAX_FIGURES = 40
USUAL_RATING = 5
MOST_BUTTONS = 5

AcceptsFile = Callable[[FieldDefinition, Any], str | None]
"""Asked for each upload; a sentence in the visitor's language refuses it."""

NEEDED: Mapping[Becomes, str] = {
    Becomes.NAME: translatable("Please tell us your name."),
    Becomes.EMAIL: translatable("Please tell us your e-mail address, so that we can answer."),
    Becomes.PHONE: translatable("Please tell us your phone number."),
    Becomes.MESSAGE: translatable("Please write your message."),
}
NEEDED_OF_KIND: Mapping[Kind, str] = {
    Kind.CHOICE: translatable("Please choose one of these."),
    Kind.CHOICES: translatable("Please choose at least one of these."),
    Kind.DATE: translatable("Please choose a day."),
    Kind.FILE: translatable("Please choose a file."),
    Kind.RATING: translatable("Please choose one of these."),
    Kind.CONSENT: translatable("Please tick this box if you agree; without it we cannot take the form."),
}
NEEDED_ELSE = translatable("Please fill in this field.")
CHOOSE = translatable("Please choose")
ONE_FILE = translatable("One file of at most %s MB.")
SOME_FILES = translatable("At most %(count)d files, together %(size)s MB.")

AUTOCOMPLETE: Mapping[Becomes, str] = {
    Becomes.NAME: "name",
    Becomes.EMAIL: "email",
    Becomes.PHONE: "tel",
    Becomes.COMPANY: "organization",
}
MEDIA: Mapping[str, str] = {
    "image": "image/*",
    "pdf": ".pdf",
    "document": ".pdf,.doc,.docx,.odt,.rtf,.txt,.xls,.xlsx,.ods,.csv,.ppt,.pptx,.odp",
    "archive": ".zip,.7z,.gz,.tar",
    "audio": "audio/*",
    "video": "video/*",
}
"""What a browser's dialog offers; names do not decide what is taken."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a field depends on beside its definition. `given` are values by parameter of the page's address."""

    language: str
    base: str
    region: str
    today: date
    texts: Texts
    given: Mapping[str, str]
    accepts_file: AcceptsFile | None = None


def make_field(definition: FieldDefinition, around: Circumstances) -> Field:
    """An unbound WTForms field for a kind that has an answer."""
    field_class, rules, more = MAKERS[definition.kind](definition, around)
    return field_class(
        say(definition.label, around.language, around.base) or definition.id,
        validators=rules,
        description=help_of(definition, around),
        default=_first_value(definition, around),
        render_kw=_attributes(definition, around),
        **more,
    )


def help_of(definition: FieldDefinition, around: Circumstances) -> str:
    """What helps to fill a field in, in the visitor's language. Where files are asked for without a word, how many and how large."""
    said = say(definition.help, around.language, around.base)
    if said or definition.kind is not Kind.FILE:
        return said
    if definition.max_files == 1:
        return around.texts.gettext(ONE_FILE) % definition.max_megabytes
    return around.texts.gettext(SOME_FILES) % {"count": definition.max_files, "size": definition.max_megabytes}


def display_of(definition: FieldDefinition) -> Display:
    """LIST or BUTTONS: what AUTO means for this field."""
    if definition.kind is not Kind.CHOICE:
        return Display.BUTTONS
    if definition.display is not Display.AUTO:
        return definition.display
    return Display.BUTTONS if len(definition.choices) <= MOST_BUTTONS else Display.LIST


def highest_rating(definition: FieldDefinition) -> int:
    """The best answer of a RATING; the worst is 1."""
    return int(definition.maximum or USUAL_RATING)


Made = tuple[type[Field], Sequence[Any], dict[str, Any]]


def _needed(definition: FieldDefinition) -> Needed:
    sentence = NEEDED.get(definition.becomes) or NEEDED_OF_KIND.get(definition.kind) or NEEDED_ELSE
    return Needed(sentence, definition.is_required)


def _pattern(definition: FieldDefinition, around: Circumstances) -> list[Any]:
    if not definition.pattern:
        return []
    return [Matches(definition.pattern, say(definition.pattern_hint, around.language, around.base))]


def _line(definition: FieldDefinition, around: Circumstances) -> Made:
    length = LengthBetween(int(definition.minimum or 0), int(definition.maximum or MAX_LINE))
    return LineField, [_needed(definition), OneLine(), length, *_pattern(definition, around)], {}


def _paragraphs(definition: FieldDefinition, around: Circumstances) -> Made:
    length = LengthBetween(int(definition.minimum or 0), int(definition.maximum or MAX_TEXT))
    return ParagraphsField, [_needed(definition), length, *_pattern(definition, around)], {}


def _mail(definition: FieldDefinition, around: Circumstances) -> Made:
    rules = [_needed(definition), OneLine(), LengthBetween(0, MAX_EMAIL), EmailAddress(), *_pattern(definition, around)]
    return MailField, rules, {}


def _phone(definition: FieldDefinition, around: Circumstances) -> Made:
    rules = [_needed(definition), OneLine(), LengthBetween(0, MAX_PHONE), PhoneNumber(around.region)]
    return CalledField, [*rules, *_pattern(definition, around)], {"region": around.region}


def _number(definition: FieldDefinition, around: Circumstances) -> Made:
    bounds = BetweenNumbers(read_number(definition.minimum), read_number(definition.maximum))
    return NumberField, [_needed(definition), LengthBetween(0, MAX_FIGURES), bounds], {}


def _day(definition: FieldDefinition, around: Circumstances) -> Made:
    bounds = BetweenDays(read_day(definition.minimum, around.today), read_day(definition.maximum, around.today))
    return DayField, [_needed(definition), bounds], {}


def _offered(definition: FieldDefinition, around: Circumstances) -> list[SelectChoice]:
    texts = ((one.value, say(one.label, around.language, around.base)) for one in definition.choices)
    return [SelectChoice(value, text or value) for value, text in texts]


def _choice(definition: FieldDefinition, around: Circumstances) -> Made:
    offered = _offered(definition, around)
    rules = [_needed(definition), Offered([one.value for one in offered])]
    if display_of(definition) is Display.BUTTONS:
        return ButtonsField, rules, {"choices": offered}
    nothing = say(definition.placeholder, around.language, around.base) or around.texts.gettext(CHOOSE)
    return ListField, rules, {"choices": [SelectChoice("", nothing), *offered]}


def _boxes(definition: FieldDefinition, around: Circumstances) -> Made:
    offered = _offered(definition, around)
    count = CountBetween(int(definition.minimum or 0), int(definition.maximum) if definition.maximum else None)
    return BoxesField, [_needed(definition), Offered([one.value for one in offered]), count], {"choices": offered}


def _rating(definition: FieldDefinition, around: Circumstances) -> Made:
    offered = [SelectChoice(str(mark), str(mark)) for mark in range(1, highest_rating(definition) + 1)]
    return MarksField, [_needed(definition), Offered([one.value for one in offered])], {"choices": offered}


def _consent(definition: FieldDefinition, around: Circumstances) -> Made:
    return ConsentField, [_needed(definition)], {}


def _files(definition: FieldDefinition, around: Circumstances) -> Made:
    rules: list[Any] = [_needed(definition), FewFiles(definition.max_files, definition.max_megabytes * MEGABYTE)]
    accepts = around.accepts_file
    if accepts is not None:
        rules.append(Accepted(lambda upload: accepts(definition, upload)))
    return UploadsField, rules, {}


def _carried(definition: FieldDefinition, around: Circumstances) -> Made:
    return CarriedField, [], {}


MAKERS: Mapping[Kind, Callable[[FieldDefinition, Circumstances], Made]] = {
    Kind.TEXT: _line,
    Kind.LONG_TEXT: _paragraphs,
    Kind.EMAIL: _mail,
    Kind.PHONE: _phone,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _boxes,
    Kind.DATE: _day,
    Kind.FILE: _files,
    Kind.RATING: _rating,
    Kind.CONSENT: _consent,
    Kind.HIDDEN: _carried,
}


def _first_value(definition: FieldDefinition, around: Circumstances) -> str:
    """What stands in the field at first; only what it could take where it offers values."""
    text = around.given.get(definition.parameter, "") if definition.parameter else ""
    text = (text or definition.default)[:MAX_TEXT]
    if definition.kind is Kind.CONSENT:
        return ""  # consent is given, not assumed
    if definition.kind is Kind.DATE:
        day = read_day(text, around.today)
        return day.isoformat() if day else ""
    return text


def _attributes(definition: FieldDefinition, around: Circumstances) -> dict[str, Any]:
    """HTML attributes that help browsers to fill in and to offer the right keyboard."""
    found: dict[str, Any] = {}
    if definition.kind in (Kind.TEXT, Kind.EMAIL, Kind.PHONE) and definition.becomes in AUTOCOMPLETE:
        found["autocomplete"] = AUTOCOMPLETE[definition.becomes]
    if definition.kind is Kind.NUMBER:
        found["inputmode"] = "decimal"
    if definition.kind is Kind.FILE and definition.accepts:
        found["accept"] = ",".join(MEDIA[one] for one in definition.accepts)
    if definition.kind in (Kind.TEXT, Kind.EMAIL, Kind.PHONE) and is_for_browsers(definition.pattern):
        found["pattern"] = definition.pattern
        if hint := say(definition.pattern_hint, around.language, around.base):
            found["title"] = hint
    placeholder = say(definition.placeholder, around.language, around.base)
    if placeholder and definition.kind not in (Kind.CHOICE, Kind.HIDDEN):
        found["placeholder"] = placeholder
    return found
