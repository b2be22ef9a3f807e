"""Consent and tokens at Google and Microsoft: on emulators that others wrote, and what goes wrong on a server of ours."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import AuthExpired, RateLimited, Rejected, Unavailable
from connectors.mail_oauth import (
    GOOGLE,
    MICROSOFT,
    PROVIDERS,
    OAuthApplication,
    authorisation_request,
    exchange_code,
    refresh,
)
from connectors.transport import ProviderSession, create_session

PATHS = {
    "google": ("/o/oauth2/v2/auth", "/oauth2/token"),
    "microsoft": ("/oauth2/v2.0/authorize", "/oauth2/v2.0/token"),
}
PLAIN = OAuthApplication("desk", "client-secret", "https://login.example.test/token")


@pytest.fixture
def session() -> Iterator[ProviderSession]:
    with create_session(retries=0, connect_timeout_s=3, read_timeout_s=3) as session:
        yield session


@pytest.fixture(params=["google", "microsoft"])
def emulated(request: pytest.FixtureRequest) -> tuple[Any, OAuthApplication]:
    """An emulator and the application it knows."""
    server = request.getfixturevalue("emulate" if request.param == "google" else "emulate_microsoft")
    authorise, token = (f"{server.url}{path}" for path in PATHS[request.param])
    provider = PROVIDERS[request.param]
    return server, OAuthApplication(
        server.CLIENT_ID,
        server.CLIENT_SECRET,
        token,
        authorise,
        server.REDIRECT_URI,
        provider.scopes,
        options=provider.options,
    )


class TokenAddress:
    """Gives one answer to everything; `asked` lists (path, form)."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/token"
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status, self.body = 200, b""

    def answers(self, body: object, status: int = 200) -> None:
        self.status, self.body = status, body.encode() if isinstance(body, str) else json.dumps(body).encode()


@pytest.fixture
def token_address() -> Iterator[TokenAddress]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            address.asked.append((self.path, {name: values[0] for name, values in sent.items()}))
            self.send_response(address.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(address.body)))
            self.end_headers()
            self.wfile.write(address.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = TokenAddress(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield address
        server.shutdown()


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_consent_leads_to_tokens_that_can_be_renewed(emulated: Any, session: ProviderSession) -> None:
    server, application = emulated
    address = server.new_mailbox().address
    asked = authorisation_request(application, state="a state", login_hint=address)
    back = query_of(server.agree(asked.url, address))
    tokens = exchange_code(session, application, back["code"], asked.code_verifier)

    assert back["state"] == "a state"
    assert tokens.address == address
    assert tokens.scopes >= set(application.scopes) - {"offline_access"}
    assert tokens.refresh_token
    renewed = refresh(session, application, tokens.refresh_token)
    assert renewed.access_token != tokens.access_token
    if "v2.0" in application.token_url:
        assert renewed.refresh_token, "Microsoft replaces it at each use"
        with pytest.raises(AuthExpired) as caught:
            refresh(session, application, tokens.refresh_token)
        assert caught.value.code == "invalid_grant"
    else:
        assert renewed.refresh_token is None, "Google keeps it"


def test_a_code_is_worthless_to_who_caught_it(emulated: Any, session: ProviderSession) -> None:
    server, application = emulated
    address = server.new_mailbox().address
    asked = authorisation_request(application, state="s")
    code = query_of(server.agree(asked.url, address))["code"]

    with pytest.raises(AuthExpired):
        exchange_code(session, application, code, "another-verifier-of-somebody-else-who-caught-the-code")
    with pytest.raises(AuthExpired) as caught:
        exchange_code(session, replace(application, client_secret="wrong"), code, asked.code_verifier)
    assert caught.value.code == "invalid_client"


def test_browsers_are_sent_with_what_each_provider_wants() -> None:
    google, microsoft = (
        query_of(authorisation_request(_application(provider), state="s", login_hint="ada@example.test").url)
        for provider in (GOOGLE, MICROSOFT)
    )
    assert (google["access_type"], google["prompt"]) == ("offline", "consent")
    assert google["scope"] == "https://mail.google.com/ openid email"
    assert microsoft["prompt"] == "select_account"
    assert "offline_access" in microsoft["scope"]
    for query in (google, microsoft):
        assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
        assert query["login_hint"] == "ada@example.test"
    assert google["code_challenge"] != microsoft["code_challenge"]


def _application(provider: Any) -> OAuthApplication:
    return OAuthApplication(
        "desk",
        "s",
        provider.token,
        provider.authorise,
        "https://x.test/back",
        provider.scopes,
        options=provider.options,
    )


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "AADSTS700082: expired. Trace ID: 7"}, AuthExpired),
        (400, {"error": "interaction_required"}, AuthExpired),
        (401, {"error": "invalid_client"}, AuthExpired),
        (200, {"error": "invalid_grant"}, AuthExpired),
        (400, {"error": "temporarily_unavailable"}, Unavailable),
        (400, {"error": "invalid_scope"}, Rejected),
        (429, {"error": "slow_down"}, RateLimited),
        (503, "Sorry", Unavailable),
        (200, "<html>", Unavailable),
        (200, ["nonsense"], Unavailable),
        (200, {"access_token": ["a"]}, Unavailable),
        (307, "", Rejected),
    ],
)
def test_what_goes_wrong_is_told_apart(
    token_address: TokenAddress, session: ProviderSession, status: int, body: object, error: type[Exception]
) -> None:
    token_address.answers(body, status)

    with pytest.raises(error) as caught:
        refresh(session, replace(PLAIN, token_url=token_address.url), "refresh-0")
    assert [path for path, _ in token_address.asked] == ["/token"], "a redirect does not carry our secrets elsewhere"
    assert not any(word in str(caught.value) for word in ("refresh-0", "client-secret", "Trace ID"))


