"""Sending the pictures of contacts: small ones that were checked when they came, kept by browsers and by nobody between."""

from flask import Response, request

from app.domain.pictures import picture_type
from app.errors import NotFound
from app.services.core import Core

__all__ = ["send_portrait"]

_DAY_S = 86_400


def send_portrait(core: Core, sha256: str) -> Response:
    """A picture of the file storage as what its first bytes say it is. Raises `NotFound` when it is gone, or is no picture."""
    try:
        data = core.files.get(sha256)
    except FileNotFoundError:
        raise NotFound("The bytes of this picture are not in the file storage any more.") from None
    kind = picture_type(data)
    if kind is None:
        raise NotFound("There is no such picture.")
    response = Response(data, mimetype=kind)
    response.set_etag(sha256)
    response.headers["Cache-Control"] = f"private, max-age={_DAY_S}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.make_conditional(request.environ)
    return response
