"""Access to many mailboxes of one Workspace domain through a service account whose domain-wide delegation the admin allowed.

Source: https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from connectors.errors import Unavailable
from connectors.gmail.faults import from_answer
from connectors.gmail.oauth import GOOGLE, Tokens
from connectors.transport import error_from_exception

if TYPE_CHECKING:
    from google.auth import crypt

__all__ = ["ServiceAccount", "delegated_tokens"]

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_S = 3600


@dataclass(frozen=True)
class ServiceAccount:
    """The parts of a service account's key file that matter. `client_id` is what the domain's admin allows scopes for."""

    email: str
    client_id: str
    key_id: str
    private_key: str = field(repr=False)

    @classmethod
    def from_key_file(cls, text: str) -> ServiceAccount:
        """Return the account of a JSON key file. Raises ValueError with a sentence that says what is wrong, and no part of the key.

        The file's own `token_uri` is not followed: whoever writes the file must not choose where we send signatures.
        """
        try:
            content = json.loads(text)
        except ValueError:
            raise ValueError("This is not a JSON file.") from None
        if not isinstance(content, dict) or content.get("type") != "service_account":
            raise ValueError("This is not the key file of a service account.")
        missing = [name for name in ("client_email", "private_key") if not isinstance(content.get(name), str)]
        if missing:
            raise ValueError(f"The key file has no {' and no '.join(missing)}.")
        account = cls(
            email=content["client_email"],
            client_id=str(content.get("client_id", "")),
            key_id=str(content.get("private_key_id", "")),
            private_key=content["private_key"],
        )
        account.signer()
        return account

    def signer(self) -> crypt.Signer:
        """Return what signs for the account. Raises ValueError for a private key that is none."""
        from google.auth import crypt

        try:
            return crypt.RSASigner.from_string(self.private_key, self.key_id or None)
        except (ValueError, TypeError):
            raise ValueError("The private key in the key file cannot be read.") from None


def delegated_tokens(
    session: requests.Session,
    account: ServiceAccount,
    mailbox: str,
    scopes: Iterable[str],
    *,
    token_url: str = GOOGLE.token,
    now: datetime | None = None,
) -> Tokens:
    """Return an access token for the `mailbox` (an address of the domain). There is no refresh token: ask again.

    Raises AuthExpired when the key was deleted, the admin has not allowed these scopes, or nobody has that address; else
    RateLimited, Unavailable, Rejected.
    """
    asked = " ".join(scopes)
    data = {"grant_type": GRANT, "assertion": _assertion(account, mailbox, asked, token_url, now or datetime.now(UTC))}
    try:
        response = session.request("POST", token_url, data=data)
    except requests.RequestException as error:
        raise error_from_exception(error, "POST", token_url) from None
    host = urlsplit(token_url).hostname or "Google"
    if response.status_code >= 300:
        raise from_answer(response.status_code, response.headers, response.content, host)
    try:
        answer = response.json()
        return Tokens(answer["access_token"], int(answer.get("expires_in", LIFETIME_S)), frozenset(asked.split()))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unavailable(f"{host} gave an answer that is not understood.", step="login") from None


def _assertion(account: ServiceAccount, mailbox: str, scope: str, token_url: str, now: datetime) -> str:
    from google.auth import jwt

    issued_at = int(now.timestamp())
    claims = {
        "iss": account.email,
        "sub": mailbox,
        "scope": scope,
        "aud": token_url,
        "iat": issued_at,
        "exp": issued_at + LIFETIME_S,
    }
    return jwt.encode(account.signer(), claims).decode("ascii")
