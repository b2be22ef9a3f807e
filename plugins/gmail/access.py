"""Access tokens of one mailbox: the stored one while it is good, else a fresh one for the refresh token or by the service account."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.errors import AuthExpired
from connectors.gmail import Tokens, delegated_tokens, refresh
from plugins.gmail.application import SCOPES, Application
from plugins.gmail.grants import note_renewal
from plugins.gmail.settings import DELEGATED, GmailSettings
from tidings import Account, Host

__all__ = ["ACCESS_TOKEN", "REFRESH_TOKEN", "AccessToken", "expiry_of", "packed_token"]

ACCESS_TOKEN, REFRESH_TOKEN = "access_token", "refresh_token"
"""Names of an account's secrets."""
EARLY = timedelta(minutes=2)


class AccessToken:
    """The access token of one account while it is being used, in one thread. Calling it gives a token that is good now; what it raises
    is a `ConnectorError`."""

    def __init__(self, host: Host, account: Account, application: Application) -> None:
        self._host = host
        self._account = account
        self._application = application
        self._token = ""
        self._expires_at = datetime.min.replace(tzinfo=UTC)
        self._is_fresh = False

    def __call__(self) -> str:
        if not self._is_good():
            self._take_stored()
        if not self._is_good():
            self.renew()
        return self._token

    def refused(self) -> bool:
        """Google refused the token before its time. Gives whether another try with a fresh one makes sense: not when it was fresh."""
        was_fresh = self._is_fresh
        if not was_fresh:
            self.renew()
        return not was_fresh

    def _is_good(self) -> bool:
        return bool(self._token) and self._expires_at - EARLY > self._host.now()

    def _take_stored(self) -> None:
        """The token as it is stored now: another process may have refreshed it since the account was handed to us."""
        secrets = self._secrets()
        self._token, self._expires_at = _unpacked(secrets.get(ACCESS_TOKEN, ""), self._made_with(secrets))

    def renew(self) -> None:
        """Get a fresh token and keep it."""
        secrets = self._secrets()
        now = self._host.now()
        tokens = self._delegated(now) if self._is_delegated() else self._refreshed(secrets)
        self._token, self._expires_at = tokens.access_token, now + timedelta(seconds=tokens.expires_in_s)
        self._is_fresh = True
        if tokens.refresh_token:
            secrets[REFRESH_TOKEN] = tokens.refresh_token
            self._save(REFRESH_TOKEN, tokens.refresh_token)
        self._save(ACCESS_TOKEN, _packed(self._token, self._expires_at, self._made_with(secrets)))
        if self._account.id:
            note_renewal(self._host, self._account.id, tokens)

    def _refreshed(self, secrets: Mapping[str, str]) -> Tokens:
        if self._application.client is None:
            raise _must_sign_in(
                "No Google client is set up any more. Enter its ID and secret in the settings of the plugin."
            )
        if not secrets.get(REFRESH_TOKEN):
            raise _must_sign_in("Nobody has signed in to this mailbox yet.")
        return refresh(self._host.http, self._application.client, secrets[REFRESH_TOKEN])

    def _delegated(self, now: datetime) -> Tokens:
        service_account = self._application.service_account
        if service_account is None:
            problem = self._application.key_problem or "Enter one in the settings of the plugin."
            raise _must_sign_in(f"There is no key of a service account that could be used. {problem}")
        address = GmailSettings.of(self._account).address
        token_url = self._application.endpoints.token
        return delegated_tokens(self._host.http, service_account, address, SCOPES, token_url=token_url, now=now)

    def _is_delegated(self) -> bool:
        return GmailSettings.of(self._account).sign_in == DELEGATED

    def _secrets(self) -> dict[str, str]:
        stored = self._host.account(self._account.id) if self._account.id else None
        return {**self._account.secrets, **(stored.secrets if stored else {})}

    def _made_with(self, secrets: Mapping[str, str]) -> str:
        """A digest of what the token comes from, so that one of another sign-in is never taken."""
        key = self._application.service_account
        source = (key.key_id + key.email if key else "") if self._is_delegated() else secrets.get(REFRESH_TOKEN, "")
        return _digest(source)

    def _save(self, name: str, value: str) -> None:
        if self._account.id:  # an account that is only being tested is not stored yet
            self._host.save_secret(self._account.id, name, value)


def packed_token(tokens: Tokens, refresh_token: str, now: datetime) -> str:
    """The access token that came with a refresh token, as it is stored."""
    return _packed(tokens.access_token, now + timedelta(seconds=tokens.expires_in_s), _digest(refresh_token))


def expiry_of(packed: str) -> datetime | None:
    """When a stored access token ends, None when there is none."""
    _, expires_at = _unpacked(packed, None)
    return expires_at if expires_at.year > 1 else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _must_sign_in(reason: str) -> AuthExpired:
    return AuthExpired(reason, step="login")


def _packed(token: str, expires_at: datetime, made_with: str) -> str:
    return json.dumps({"token": token, "expires_at": expires_at.isoformat(), "made_with": made_with})


def _unpacked(text: str, made_with: str | None) -> tuple[str, datetime]:
    """The token and when it ends; an empty one when it comes from another sign-in or cannot be read. None: any sign-in will do."""
    try:
        kept = json.loads(text or "{}")
        expires_at = datetime.fromisoformat(kept["expires_at"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        return "", datetime.min.replace(tzinfo=UTC)
    is_ours = made_with is None or kept.get("made_with") == made_with
    return (str(kept.get("token", "")) if is_ours else ""), expires_at
