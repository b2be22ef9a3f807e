"""Files of a posted form."""

from flask import request

from app.services.replies import NewFile

__all__ = ["posted_files"]


def posted_files(name: str = "files") -> tuple[NewFile, ...]:
    """The files that were chosen, read into memory; the size of the whole request is limited before."""
    return tuple(
        NewFile(
            filename=file.filename or "attachment",
            content_type=file.mimetype or "application/octet-stream",
            data=file.read(),
        )
        for file in request.files.getlist(name)
        if file.filename
    )
