"""Files of messages: always a download, except pictures that are safe to show."""

from flask import Blueprint, Response, request, send_file

from app.errors import NotFound
from app.models import Attachment
from app.services.core import Core
from app.web.current import current_core
from app.web.pictures import picture_type

__all__ = ["blueprint"]

blueprint = Blueprint("attachment", __name__)
_POLICY = "default-src 'none'; sandbox"


@blueprint.get("/attachments/<int:id>")
def download(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """A file under its own name; with `?inline=1` a raster picture is shown instead of saved."""
    core = current_core()
    attachment = core.session.get(Attachment, id)
    if attachment is None:
        raise NotFound("This file does not exist.")
    filename, sha256 = attachment.filename, attachment.sha256
    core.session.rollback()
    shown_as = _picture_type(core, sha256) if request.args.get("inline") else None
    response = send_file(
        _open(core, sha256),
        mimetype=shown_as or "application/octet-stream",
        as_attachment=shown_as is None,
        download_name=filename,
        etag=sha256,
        conditional=True,
        max_age=3600,
    )
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _picture_type(core: Core, sha256: str) -> str | None:
    with _open(core, sha256) as file:
        return picture_type(file.read(16))


def _open(core: Core, sha256: str):
    try:
        return core.files.open(sha256)
    except FileNotFoundError:
        raise NotFound("The bytes of this file are not in the file storage any more.") from None
