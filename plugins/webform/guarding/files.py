"""Which files a form takes: by their content, never by what the browser says of them. Count and size are checked before this."""

from collections.abc import Callable
from typing import Any

from forms.definitions import FieldDefinition
from plugins.webform.guarding.kinds import families_of
from tidings import danger_of_file, translatable

__all__ = ["refusal"]

_PROGRAM = translatable("This file is a program, or starts one. Such files cannot be sent here.")
_PAGE = translatable(
    "This file is a web page or a drawing that can hold a program. Please send a picture or a PDF of it instead."
)
_MACRO = translatable(
    "This document holds macros, which can do harm. Please send it without them, for example as a PDF."
)
_PACKED = translatable("There is a program in this archive. Please send only what we should look at.")
_BLOATED = translatable("This archive unpacks to far more than it should. Please send the files one by one.")
_DANGERS = {
    "program": _PROGRAM,
    "disguised": _PROGRAM,
    "page": _PAGE,
    "macros": _MACRO,
    "packed": _PACKED,
    "bloated": _BLOATED,
}
"""What is refused, and how that is said."""
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
    danger = _DANGERS.get(danger_of_file(upload.filename or "", data))
    if danger:
        return gettext(danger)
    if field.accepts and not _fits(field.accepts, families_of(data)):
        return gettext(_OTHER_KIND) % {"kinds": ", ".join(gettext(_KINDS.get(one, one)) for one in field.accepts)}
    return None


def _fits(accepted: tuple[str, ...], families: frozenset[str]) -> bool:
    """Plain text passes as a document."""
    return bool(families & set(accepted)) or ("text" in families and "document" in accepted)
