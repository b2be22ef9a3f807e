"""Fetching files: only from where the caller allows, only so much, without giving the token away."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.meta_graph.media import META_HOSTS, download
from connectors.transport import create_session

Serve = Callable[[bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that serves raw bytes to each connection, at an address of its own."""
    opened: list[socket.socket] = []

    def start(answer: bytes, pause_s: float = 0.0) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with closing(connection):
                    asked.append(connection.recv(65536))
                    head, blank, body = answer.partition(b"\r\n\r\n")
                    connection.sendall(head + blank)
                    for number in range(0, len(body), 50_000) if body else ():
                        time.sleep(pause_s)
                        try:
                            connection.sendall(body[number : number + 50_000])
                        except OSError:
                            break

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    asked: list[bytes] = []
    start.asked = asked  # type: ignore[attr-defined]
    yield start
    for listener in opened:
        listener.close()


def fetch(url: str, hosts: Any, **options: Any) -> Any:
    return download(
        create_session(retries=0), url, most_bytes=options.pop("most_bytes", 1000), allowed_hosts=hosts, **options
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.test/a.jpg",
        "https://fbcdn.net.evil.example.test/a.jpg",
        "https://evilfbcdn.net/a.jpg",
        "http://scontent.fbcdn.net/a.jpg",
        "https://scontent.fbcdn.net:8443/a.jpg",
        "https://ada@scontent.fbcdn.net/a.jpg",
        "https://scontent.fbcdn.net@evil.example.test/a.jpg",
        "https://127.0.0.1/a.jpg",
        "file:///etc/passwd",
        "//scontent.fbcdn.net/a.jpg",
        "https://[::1/a.jpg",
        "",
    ],
)
def test_other_servers_are_never_asked(url: str) -> None:
    with pytest.raises(Rejected) as caught:
        fetch(url, META_HOSTS)
    assert caught.value.code == "host_not_allowed"


def test_a_redirect_to_another_server_is_not_followed(serve: Serve) -> None:
    inner = serve(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsecret")
    outer = serve(
        f"HTTP/1.1 302 Found\r\nLocation: {inner}/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )

    with pytest.raises(Rejected) as caught:
        fetch(outer, [outer])
    assert caught.value.code == "host_not_allowed"
    assert len(serve.asked) == 1  # type: ignore[attr-defined]


def test_the_token_stays_with_the_first_server(serve: Serve) -> None:
    inner = serve(b"HTTP/1.1 200 OK\r\nContent-Type: image/PNG; x=y\r\nConnection: close\r\n\r\npicture")
    outer = serve(
        f"HTTP/1.1 302 Found\r\nLocation: {inner}/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )
    got = fetch(outer, [outer, inner], headers={"Authorization": "Bearer t0ken"})
    first, second = serve.asked  # type: ignore[attr-defined]

    assert (got.content, got.content_type) == (b"picture", "image/png")
    assert b"t0ken" in first
    assert b"t0ken" not in second


def test_redirects_in_a_circle_end(serve: Serve) -> None:
    url = serve(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with pytest.raises(Rejected) as caught:
        fetch(url, [url])
    assert caught.value.code == "too_many_redirects"


@pytest.mark.parametrize("head", [b"Content-Length: 200000\r\n", b""])
def test_more_bytes_than_allowed_are_not_taken(serve: Serve, head: bytes) -> None:
    url = serve(b"HTTP/1.1 200 OK\r\n" + head + b"Connection: close\r\n\r\n" + b"x" * 200_000)

    with pytest.raises(Rejected) as caught:
        fetch(url, [url], most_bytes=100_000)
    assert caught.value.code == "too_big"


def test_a_file_that_breaks_off_or_drips_is_unavailable(serve: Any) -> None:
    broken = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf")
    dripping = serve(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 400_000, pause_s=0.15)

    with pytest.raises(Unavailable):
        fetch(broken, [broken])
    with pytest.raises(Unavailable):
        fetch(dripping, [dripping], most_bytes=10**6, timeout_s=0.3)


def test_an_address_that_ended_is_refused_with_its_status(fake_meta_graph: Any) -> None:
    with pytest.raises(ConnectorError) as caught:
        fetch(f"{fake_meta_graph.address}/files/4711", [fake_meta_graph.address])
    assert caught.value.code == 404


@pytest.mark.parametrize(
    ("status", "kind"), [(401, AuthExpired), (403, Rejected), (429, RateLimited), (503, Unavailable)]
)
def test_a_refusal_is_told_by_its_status_however_long_its_body(
    serve: Serve, status: int, kind: type[ConnectorError]
) -> None:
    url = serve(b"HTTP/1.1 %d No\r\nConnection: close\r\n\r\n" % status + b"x" * 10_000_000)

    started = time.monotonic()
    with pytest.raises(kind) as caught:
        fetch(url, [url])

    assert caught.value.code == status
    assert time.monotonic() - started < 2
