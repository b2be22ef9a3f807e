"""A visitor's browser for the host of tests: asks the pages of a plugin without a server between."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from app.plugin_api.host import Visited
from app.plugin_api.registrations import Route

__all__ = ["visit_page"]


def visit_page(
    routes: Sequence[Route],
    url: str,
    path: str,
    method: str,
    data: Mapping[str, str | Sequence[str]],
    files: Sequence[tuple[str, str, str, bytes]],
    headers: Mapping[str, str],
) -> Visited:
    """What the public page among `routes` at `path` answers; 404 and 405 where there is none."""
    fields = [(name, one) for name, value in data.items() for one in ([value] if isinstance(value, str) else value)]
    sent = [(field, (BytesIO(content), name, kind)) for field, name, kind, content in files]
    body: MultiDict[str, Any] | None = MultiDict([*fields, *sent]) if method not in ("GET", "HEAD") else None
    place = urlsplit(url)
    builder = EnvironBuilder(
        place.path,
        f"{place.scheme}://{place.netloc}",
        query_string=place.query or None,
        method=method,
        headers=list(headers.items()),
        data=body,
    )
    environ = builder.get_environ()
    try:
        answer = _answer([route for route in routes if route.is_public], Request(environ), path.partition("?")[0])
    except HTTPException as refusal:
        answer = Response.force_type(refusal.get_response(environ), environ)
    answer.make_sequence()
    return Visited(answer.status_code, dict(answer.headers.items()), answer.get_data(as_text=True))


def _answer(routes: Sequence[Route], request: Request, path: str) -> Response:
    rules = [Rule(route.rule, endpoint=place, methods=list(route.methods)) for place, route in enumerate(routes)]
    adapter = Map(rules, strict_slashes=False, merge_slashes=False).bind("")
    place, values = adapter.match(path, method="GET" if request.method == "HEAD" else request.method)
    if not isinstance(place, int):
        raise NotFound
    answer = routes[place].view(request, **values)
    return answer if isinstance(answer, Response) else Response(answer, mimetype="text/html")
