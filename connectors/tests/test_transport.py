"""The HTTP session: time-outs, retries that do no harm, typed errors, no secrets in logs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.transport import create_session, redact, retry_after_s


class Provider:
    """A web service that answers from a list; the last answer repeats."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, b"{}")]
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.delay_s = 0.0
        self.cuts = False
        self.url = ""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer from now on, after what is already in the list, with this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, body))

    def next(self) -> tuple[int, dict[str, str], bytes]:
        """Return the answer that is due."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A running provider."""
    provider = Provider()
    provider.answers.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            provider.seen.append((self.command, self.path, dict(self.headers)))
            time.sleep(provider.delay_s)
            if provider.cuts:
                self.connection.close()
                return
            status, headers, body = provider.next()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_GET  # noqa: N815 - names the base class wants

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()


def test_get_is_tried_again_after_a_server_error(provider: Provider) -> None:
    provider.answer(503)
    provider.answer(200, b"fine")

    assert create_session().call("GET", provider.url).text == "fine"
    assert len(provider.seen) == 2


def test_post_is_never_tried_again(provider: Provider) -> None:
    provider.answer(503)
    provider.answer(200)

    with pytest.raises(Unavailable):
        create_session().call("POST", provider.url)
    assert len(provider.seen) == 1


def test_short_retry_after_is_waited_for(provider: Provider) -> None:
    provider.answer(429, Retry_After="1")
    provider.answer(200)

    started = time.monotonic()
    create_session().call("GET", provider.url)

    assert time.monotonic() - started >= 1


def test_long_retry_after_reaches_the_caller_at_once(provider: Provider) -> None:
    provider.answer(429, Retry_After="3600")

    started = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        create_session().call("GET", provider.url)

    assert caught.value.retry_after_s == 3600
    assert time.monotonic() - started < 1
    assert len(provider.seen) == 1


def test_retry_after_may_be_a_date(provider: Provider) -> None:
    at = datetime.now(UTC) + timedelta(seconds=100)
    provider.answer(429, Retry_After=format_datetime(at, usegmt=True))

    wait_s = retry_after_s(create_session().request("POST", provider.url))

    assert wait_s is not None
    assert 95 < wait_s <= 100


@pytest.mark.parametrize("value", ["soon", "", "99-99-99"])
def test_nonsense_in_retry_after_counts_as_none(provider: Provider, value: str) -> None:
    provider.answer(429, Retry_After=value)

    with pytest.raises(RateLimited) as caught:
        create_session(retries=0).call("POST", provider.url)
    assert caught.value.retry_after_s is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, AuthExpired), (403, Rejected), (404, Rejected), (408, Unavailable), (500, Unavailable)],
)
def test_statuses_become_errors_with_the_providers_words(
    provider: Provider, status: int, kind: type[ConnectorError]
) -> None:
    provider.answer(status, b'{"error": "because", "access_token": "t0ken"}')

    with pytest.raises(kind) as caught:
        create_session(retries=0).call("GET", provider.url)

    assert type(caught.value) is kind
    assert caught.value.code == status
    assert "because" in caught.value.reason
    assert "t0ken" not in caught.value.reason


def test_slow_provider_is_unavailable_and_a_post_may_have_worked(provider: Provider) -> None:
    provider.answer(200)
    provider.delay_s = 1
    session = create_session(read_timeout_s=0.2, retries=0)

    with pytest.raises(Unavailable) as post:
        session.request("POST", provider.url)
    with pytest.raises(Unavailable) as get:
        session.request("GET", provider.url)

    assert (post.value.step, post.value.outcome_unknown) == ("request", True)
    assert (get.value.step, get.value.outcome_unknown) == ("request", False)


def test_cut_connection_leaves_the_outcome_of_a_post_unknown(provider: Provider) -> None:
    provider.cuts = True

    with pytest.raises(Unavailable) as caught:
        create_session(retries=0).request("POST", provider.url)

    assert (caught.value.step, caught.value.outcome_unknown) == ("request", True)


def test_nobody_listening_is_unavailable_at_connect_and_safe_to_repeat() -> None:
    with pytest.raises(Unavailable) as caught:
        create_session(retries=0).request("POST", "http://127.0.0.1:1/x?access_token=t0ken")

    assert (caught.value.step, caught.value.outcome_unknown) == ("connect", False)
    assert "t0ken" not in caught.value.reason


def test_tls_trouble_is_unavailable_at_tls(provider: Provider) -> None:
    with pytest.raises(Unavailable) as caught:
        create_session(retries=0).request("GET", provider.url.replace("http:", "https:"))

    assert caught.value.step == "tls"


def test_impossible_address_is_rejected() -> None:
    with pytest.raises(Rejected):
        create_session().request("GET", "nonsense")


def test_netrc_never_replaces_a_token(provider: Provider, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password hunter2\n")  # type: ignore[operator]
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))  # type: ignore[operator]
    provider.answer(200)

    create_session().request("GET", provider.url, headers={"Authorization": "Bearer t0ken"})

    assert provider.seen[0][2]["Authorization"] == "Bearer t0ken"


def test_logs_hold_no_secrets(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    provider.answer(503)
    provider.answer(200)
    with caplog.at_level(logging.DEBUG):
        create_session().request("GET", provider.url + "/me?access_token=t0ken&fields=name")

    assert "t0ken" not in caplog.text
    assert "fields=name" in caplog.text
    assert "urllib3.connectionpool" in {record.name for record in caplog.records}


@pytest.mark.parametrize(
    "text",
    [
        "GET /x?access_token=t0ken&a=1",
        "GET /x?a=1&client_secret=t0ken",
        "POST key=t0ken",
        "Authorization: Bearer t0ken.abc",
        '{"refresh_token": "t0ken"}',
        "https://ada:t0ken@example.test/",
        "appsecret_proof=t0ken",
    ],
)
def test_redact_removes_secrets(text: str) -> None:
    assert "t0ken" not in redact(text)


@pytest.mark.parametrize("text", ["GET /x?page=2&fields=key_name", "The monkey = banana", "bearer of news"])
def test_redact_leaves_the_rest_alone(text: str) -> None:
    assert redact(text) == text
