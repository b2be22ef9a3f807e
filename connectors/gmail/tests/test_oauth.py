"""Consent, tokens and their end: on the emulator as far as it goes, the rest on a fake of ours."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.errors import AuthExpired, RateLimited, Unavailable
from connectors.gmail import (
    SCOPE_MODIFY,
    GmailClient,
    GoogleClient,
    authorisation_request,
    exchange_code,
    refresh,
    revoke,
)
from connectors.transport import ProviderSession


def _consent(emulate: Any, url: str, address: str) -> dict[str, str]:
    """Agree as a browser would, and return what it comes back with."""
    back = urlsplit(emulate.agree(url, address)).query
    return {name: values[0] for name, values in parse_qs(back).items()}


def test_consent_leads_to_a_mailbox(
    emulate: Any, emulated_mailbox: Any, emulated_application: GoogleClient, session: ProviderSession
) -> None:
    asked = authorisation_request(emulated_application, ["openid", SCOPE_MODIFY])
    came_back = _consent(emulate, asked.url, emulated_mailbox.address)

    tokens = exchange_code(session, emulated_application, came_back["code"], asked.code_verifier)

    assert came_back["state"] == asked.state
    assert tokens.refresh_token
    assert tokens.expires_in_s == 3600
    assert tokens.scopes == {"openid", SCOPE_MODIFY}
    gmail = GmailClient(session, lambda: tokens.access_token, endpoint=emulate.url)
    assert gmail.send_as()[0].email_address == emulated_mailbox.address


def test_refresh_token_works_until_it_is_revoked(
    emulate: Any, emulated_mailbox: Any, emulated_application: GoogleClient, session: ProviderSession
) -> None:
    asked = authorisation_request(emulated_application, [SCOPE_MODIFY])
    code = _consent(emulate, asked.url, emulated_mailbox.address)["code"]
    first = exchange_code(session, emulated_application, code, asked.code_verifier)
    assert first.refresh_token

    second = refresh(session, emulated_application, first.refresh_token)

    assert second.access_token != first.access_token
    assert second.refresh_token is None
    gmail = GmailClient(session, lambda: second.access_token, endpoint=emulate.url)
    assert gmail.send_as()[0].email_address == emulated_mailbox.address
    revoke(session, emulated_application, first.refresh_token)
    with pytest.raises(AuthExpired) as caught:
        refresh(session, emulated_application, first.refresh_token)
    assert caught.value.code == "invalid_grant"


def test_code_is_worthless_without_its_verifier_and_after_its_use(
    emulate: Any, emulated_mailbox: Any, emulated_application: GoogleClient, session: ProviderSession
) -> None:
    asked = authorisation_request(emulated_application, [SCOPE_MODIFY])
    code = _consent(emulate, asked.url, emulated_mailbox.address)["code"]

    with pytest.raises(AuthExpired):
        exchange_code(session, emulated_application, code, "another-verifier-of-somebody-else-who-caught-the-code")
    exchange_code(session, emulated_application, code, asked.code_verifier)
    with pytest.raises(AuthExpired):
        exchange_code(session, emulated_application, code, asked.code_verifier)


def test_wrong_client_secret_is_auth_expired(emulated_application: GoogleClient, session: ProviderSession) -> None:
    known = emulated_application
    wrong = GoogleClient(known.client_id, "wrong", known.redirect_uri, known.endpoints)

    with pytest.raises(AuthExpired) as caught:
        refresh(session, wrong, "any")

    assert caught.value.code == "invalid_client"


def test_browser_is_sent_with_everything_google_wants(application: GoogleClient) -> None:
    one = authorisation_request(application, ["a", "b"], login_hint="ada@example.test")
    other = authorisation_request(application, ["a", "b"])

    query = {name: values[0] for name, values in parse_qs(urlsplit(one.url).query).items()}
    assert query["client_id"] == application.client_id
    assert query["redirect_uri"] == application.redirect_uri
    assert query["scope"] == "a b"
    assert (query["access_type"], query["prompt"], query["response_type"]) == ("offline", "consent", "code")
    assert query["code_challenge_method"] == "S256"
    assert query["login_hint"] == "ada@example.test"
    assert query["state"] == one.state
    assert one.code_verifier not in one.url
    assert len({one.state, other.state, one.code_verifier, other.code_verifier}) == 4


def test_refresh_waits_out_trouble(fake_gmail: Any, application: GoogleClient, session: ProviderSession) -> None:
    refresh_token, _ = fake_gmail.office.grant()

    with fake_gmail.fault("server_trouble"), pytest.raises(Unavailable):
        refresh(session, application, refresh_token)
    with fake_gmail.fault("rate_limited"), pytest.raises(RateLimited):
        refresh(session, application, refresh_token)
    with fake_gmail.fault("garbage"), pytest.raises(Unavailable):
        refresh(session, application, refresh_token)
    with fake_gmail.fault("cut_connection"), requests.Session() as plain, pytest.raises(Unavailable):
        refresh(plain, application, refresh_token)
    assert refresh(session, application, refresh_token).access_token


def test_new_access_token_opens_the_mailbox_after_the_old_one_expired(
    fake_gmail: Any, application: GoogleClient, session: ProviderSession
) -> None:
    refresh_token, old = fake_gmail.office.grant()
    fake_gmail.office.expire_access_tokens()
    with pytest.raises(AuthExpired):
        GmailClient(session, lambda: old, endpoint=fake_gmail.address).profile()

    new = refresh(session, application, refresh_token).access_token

    assert GmailClient(session, lambda: new, endpoint=fake_gmail.address).profile()


def test_revoking_takes_every_token_of_the_consent(
    fake_gmail: Any, application: GoogleClient, session: ProviderSession
) -> None:
    refresh_token, access_token = fake_gmail.office.grant()

    revoke(session, application, refresh_token)
    revoke(session, application, refresh_token)

    with pytest.raises(AuthExpired):
        GmailClient(session, lambda: access_token, endpoint=fake_gmail.address).profile()


def test_revoking_says_when_it_failed(fake_gmail: Any, application: GoogleClient, session: ProviderSession) -> None:
    with fake_gmail.fault("server_trouble"), pytest.raises(Unavailable):
        revoke(session, application, "any")


def test_secrets_stand_in_no_log_and_no_repr(
    fake_gmail: Any, application: GoogleClient, session: ProviderSession, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    refresh_token, _ = fake_gmail.office.grant()

    tokens = refresh(session, application, refresh_token)
    asked = authorisation_request(application, ["a"])

    said = caplog.text + repr(tokens) + repr(application) + repr(asked)
    for secret in (refresh_token, tokens.access_token, application.client_secret, asked.code_verifier, asked.state):
        assert secret not in said
