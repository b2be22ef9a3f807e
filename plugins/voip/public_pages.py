"""What the carrier fetches from us without signing in: sounds that callers hear, and files that leave with text messages."""

import mimetypes
from collections.abc import Sequence
from pathlib import Path

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound
from werkzeug.utils import send_file

from plugins.voip.sounds import public_file, sound_path
from tidings import Host, Route

__all__ = ["public_routes"]


def public_routes(host: Host) -> Sequence[Route]:
    """Both answer 404 for whatever was not put there."""

    def sound(request: Request, name: str) -> Response:
        return _sent(request, sound_path(host, name))

    def file(request: Request, name: str) -> Response:
        return _sent(request, public_file(host, name))

    return [
        Route("/sounds/<name>", sound, "sound", is_public=True, needs_csrf=False),
        Route("/files/<name>", file, "file", is_public=True, needs_csrf=False),
    ]


def _sent(request: Request, path: Path | None) -> Response:
    if path is None:
        raise NotFound
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    response = send_file(path, request.environ, mimetype=kind, conditional=True, max_age=3600)
    if not kind.startswith(("audio/", "image/", "video/")) or kind == "image/svg+xml":
        response.headers["Content-Disposition"] = "attachment"
    return response
