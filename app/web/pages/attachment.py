"""Files of messages: always a download, except pictures that are safe to show and sounds that can be played. Before one is handed out
that may do harm, the agent is asked."""

import os
from typing import BinaryIO

from flask import Blueprint, Response, request, send_file, url_for
from werkzeug.wsgi import FileWrapper

from app.errors import NotFound
from app.models import Attachment
from app.queries.conversation_page import number_of_message
from app.services.core import Core
from app.web.contexts import DangerousFilePage
from app.web.current import current_core
from app.web.message_trust import danger_text
from app.web.pictures import inline_type
from app.web.shell import render_page

__all__ = ["blueprint"]

blueprint = Blueprint("attachment", __name__)
_POLICY = "default-src 'none'; sandbox"


@blueprint.get("/attachments/<int:id>")
def download(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """A file under its own name; with `?inline=1` a raster picture is shown and a sound played instead of saved. Parts of it may be
    asked for (`Range`), as players do. Of a file that may do harm comes a page that asks."""
    file = _find(id)
    return _ask_about(file) if file.danger else _handed_out(file, is_inline=bool(request.args.get("inline")))


@blueprint.post("/attachments/<int:id>")
def download_dangerous(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """A file after somebody was asked."""
    return _handed_out(_find(id), is_inline=False)


def _find(file_id: int) -> Attachment:
    """The file, which belongs to no transaction any more."""
    session = current_core().session
    attachment = session.get(Attachment, file_id)
    if attachment is None:
        raise NotFound("This file does not exist.")
    session.expunge(attachment)
    session.rollback()
    return attachment


def _ask_about(file: Attachment) -> Response:
    number = number_of_message(current_core().session, file.message_id)
    page = DangerousFilePage(
        name=file.filename,
        size_bytes=file.size,
        danger=danger_text(file.danger),
        url=url_for("attachment.download_dangerous", id=file.id),
        back_url=f"{url_for('conversation.show', number=number)}#message-{file.message_id}",
    )
    return render_page("conversation/dangerous_file.html", page, section="inbox")


def _handed_out(attachment: Attachment, *, is_inline: bool) -> Response:
    core, sha256 = current_core(), attachment.sha256
    shown_as = _inline_type(core, sha256, attachment.content_type) if is_inline else None
    file = _open(core, sha256)
    response = send_file(
        file,
        mimetype=shown_as or "application/octet-stream",
        as_attachment=shown_as is None,
        download_name=attachment.filename,
        etag=sha256,
        conditional=False,
        max_age=3600,
    )
    _answer_in_parts(response, file)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _answer_in_parts(response: Response, file: BinaryIO) -> None:
    """Send only what was asked for: nothing when it is known already, a part when there was a `Range`. The server's own way of sending
    files cannot begin in the middle, so a part is read here."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    response.content_length = size
    if "Range" in request.headers:
        response.response = FileWrapper(file)
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size)


def _inline_type(core: Core, sha256: str, claimed: str) -> str | None:
    with _open(core, sha256) as file:
        return inline_type(file.read(16), claimed)


def _open(core: Core, sha256: str) -> BinaryIO:
    try:
        return core.files.open(sha256)
    except FileNotFoundError:
        raise NotFound("The bytes of this file are not in the file storage any more.") from None
