"""Announcements of changes, as Pub/Sub posts them: that Google signed them, and what they say.

Sources: https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions (the signature),
https://developers.google.com/workspace/gmail/api/guides/push (the content).
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.errors import ConnectorError, Unavailable
from connectors.gmail.answers import from_base64url
from connectors.gmail.faults import BadPushToken, from_answer
from connectors.transport import error_from_exception

__all__ = ["CERTIFICATES_URL", "GoogleCertificates", "Notification", "PushVerifier", "read_notification"]

CERTIFICATES_URL = "https://www.googleapis.com/oauth2/v1/certs"
ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})
CLOCK_SKEW_S = 60
USUAL_LIFE_S = 3600.0
SHORTEST_LIFE_S = 60.0
"""Certificates are not fetched more often than this, however many tokens with unknown keys arrive."""
PAUSE_S = 5.0
"""After certificates could not be had, they are not asked for again so long: anybody can post tokens."""
PATIENCE_S = 2.0
"""So long a push waits for another one that fetches certificates just now."""
_MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass(frozen=True)
class Notification:
    """A mailbox has changed up to `history_id`. `message_id` is Pub/Sub's and tells repeated deliveries apart."""

    email_address: str
    history_id: str
    message_id: str
    subscription: str


def read_notification(body: bytes) -> Notification:
    """Return what a push says. Raises ValueError for a body that is no announcement of Gmail's."""
    try:
        envelope = json.loads(body)
        message = envelope["message"]
        data = json.loads(from_base64url(message["data"].replace("+", "-").replace("/", "_")))
        return Notification(
            email_address=str(data["emailAddress"]),
            history_id=str(int(data["historyId"])),
            message_id=str(message.get("messageId", "")),
            subscription=str(envelope.get("subscription", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("This is no announcement of a change in a Gmail mailbox.") from None


class GoogleCertificates:
    """Google's public certificates by key id, kept as long as Google says. May be shared between threads."""

    def __init__(self, url: str = CERTIFICATES_URL, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is a clock that only runs forwards."""
        self._url = url
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: Mapping[str, str] = {}
        self._fetched_at = 0.0
        self._failed_at: float | None = None
        self._life_s = 0.0

    def with_key(self, key_id: str, session: requests.Session) -> Mapping[str, str]:
        """Return the certificates, fetched through `session` when they are too old or lack `key_id`.

        Raises Unavailable or RateLimited when they cannot be had.
        """
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise self._unavailable()
        try:
            age_s = self._seconds() - self._fetched_at
            is_old = not self._kept or age_s >= self._life_s
            is_lacking = key_id not in self._kept and age_s >= SHORTEST_LIFE_S
            if is_old or is_lacking:
                self._try_to_fetch(session)
            return self._kept
        finally:
            self._lock.release()

    def _try_to_fetch(self, session: requests.Session) -> None:
        if self._failed_at is not None and self._seconds() - self._failed_at < PAUSE_S:
            raise self._unavailable()
        try:
            self._fetch(session)
        except ConnectorError:
            self._failed_at = self._seconds()
            raise
        self._failed_at = None

    def _unavailable(self) -> Unavailable:
        return Unavailable(f"{urlsplit(self._url).hostname} gives no certificates just now.", step="request")

    def _fetch(self, session: requests.Session) -> None:
        host = urlsplit(self._url).hostname or "Google"
        try:
            response = session.request("GET", self._url)
        except requests.RequestException as error:
            raise error_from_exception(error, "GET", self._url) from None
        if response.status_code >= 300:
            raise from_answer(response.status_code, response.headers, response.content, host)
        self._kept = _certificates(response, host)
        found = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
        self._life_s = max(SHORTEST_LIFE_S, float(found[1]) if found else USUAL_LIFE_S)
        self._fetched_at = self._seconds()


class PushVerifier:
    """Says whether a push comes from our own Pub/Sub subscription. May be shared between threads."""

    def __init__(self, certificates: GoogleCertificates, *, audience: str, service_account: str = "") -> None:
        """`audience` is what the subscription was set up with; so is `service_account`, the address that signs (empty: any)."""
        if not audience:
            raise ValueError("Without an audience anybody's subscription would be believed.")
        self._certificates = certificates
        self._audience = audience
        self._service_account = service_account

    def verify(self, authorization: str, session: requests.Session) -> Mapping[str, Any]:
        """Return the claims of the token in the `Authorization` header.

        Raises BadPushToken when it is missing, forged, too old or meant for somebody else; Unavailable or RateLimited when
        Google's certificates cannot be had: answer 503 then, Pub/Sub comes again.
        """
        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _bad("The push carries no token.")
        claims = self._decoded(token.strip(), session)
        if claims.get("iss") not in ISSUERS:
            raise _bad("The token was not issued by Google.")
        if self._service_account and not self._is_signed_by_ours(claims):
            raise _bad("The token belongs to another service account.")
        return claims

    def _decoded(self, token: str, session: requests.Session) -> Mapping[str, Any]:
        from google.auth import exceptions, jwt

        try:
            key_id = jwt.decode_header(token).get("kid")
        except (ValueError, TypeError, AttributeError, exceptions.GoogleAuthError):
            raise _bad("The token is malformed.") from None
        certificates = self._certificates.with_key(str(key_id), session)
        try:
            if key_id not in certificates:
                raise _bad("The token was signed with a key that is not Google's.")
            return jwt.decode(token, certs=certificates, audience=self._audience, clock_skew_in_seconds=CLOCK_SKEW_S)
        except (ValueError, TypeError, KeyError, exceptions.GoogleAuthError):
            raise _bad("The token is forged, too old or meant for somebody else.") from None

    def _is_signed_by_ours(self, claims: Mapping[str, Any]) -> bool:
        return claims.get("email") == self._service_account and claims.get("email_verified") is True


def _certificates(response: requests.Response, host: str) -> Mapping[str, str]:
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found or not all(isinstance(one, str) for one in found.values()):
        raise Unavailable(f"{host} gave no certificates.", step="request")
    return found


def _bad(reason: str) -> BadPushToken:
    return BadPushToken(reason, step="login", code="bad-push-token")
