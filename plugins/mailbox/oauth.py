"""Access tokens for XOAUTH2: kept while they are good, refreshed when they are not (RFC 6749 §6). Pages to consent on are not ours."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from connectors.errors import AuthExpired, ConnectorError, Rejected
from connectors.transport import create_session, error_from_response
from plugins.mailbox.settings import OAuthClient
from tidings import Account, Host

__all__ = ["AccessToken"]

KEPT_AS = "access_token"
EARLY = timedelta(minutes=2)
_REFUSALS = {"invalid_grant", "invalid_client", "unauthorized_client", "interaction_required", "consent_required"}


class AccessToken:
    """The access token of one account during one connection. Calling it gives the token; what it raises is a `ConnectorError`."""

    def __init__(self, host: Host, account: Account, client: OAuthClient) -> None:
        self._host = host
        self._account = account
        self._client = client
        self.is_kept_one = False

    def __call__(self) -> str:
        """A token that is good now: the stored one, or a fresh one."""
        secrets = self._secrets()
        kept = _kept_token(secrets, self._host.now())
        self.is_kept_one = bool(kept)
        return kept or self._refresh(secrets)

    def forget(self) -> None:
        """Ask for a fresh token next time; the server refused this one."""
        self._save(KEPT_AS, "")

    def _secrets(self) -> dict[str, str]:
        """The secrets as they are stored now: another thread may have refreshed them since the account was handed to us."""
        stored = self._host.account(self._account.id) if self._account.id else None
        return {**self._account.secrets, **(stored.secrets if stored else {})}

    def _refresh(self, secrets: dict[str, str]) -> str:
        refresh_token = secrets.get("oauth_refresh_token", "")
        if not refresh_token:
            raise AuthExpired("No refresh token is stored for this account.", step="login")
        answer = _ask(self._client, secrets, refresh_token)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise Rejected("The token address gave no access token.", step="login")
        rotated = answer.get("refresh_token")
        if isinstance(rotated, str) and rotated and rotated != refresh_token:
            self._save("oauth_refresh_token", rotated)
            refresh_token = rotated
        lifetime = timedelta(seconds=_seconds(answer.get("expires_in")))
        self._save(KEPT_AS, _pack(token, self._host.now() + lifetime, refresh_token))
        return token

    def _save(self, key: str, value: str) -> None:
        if self._account.id:  # an account that is only being tested is not stored yet
            self._host.save_secret(self._account.id, key, value)


def _ask(client: OAuthClient, secrets: dict[str, str], refresh_token: str) -> dict[str, Any]:
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": client.client_id}
    if secret := secrets.get("oauth_client_secret"):
        fields["client_secret"] = secret
    if client.scope:
        fields["scope"] = client.scope
    with create_session() as session:
        response = session.request("POST", client.token_url, data=fields)
    if response.status_code != 200:
        raise _refusal(response)
    return _json(response)


def _refusal(response: requests.Response) -> ConnectorError:
    code = _json(response).get("error")
    if code in _REFUSALS:
        return AuthExpired(f"The provider no longer accepts the refresh token ({code}).", step="login", code=str(code))
    return error_from_response(response)


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _seconds(value: object) -> int:
    """`expires_in`, which some providers write as a text; an hour when it is missing."""
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() else 3600


def _pack(token: str, expires_at: datetime, refresh_token: str) -> str:
    return json.dumps({"token": token, "expires_at": expires_at.isoformat(), "made_with": _digest(refresh_token)})


def _kept_token(secrets: dict[str, str], now: datetime) -> str:
    """The stored access token if it is good for a while and was made with the refresh token stored today; else nothing."""
    try:
        kept = json.loads(secrets.get(KEPT_AS, "") or "{}")
        expires_at = datetime.fromisoformat(kept["expires_at"])
    except (ValueError, KeyError, TypeError):
        return ""
    is_good = expires_at.astimezone(UTC) - EARLY > now
    is_ours = kept.get("made_with") == _digest(secrets.get("oauth_refresh_token", ""))
    return str(kept.get("token", "")) if is_good and is_ours else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
