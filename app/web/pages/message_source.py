"""One message by itself: with its own formatting in a sandboxed frame, and as it came."""

import re
from urllib.parse import unquote

from flask import Response, make_response, render_template, request, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from app.domain.roles import Permission
from app.errors import NotFound
from app.mime import block_remote_images, block_tracking_pixels, sanitize_html
from app.models import Message
from app.queries.conversation_page import frame_facts
from app.web.contexts import HTMLFrame
from app.web.current import current_core, require_permission
from app.web.pages.conversation import blueprint

__all__: list[str] = []

_CID = re.compile(r' src="cid:([^"]*)"', re.IGNORECASE)
_FRAME_POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:{remote}; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_SOURCE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@blueprint.get("/conversations/<int:number>/messages/<int:message_id>/html")
def html(number: int, message_id: int) -> Response:
    """The sanitised HTML of a message as a document of its own. Pictures from elsewhere load only with `?images=1`, and
    those that cannot be seen do not even then.

    Nothing in it can run: the policy allows no script and the frame is sandboxed. `allow-same-origin` lets the page measure the
    frame and lets inline pictures of the mail, which need the session, load.
    """
    core = current_core()
    found = frame_facts(core.session, message_id)
    if found is None:
        raise NotFound(gettext("This message has no formatting of its own."))
    core.session.rollback()
    with_images = request.args.get("images") == "1"
    body = sanitize_html(found.html)
    body = block_tracking_pixels(body) if with_images else block_remote_images(body)[0]
    body = _CID.sub(lambda match: _inline_picture(match[1], found.files), body)
    frame = HTMLFrame(
        title=found.subject or gettext("(no subject)"), body_html=Markup(body), locale=str(get_locale() or "en")
    )
    response = make_response(render_template("conversation/html_frame.html", frame=frame))
    response.headers["Content-Security-Policy"] = _FRAME_POLICY.format(remote=" https: http:" if with_images else "")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/conversations/<int:number>/messages/<int:message_id>/source")
def raw(number: int, message_id: int) -> Response:
    """The bytes of a message as they came or left, as plain text."""
    require_permission(Permission.UNDELIVERED)
    core = current_core()
    message = core.session.get(Message, message_id)
    if message is None or not message.raw_sha256:
        raise NotFound(gettext("The original of this message was not kept."))
    try:
        source = core.files.get(message.raw_sha256)
    except FileNotFoundError:
        raise NotFound(gettext("The original of this message is not in the file storage any more.")) from None
    response = make_response(source)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Security-Policy"] = _SOURCE_POLICY
    return response


def _inline_picture(content_id: str, files: dict[str, int]) -> str:
    file_id = files.get(unquote(content_id)) or files.get(content_id)
    if file_id is None:
        return ' src=""'
    return f' src="{escape(url_for("attachment.download", id=file_id, inline=1))}"'
