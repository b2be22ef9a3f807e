"""One service account opens the mailboxes of a domain, if the admin allowed it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import AuthExpired, Unavailable
from connectors.gmail import SCOPE_MODIFY, GmailClient, ServiceAccount, delegated_tokens
from connectors.transport import ProviderSession


def test_delegated_token_opens_the_mailbox(fake_gmail: Any, session: ProviderSession) -> None:
    fake_gmail.office.delegated.add(SCOPE_MODIFY)
    account = ServiceAccount.from_key_file(fake_gmail.office.key_file())

    tokens = delegated_tokens(
        session, account, fake_gmail.mailbox, [SCOPE_MODIFY], token_url=f"{fake_gmail.address}/token"
    )

    assert tokens.refresh_token is None
    assert tokens.scopes == {SCOPE_MODIFY}
    gmail = GmailClient(session, lambda: tokens.access_token, user=fake_gmail.mailbox, endpoint=fake_gmail.address)
    assert gmail.profile().email_address == fake_gmail.mailbox


def test_delegation_that_the_admin_has_not_allowed_is_auth_expired(fake_gmail: Any, session: ProviderSession) -> None:
    account = ServiceAccount.from_key_file(fake_gmail.office.key_file())

    with pytest.raises(AuthExpired) as caught:
        delegated_tokens(session, account, "ada@example.test", [SCOPE_MODIFY], token_url=f"{fake_gmail.address}/token")

    assert caught.value.code == "unauthorized_client"


def test_address_that_nobody_has_is_auth_expired(fake_gmail: Any, session: ProviderSession) -> None:
    fake_gmail.office.delegated.add(SCOPE_MODIFY)
    fake_gmail.office.people = {fake_gmail.mailbox}
    account = ServiceAccount.from_key_file(fake_gmail.office.key_file())

    with pytest.raises(AuthExpired, match="Invalid email"):
        delegated_tokens(
            session, account, "nobody@example.test", [SCOPE_MODIFY], token_url=f"{fake_gmail.address}/token"
        )


def test_clock_that_is_wrong_is_auth_expired(fake_gmail: Any, session: ProviderSession) -> None:
    fake_gmail.office.delegated.add(SCOPE_MODIFY)
    account = ServiceAccount.from_key_file(fake_gmail.office.key_file())
    yesterday = datetime.now(UTC) - timedelta(days=1)

    with pytest.raises(AuthExpired):
        delegated_tokens(
            session, account, "a@b", [SCOPE_MODIFY], token_url=f"{fake_gmail.address}/token", now=yesterday
        )


@pytest.mark.parametrize("fault", ["server_trouble", "garbage", "cut_connection"])
def test_trouble_is_unavailable(fake_gmail: Any, session: ProviderSession, fault: str) -> None:
    account = ServiceAccount.from_key_file(fake_gmail.office.key_file())

    with fake_gmail.fault(fault), pytest.raises(Unavailable):
        delegated_tokens(session, account, "a@b", ["x"], token_url=f"{fake_gmail.address}/token")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "authorized_user"}, "not the key file of a service account"),
        ({"client_email": None}, "no client_email"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"}, "cannot be read"),
    ],
)
def test_key_file_that_is_wrong_is_described(fake_gmail: Any, change: dict[str, object], words: str) -> None:
    content = json.loads(fake_gmail.office.key_file()) | change

    with pytest.raises(ValueError, match=words) as caught:
        ServiceAccount.from_key_file(json.dumps(content))

    assert "c2VjcmV0" not in str(caught.value)


def test_text_that_is_no_key_file_is_described() -> None:
    with pytest.raises(ValueError, match="not a JSON file"):
        ServiceAccount.from_key_file("nonsense")
    with pytest.raises(ValueError, match="not the key file"):
        ServiceAccount.from_key_file("[]")


def test_private_key_stands_in_no_repr(fake_gmail: Any) -> None:
    account = ServiceAccount.from_key_file(fake_gmail.office.key_file())

    assert "PRIVATE" not in repr(account)
    assert account.email in repr(account)
