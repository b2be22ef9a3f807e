"""A web server in a thread that speaks TLS with the test's certificate and has the pages a test gives it."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

__all__ = ["Page", "WebServer"]


@dataclass(frozen=True)
class Page:
    """One answer. With `pause_s`, its bytes leave one by one with such pauses."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pause_s: float = 0.0


class WebServer:
    """`pages` by host and path without its query ("www.example.test/a.xml"); `asked` holds hosts and whole paths in order."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
                host = (self.headers["Host"] or "").partition(":")[0]
                web.asked.append(f"{host}{self.path}")
                page = web.pages.get(f"{host}{self.path.partition('?')[0]}", Page(status=404))
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(page.body)))
                self.end_headers()
                for byte in [page.body] if not page.pause_s else [bytes([each]) for each in page.body]:
                    self.wfile.write(byte)
                    time.sleep(page.pause_s)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        return Handler
