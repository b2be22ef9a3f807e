"""Access tokens for XOAUTH2: kept while they are good, renewed when they are not (RFC 6749 §6). Consent pages are in `routes`."""

import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.errors import AuthExpired
from connectors.mail_oauth import PROVIDERS, OAuthApplication, Tokens, refresh
from plugins.mailbox.settings import MailboxSettings
from plugins.mailbox.signing_in.application import application_of
from plugins.mailbox.signing_in.grants import note_failed, note_refreshed
from tidings import Account, Host, translatable

__all__ = ["ACCESS_TOKEN", "AccessToken", "packed_token", "refresh_key", "without_tokens"]

ACCESS_TOKEN = "access_token"
EARLY = timedelta(minutes=2)
PAUSES_S = (0.0, 0.3, 0.7)
"""How long the refusal of a refresh token is doubted: another process may have used it a moment ago, and be about to keep its successor."""
NOT_SET_UP = translatable(
    "No application of %(provider)s is set up. Enter its ID and its secret in the settings of the plugin."
)

_RENEWING: defaultdict[tuple[str, int], threading.Lock] = defaultdict(threading.Lock)
"""One thread renews an account's token at a time: providers that replace refresh tokens may take a second use of one for theft."""


class AccessToken:
    """The access token of one account during one connection. Calling it gives the token; what it raises is a `ConnectorError`."""

    def __init__(self, host: Host, account: Account, settings: MailboxSettings) -> None:
        self._host = host
        self._account = account
        self._settings = settings
        self._refresh_key = refresh_key(settings.auth)
        self._refused = ""
        self.is_kept_one = False

    def __call__(self) -> str:
        """A token that is good now: the stored one, or a fresh one."""
        kept = self._kept()
        self.is_kept_one = bool(kept)
        return kept or self._renewed()

    def renew(self) -> None:
        """Get a fresh one ahead of time."""
        self.refuse()
        self._renewed()

    def refuse(self) -> None:
        """The server did not take the stored token: get another one next time. Nothing is saved before there is one, since that would
        mean that the account works again."""
        self._refused = self._kept()

    def _renewed(self) -> str:
        with _RENEWING[self._host.plugin, self._account.id]:
            return self._kept() or self._exchange()

    def _exchange(self) -> str:
        secrets = self._secrets()
        refresh_token = secrets.get(self._refresh_key, "")
        if not refresh_token:
            raise AuthExpired("Nobody has signed in to this mailbox yet.", step="login")
        try:
            tokens = refresh(self._host.http, self._application(secrets), refresh_token)
        except AuthExpired as error:
            if newer := self._exchanged_elsewhere(refresh_token, error):
                return newer
            if self._account.id:
                note_failed(self._host, self._account.id, self._settings.auth, error.reason)
            raise
        # unless somebody signed in meanwhile: what they got is newer
        if secrets.get(self._refresh_key) == self._secrets().get(self._refresh_key):
            self._keep(tokens, refresh_token)
        return tokens.access_token

    def _keep(self, tokens: Tokens, refresh_token: str) -> None:
        """The refresh token first: if the machine stops here, the old one may be worthless already."""
        if tokens.refresh_token:
            refresh_token = tokens.refresh_token
            self._save(self._refresh_key, refresh_token)
        self._save(ACCESS_TOKEN, packed_token(tokens, refresh_token, self._host.now()))
        if self._account.id:
            note_refreshed(self._host, self._account.id, self._settings.auth, tokens)

    def _exchanged_elsewhere(self, refresh_token: str, error: AuthExpired) -> str:
        """The access token that another process got for the same refresh token; empty when there is none, and the refusal is meant."""
        if error.code != "invalid_grant" or not self._account.id:
            return ""
        for pause_s in PAUSES_S:
            time.sleep(pause_s)
            if self._secrets().get(self._refresh_key) != refresh_token and (kept := self._kept()):
                return kept
        return ""

    def _application(self, secrets: Mapping[str, str]) -> OAuthApplication:
        provider = PROVIDERS.get(self._settings.auth)
        if provider is None:
            own = self._settings.oauth
            secret = secrets.get("oauth_client_secret", "")
            return OAuthApplication(own.client_id, secret, own.token_url, refresh_scopes=tuple(own.scope.split()))
        application = application_of(self._host, provider)
        if application is None:
            raise AuthExpired(NOT_SET_UP % {"provider": provider.title}, step="login")
        return application

    def _kept(self) -> str:
        """The stored token, unless it was refused or has ended; empty when there is none."""
        kept = _kept_token(self._secrets(), self._refresh_key, self._host.now())
        return "" if kept == self._refused else kept

    def _secrets(self) -> dict[str, str]:
        """The secrets as they are stored now: another thread may have renewed them since the account was handed to us."""
        stored = self._host.account(self._account.id) if self._account.id else None
        return {**self._account.secrets, **(stored.secrets if stored else {})}

    def _save(self, key: str, value: str) -> None:
        if self._account.id:  # an account that is only being tested is not stored yet
            self._host.save_secret(self._account.id, key, value)


def refresh_key(sign_in: str) -> str:
    """The name of the secret that an account signs in with. Each provider has its own, so that none gets to see another's."""
    return f"{sign_in}_refresh_token" if sign_in in PROVIDERS else "oauth_refresh_token"


def without_tokens(secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets of an account to which nobody has signed in."""
    tokens = {ACCESS_TOKEN, *map(refresh_key, ("", *PROVIDERS))}
    return {name: value for name, value in secrets.items() if name not in tokens}


def packed_token(tokens: Tokens, refresh_token: str, now: datetime) -> str:
    """An access token as it is stored: with its end, and a mark of the refresh token that it was made with."""
    expires_at = now + timedelta(seconds=tokens.expires_in_s)
    kept = {"token": tokens.access_token, "expires_at": expires_at.isoformat(), "made_with": _digest(refresh_token)}
    return json.dumps(kept)


def _kept_token(secrets: Mapping[str, str], key: str, now: datetime) -> str:
    """The stored access token if it is good for a while and was made with the refresh token stored today; else nothing."""
    try:
        kept = json.loads(secrets.get(ACCESS_TOKEN, "") or "{}")
        expires_at = datetime.fromisoformat(kept["expires_at"])
    except (ValueError, KeyError, TypeError):
        return ""
    is_good = expires_at.astimezone(UTC) - EARLY > now
    is_ours = kept.get("made_with") == _digest(secrets.get(key, ""))
    return str(kept.get("token", "")) if is_good and is_ours else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
