"""Which files a form takes: by their content, never by what the browser says of them. Count and size are checked before this."""

from collections.abc import Callable
from typing import Any

from forms.definitions import FieldDefinition
from plugins.webform.guarding.kinds import danger_in, danger_of_name, families_of
from tidings import translatable

__all__ = ["refusal"]

_OTHER_KIND = translatable("This kind of file cannot be sent here. Please send: %(kinds)s.")
_KINDS = {
    "image": translatable("pictures"),
    "pdf": translatable("PDF files"),
    "document": translatable("documents"),
    "archive": translatable("archives"),
    "audio": translatable("sound"),
    "video": translatable("films"),
}


def refusal(field: FieldDefinition, upload: Any, gettext: Callable[[str], str] = str) -> str | None:
    """A sentence for the visitor when this upload is dangerous or of a kind that the field does not take; None when it is fine.

    `upload` has `filename` and `stream`; the stream is at its start afterwards.
    """
    upload.stream.seek(0)
    data = upload.stream.read()
    upload.stream.seek(0)
    danger = danger_of_name(upload.filename or "") or danger_in(data)
    if danger:
        return gettext(danger)
    if field.accepts and not _fits(field.accepts, families_of(data)):
        return gettext(_OTHER_KIND) % {"kinds": ", ".join(gettext(_KINDS.get(one, one)) for one in field.accepts)}
    return None


def _fits(accepted: tuple[str, ...], families: frozenset[str]) -> bool:
    """Plain text passes as a document."""
    return bool(families & set(accepted)) or ("text" in families and "document" in accepted)
