"""A provider for tests: a real HTTP server on loopback that answers as you say, remembers what it was asked, and can be put in trouble.

What a channel sends through `host.http` comes here instead (`stand_in_for`), over a real socket and through the real HTTP client.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import HTTPAdapter
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from app.plugin_api.headers import Headers

__all__ = ["Answer", "Asked", "FakeProvider"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in. `server` is the name that was called, names of headers may be written in any case, `values` fill the
    rule's places."""

    method: str
    server: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", Headers(self.headers))

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. A body that is no text and no bytes is sent as JSON."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Callable[[Asked], object]
_FORMAT: Mapping[type, str] = {str: "text/plain; charset=utf-8", bytes: "application/octet-stream"}


class FakeProvider:
    """`@provider.on("/messages", "GET")` above a function that gets `Asked` and gives JSON, text, bytes or an `Answer`.

    `asked` lists every request; `latency_s` passes before each answer. Close it at the end, or use it in a `with`.
    """

    RETRY_AFTER_S = 37
    SILENCE_S = 1.0
    FAULTS: Mapping[str, Answer | None] = {
        "expired_credential": Answer(401, {"error": "The token has expired."}),
        "rate_limited": Answer(429, {"error": "Too many requests."}, {"Retry-After": str(RETRY_AFTER_S)}),
        "server_trouble": Answer(500, "Something went wrong."),
        "refused": Answer(422, {"error": "This cannot be accepted."}),
        "gone": Answer(404, {"error": "This is not here any more."}),
        "garbage": Answer(200, "<html>This is not what you are waiting for", {"Content-Type": "text/html"}),
        "cut_connection": None,
        "silence": None,
    }
    """What can go wrong: the answer that takes the place of the right one. A cut connection has none; silence lasts `SILENCE_S`."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.latency_s = 0.0
        self._trouble = ""
        self._good_ones = 0
        self._functions: list[Answering] = []
        self._rules: list[tuple[str, tuple[str, ...]]] = []
        self._map: Map | None = None
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens: "http://127.0.0.1:40123"."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def on(self, rule: str, *methods: str) -> Callable[[Answering], Answering]:
        """Answer `rule` ("/messages/<int:number>") for these methods, or for GET."""

        def take(function: Answering) -> Answering:
            self._functions.append(function)
            self._rules.append((rule, methods or ("GET",)))
            self._map = None
            return function

        return take

    def stand_in_for(self, session: requests.Session, *servers: str) -> None:
        """From now on what `session` sends to `servers` ("https://api.example.com") comes here; without any, whatever it sends."""
        for server in servers or ("https://", "http://"):
            session.mount(server, _StandIn(self.address))

    @contextmanager
    def fault(self, name: str, *, after: int = 0) -> Iterator[None]:
        """Behave badly for a while, once `after` more requests were answered well. `name` is one of `FAULTS`."""
        if name not in self.FAULTS:
            raise LookupError(f"there is no fault {name!r}; there are {', '.join(self.FAULTS)}")
        self._trouble, self._good_ones = name, after
        try:
            yield
        finally:
            self._trouble = ""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, asked: Asked) -> Answer | None:
        """The answer to a request, or None when the connection is to be cut. Called by the server, in a thread of each connection."""
        time.sleep(self.latency_s)
        trouble = self._trouble if self._good_ones <= 0 else ""
        self._good_ones -= 1
        if trouble == "silence":
            time.sleep(self.SILENCE_S)
        if trouble:
            self.asked.append(asked)
            return self.FAULTS[trouble]
        try:
            number, values = self._matcher().bind("").match(asked.path, asked.method)
        except HTTPException as error:
            return Answer(error.code or 404, f"{error.name}: {asked.method} {asked.path}")
        asked = Asked(asked.method, asked.server, asked.path, asked.query, asked.headers, asked.body, values)
        self.asked.append(asked)
        said = self._functions[number](asked)
        return said if isinstance(said, Answer) else Answer(200, said)

    def _matcher(self) -> Map:
        """The rules, compiled once for as long as none is added."""
        found = self._map
        if found is None:
            found = Map([Rule(rule, endpoint=n, methods=methods) for n, (rule, methods) in enumerate(self._rules)])
            self._map = found
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, provider: FakeProvider) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.provider = provider


class _Connection(BaseHTTPRequestHandler):
    """One connection; every method is answered by the provider."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms for the first's receipt

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if self.raw_requestline and self.parse_request():
                self._answer()
            else:
                self.close_connection = True
        except OSError:
            self.close_connection = True  # whoever asked has gone

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            server=self.headers.get("Host", ""),
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=dict(self.headers.items()),
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        answer = self.server.provider.answer(asked)
        if answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        body = answer.body
        kind = _FORMAT.get(type(body), "application/json")
        data = (
            body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        )
        self.send_response(answer.status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: tests look at `FakeProvider.asked`."""


class _StandIn(HTTPAdapter):
    """Sends what is meant for another server to the fake one; the response keeps the address that was asked."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        sent = request.copy()
        sent.headers["Host"] = parts.netloc
        sent.url = f"{self._address}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        response = super().send(sent, *args, **{**kwargs, "proxies": {}})
        response.url, response.request = request.url or "", request
        return response
