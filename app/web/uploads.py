"""Files of a posted form: new ones, and those kept from an earlier one."""

from collections.abc import Iterable

from flask import request
from werkzeug.datastructures import FileStorage

from app.queries.draft_files import DraftFileRow
from app.services.outgoing.drafts import KeptFiles, NewFile
from app.web.contexts import KeptFile

__all__ = ["kept_marks", "posted_files", "posted_kept"]


def posted_files(name: str = "files") -> tuple[NewFile, ...]:
    """The files that were chosen, read into memory, anew at each call; the size of the whole request is limited before."""
    return tuple(
        NewFile(
            filename=file.filename or "attachment",
            content_type=file.mimetype or "application/octet-stream",
            data=_data(file),
        )
        for file in request.files.getlist(name)
        if file.filename
    )


def posted_kept() -> KeptFiles:
    """The kept files that the form showed, and those whose box was ticked."""
    return KeptFiles(seen=_ids("kept_shown"), chosen=_ids("kept") & _ids("kept_shown"))


def kept_marks(rows: Iterable[DraftFileRow]) -> tuple[KeptFile, ...]:
    """Kept files as pages show them."""
    return tuple(KeptFile(row.id, row.filename, row.size, row.goes_along) for row in rows)


def _ids(name: str) -> frozenset[int]:
    return frozenset(int(text) for text in request.form.getlist(name) if text.isdecimal() and len(text) < 16)


def _data(file: FileStorage) -> bytes:
    file.stream.seek(0)
    return file.read()
