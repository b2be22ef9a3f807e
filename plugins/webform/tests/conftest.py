"""Our own server and somebody else's website, each on a loopback port of its own. `browser` is the test kit's."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from werkzeug import Request, Response
from werkzeug.serving import BaseWSGIServer, make_server

from plugins.webform.tests.factories import PageHost, Visitor
from tidings.testing import FakeClock

Answer = Callable[[Request], Response]

STRICT = "default-src 'self'; script-src {0}; connect-src {0}; frame-src {0}; require-trusted-types-for 'script'"
"""The content policy of the other website: nothing inline, no style from elsewhere."""


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
def host() -> PageHost:
    return PageHost(
        clock=RunningClock(), title="How can we help?", intro="We answer on working days.", posts_per_hour=50
    )


@pytest.fixture
def tidings_site(host: PageHost) -> Iterator[Site]:
    """The plugin's own routes at `/plugins/webform`."""
    routes = Visitor(host)

    def answer(request: Request) -> Response:
        return routes.answer(request, request.path.removeprefix("/plugins/webform"))

    with running(answer) as site:
        yield site


@pytest.fixture
def shop(host: PageHost, tidings_site: Site) -> Iterator[Site]:
    """A website of another origin; its pages carry the embed in one way or another."""
    key = Visitor(host).key
    script = f'<script src="{tidings_site.origin}/plugins/webform/embed.js" data-form="{key}"'
    pages = {
        "/inline": f"{script} async></script>",
        "/button": f'{"<p>Boots.</p>" * 60}{script} data-mode="button" data-label="Write to us" async></script>',
        "/frame": f'<iframe src="{tidings_site.origin}/plugins/webform/f/{key}/frame" title="Contact" width="100%"></iframe>'
        f"{script.partition(' data-form')[0]} async></script>",
        "/placed": f'<div id="here"></div><p id="after">After.</p>{script} data-target="#here" async></script>',
    }

    def answer(request: Request) -> Response:
        body = pages.get(request.path)
        html = f'<!doctype html><html lang="en"><title>Shop</title><main><h1>Boots</h1>{body}</main></html>'
        policy = {"Content-Security-Policy": STRICT.format(tidings_site.origin)}
        return Response(html, status=200 if body else 404, mimetype="text/html", headers=policy)

    with running(answer) as site:
        yield site
