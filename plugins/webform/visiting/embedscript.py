"""Serving scripts and style of forms from their lasting addresses, because those stand in other people's pages: made small, compressed,
revalidated by content, an hour old at most.

`form.js` gives a form its behaviour and `embed.js` brings a form into a page; both are served as one closure each, so that nothing of
them is seen by the page around them.
"""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from rjsmin import jsmin
from werkzeug import Request, Response

__all__ = ["Served", "digest_of", "embed_script", "page_script", "serve", "style"]

STATIC = Path(__file__).parents[1] / "static" / "webform"
CACHE_CONTROL = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"


@dataclass(frozen=True, slots=True)
class Served:
    """A file as it is sent: plain and gzipped; `digest` names this version of it."""

    mimetype: str
    digest: str
    plain: bytes = field(repr=False)
    packed: bytes = field(repr=False)


@cache
def embed_script() -> Served:
    """The script of other people's pages."""
    return _served("text/javascript", _closure(_read("form.js"), _read("embed.js")))


@cache
def page_script() -> Served:
    """The script of our own pages, which brings the forms in them to life."""
    return _served("text/javascript", _closure(_read("form.js"), "startPages();"))


@cache
def style() -> Served:
    """How forms look, on our pages and on others."""
    return _served("text/css", _read("form.css"))


def digest_of(make: Callable[[], Served]) -> str:
    """What to put into an address, so that a new version is fetched at once."""
    return make().digest


def serve(make: Callable[[], Served]) -> Callable[[Request], Response]:
    """A view for pages of any origin; 304 when the browser has this very version."""
    return partial(_answer, make)


def _answer(make: Callable[[], Served], request: Request) -> Response:
    served = make()
    is_packed = "gzip" in request.accept_encodings
    response = Response(served.packed if is_packed else served.plain, mimetype=served.mimetype)
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(served.digest + ("-gzip" if is_packed else ""))
    return response.make_conditional(request)


def _closure(*scripts: str) -> str:
    return str(jsmin("(()=>{'use strict';\n" + "\n".join(scripts) + "\n})();"))


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _served(mimetype: str, text: str) -> Served:
    plain = text.encode()
    return Served(mimetype, hashlib.sha256(plain).hexdigest()[:20], plain, gzip.compress(plain, 9, mtime=0))
