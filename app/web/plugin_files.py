"""Files that plugins bring for browsers, at `/plugins/<name>/static/…` for as long as the plugin runs: what stands in its folder
`static/<name>/`, or in `static/`."""

from flask import request, send_from_directory
from flask_babel import gettext
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.plugin_host import State
from app.web.current import current_core
from app.web.headers import content_policy

__all__ = ["plugin_file"]

_LOADED_BY_PAGES = ("text/css", "text/javascript", "image/", "font/", "audio/", "video/")
_DRAWING = "image/svg+xml"


def plugin_file(name: str, filename: str) -> Response:
    """One file, for everybody, as pages for visitors need theirs too. A browser keeps it and asks each time whether it is still the same,
    so that scripts which import one another are of one version after an update. Raises `NotFound`."""
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed(valid_methods=["GET", "HEAD"])
    info = next((one for one in current_core().plugins.infos() if one.name == name and one.state is State.ACTIVE), None)
    for folder in (info.path / "static" / name, info.path / "static") if info is not None and info.path else ():
        if (folder / filename).is_file():
            return _tamed(send_from_directory(folder, filename))
    raise NotFound(gettext("There is nothing at this address."))


def _tamed(response: Response) -> Response:
    """A file that a browser may show as a page of its own is none of ours: it runs nothing and knows no session."""
    if response.mimetype == _DRAWING or not (response.mimetype or "").startswith(_LOADED_BY_PAGES):
        response.headers["Content-Security-Policy"] = f"{content_policy()}; sandbox"
    return response
