"""Signing in with PKCE, refreshing, giving back; the app's own token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.errors import AuthExpired, Unavailable
from connectors.x_api import (
    SCOPES,
    UserToken,
    XApp,
    XClient,
    XRejected,
    app_token,
    authorisation_url,
    exchange_code,
    new_code_verifier,
    refresh,
    revoke,
)


def consent(url: str) -> dict[str, str]:
    """Where the page of consent sends the browser back to, as its query."""
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.mark.parametrize("is_public", [False, True])
def test_a_code_becomes_tokens_that_work(app: XApp, fake_x: Any, session: Any, clock: Any, is_public: bool) -> None:
    if is_public:
        fake_x.client_secret, app = "", replace(app, client_secret="")
    verifier = new_code_verifier()
    back = consent(authorisation_url(app, "state-1", verifier))
    assert back["state"] == "state-1"
    tokens = exchange_code(session, app, back["code"], verifier)
    assert tokens.scopes == frozenset(SCOPES)
    assert tokens.expires_in_s == 7200
    assert XClient(UserToken(tokens.access_token), base_url=fake_x.address, session=session, now=clock).me()
    newer = refresh(session, app, tokens.refresh_token)
    assert newer.refresh_token != tokens.refresh_token
    with pytest.raises(AuthExpired):
        refresh(session, app, tokens.refresh_token)
    revoke(session, app, newer.access_token)
    with pytest.raises(AuthExpired):
        refresh(session, app, newer.refresh_token)


def test_a_code_is_good_for_its_verifier_and_for_thirty_seconds(app: XApp, session: Any, clock: Any) -> None:
    verifier = new_code_verifier()
    url = authorisation_url(app, "s", verifier)
    with pytest.raises(XRejected):
        exchange_code(session, app, consent(url)["code"], "another-verifier")
    code = consent(url)["code"]
    clock.pass_by(seconds=31)
    with pytest.raises(XRejected):
        exchange_code(session, app, code, verifier)


def test_a_declined_consent_comes_back_as_such(app: XApp, fake_x: Any) -> None:
    fake_x.person_declines = True
    assert consent(authorisation_url(app, "s", new_code_verifier())) == {"error": "access_denied", "state": "s"}


def test_a_wrong_secret_is_refused(app: XApp, session: Any) -> None:
    verifier = new_code_verifier()
    url = authorisation_url(app, "s", verifier)
    with pytest.raises(AuthExpired):
        exchange_code(session, replace(app, client_secret="other"), consent(url)["code"], verifier)


def test_the_app_gets_a_token_of_its_own(app: XApp, fake_x: Any, session: Any) -> None:
    assert app_token(session, app) == fake_x.app_token
    with pytest.raises(AuthExpired):
        app_token(session, replace(app, consumer_secret="other"))


def test_an_answer_that_is_no_token_is_trouble_for_now(app: XApp, fake_x: Any, session: Any) -> None:
    with fake_x.fault("garbage"):
        for ask in (lambda: refresh(session, app, "r"), lambda: app_token(session, app)):
            with pytest.raises(Unavailable):
                ask()


def test_secrets_do_not_show(app: XApp) -> None:
    assert app.client_secret not in repr(app)
    assert app.consumer_secret not in repr(app)
