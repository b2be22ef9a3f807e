"""Serving the embed script from its one lasting address, because it stands in other people's pages: compressed, revalidated by
content, an hour old at most.
"""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from werkzeug import Request, Response

__all__ = ["SCRIPT", "serve_script"]

SCRIPT = Path(__file__).parents[1] / "static" / "webform" / "embed.js"
CACHE_CONTROL = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"


def serve_script(request: Request) -> Response:
    """GET `/embed.js`, for pages of any origin; 304 when the browser has this very version."""
    plain, packed, digest = _contents()
    is_packed = "gzip" in request.accept_encodings
    response = Response(packed if is_packed else plain, mimetype="text/javascript")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(digest + ("-gzip" if is_packed else ""))
    return response.make_conditional(request)


@cache
def _contents() -> tuple[bytes, bytes, str]:
    """(plain, gzipped, digest) of the script, read once in each process."""
    plain = SCRIPT.read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:20]