def test_ends_and_scopes_are_read_as_providers_write_them(
    token_address: TokenAddress, session: ProviderSession
) -> None:
    answer = {"access_token": "a", "expires_in": "1800", "refresh_token_expires_in": 604799, "id_token": "no token"}
    token_address.answers(answer)
    tokens = refresh(session, replace(PLAIN, token_url=token_address.url), "r")
    assert (tokens.expires_in_s, tokens.refresh_expires_in_s) == (1800, 604799)
    assert (tokens.refresh_token, tokens.scopes, tokens.address) == (None, frozenset(), "")


def test_an_application_without_a_secret_and_with_scopes_says_so(
    token_address: TokenAddress, session: ProviderSession
) -> None:
    token_address.answers({"access_token": "a", "refresh_token": "r"})
    public = replace(PLAIN, token_url=token_address.url, client_secret="", refresh_scopes=("mail", "offline"))
    assert refresh(session, public, "r").refresh_token is None, "the same one is no new one"
    assert token_address.asked[0][1] == {
        "grant_type": "refresh_token",
        "refresh_token": "r",
        "client_id": "desk",
        "scope": "mail offline",
    }


def test_tokens_go_to_the_providers_own_servers() -> None:
    assert GOOGLE.keeps("imap.gmail.com")
    assert MICROSOFT.keeps("Outlook.Office365.com.")
    assert not GOOGLE.keeps("imap.gmail.com.example.net")
    assert not GOOGLE.keeps("notgmail.com")


def test_secrets_stand_in_no_log_and_no_repr(emulated: Any, session: ProviderSession, caplog: Any) -> None:
    server, application = emulated
    asked = authorisation_request(application, state="a-state-nobody-knows")
    code = query_of(server.agree(asked.url, server.new_mailbox().address))["code"]
    caplog.clear()
    caplog.set_level(logging.DEBUG)

    tokens = exchange_code(session, application, code, asked.code_verifier)

    said = caplog.text + repr(tokens) + repr(application) + repr(asked)
    for secret in (
        tokens.refresh_token,
        tokens.access_token,
        application.client_secret,
        asked.code_verifier,
        asked.state,
        code,
    ):
        assert secret not in said
