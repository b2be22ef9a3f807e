"""Our own server and somebody else's website, each on a loopback port of its own. `browser` is the test kit's."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from werkzeug import Request, Response
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.utils import send_file

from forms.definitions import FormDefinition
from plugins.webform.storing.versions import publish_first
from plugins.webform.tests.factories import PageHost, Visitor
from tidings.testing import FakeClock

Answer = Callable[[Request], Response]

STRICT = "default-src 'self'; script-src {0}; connect-src {0}; frame-src {0}; require-trusted-types-for 'script'"
"""The content policy of the other website: nothing inline, no style from elsewhere."""
OURS = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
"""That of our own pages."""

_BUILT = Path(__file__).parents[3] / "themes" / "default" / "static" / "dist"
_HOSTED = "/plugins/webform"


class RunningClock(FakeClock):
    """Goes on by itself, and can be moved besides."""

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()

    def now(self) -> datetime:
        return self.moment + timedelta(seconds=time.monotonic() - self._started)


class Site:
    """A web server on a fixed loopback port that can be taken away and brought back."""

    def __init__(self, answer: Answer) -> None:
        self._app = Request.application(answer)
        self._server: BaseWSGIServer | None = None
        self.port = 0
        self.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._app, threaded=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def running(answer: Answer) -> Iterator[Site]:
    site = Site(answer)
    try:
        yield site
    finally:
        site.stop()


@pytest.fixture
def definition() -> FormDefinition | None:
    """The form that is shown; None is the usual contact form. Tests give another one through `indirect` parameters."""
    return None


@pytest.fixture
def host(definition: FormDefinition | None) -> PageHost:
    host = PageHost(
        clock=RunningClock(), title="How can we help?", intro="We answer on working days.", posts_per_hour=50
    )
    if definition is not None:
        publish_first(host, 1, definition, by="Ada")
    return host


@pytest.fixture
def tidings_site(host: PageHost) -> Iterator[Site]:
    """The plugin's own routes at `/plugins/webform`, with the files of the theme that its pages load."""
    routes = Visitor(host)

    def answer(request: Request) -> Response:
        if request.path.startswith("/assets/"):
            return _asset(request)
        response = routes.answer(request, request.path.removeprefix(_HOSTED))
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = OURS
        return response

    with running(answer) as site:
        yield site


@pytest.fixture
def hosted(host: PageHost, tidings_site: Site) -> str:
    """The address of the form's own page."""
    return f"{tidings_site.origin}{_HOSTED}/f/{Visitor(host).key}"


@pytest.fixture
def shop(host: PageHost, tidings_site: Site) -> Iterator[Site]:
    """A website of another origin; its pages carry the embed in one way or another. `?more=…` gives the script more attributes."""
    key = Visitor(host).key
    source = f"{tidings_site.origin}{_HOSTED}"
    script = f'<script src="{source}/embed.js" data-form="{key}" async'
    pages = {
        "/inline": f"{script} MORE></script>",
        "/button": f'{"<p>Boots.</p>" * 60}{script} data-mode="button" data-label="Write to us" MORE></script>',
        "/modal": f'<p><a href="{source}/f/{key}" data-tidings-open="{key}">Ask us</a></p>'
        f'{script} data-mode="modal" data-label="Ask us" MORE></script>',
        "/frame": f'<iframe src="{source}/f/{key}/frame" title="Contact" width="100%"></iframe>'
        f'<script src="{source}/embed.js" async></script>',
        "/placed": f'<div id="here"></div><p id="after">After.</p>{script} data-target="#here"></script>',
    }

    def answer(request: Request) -> Response:
        body = pages.get(request.path, "").replace("MORE", request.args.get("more", ""))
        html = f'<!doctype html><html lang="en"><title>Shop</title><main><h1>Boots</h1>{body}</main></html>'
        policy = {"Content-Security-Policy": STRICT.format(tidings_site.origin)}
        return Response(html, status=200 if body else 404, mimetype="text/html", headers=policy)

    with running(answer) as site:
        yield site


def _asset(request: Request) -> Response:
    """A built file of the theme by its plain name."""
    names = json.loads((_BUILT / "manifest.json").read_text(encoding="utf-8"))
    return send_file(_BUILT / names[request.path.removeprefix("/assets/")], request.environ)
