"""From what sockets, imaplib and smtplib say to connectors.errors. Tables first, code second."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterable

from connectors.errors import (
    AuthExpired,
    ConnectorError,
    RateLimited,
    RecipientRefusal,
    Rejected,
    Step,
    Unavailable,
)
from connectors.imap_smtp.imap_responses import response_code

# RFC 5530 and providers' additions (Google: WEBALERT, THROTTLED). A code not listed falls to the text, then
# the step.
_IMAP_CODES: dict[str, type[ConnectorError]] = {
    "AUTHENTICATIONFAILED": AuthExpired,
    "AUTHORIZATIONFAILED": AuthExpired,
    "EXPIRED": AuthExpired,
    "WEBALERT": AuthExpired,
    "LIMIT": RateLimited,
    "THROTTLED": RateLimited,
    "INUSE": Unavailable,
    "SERVERBUG": Unavailable,
    "UNAVAILABLE": Unavailable,
    "NONEXISTENT": Rejected,
    "TRYCREATE": Rejected,
    "NOPERM": Rejected,
    "PRIVACYREQUIRED": Rejected,
}
_TOO_MUCH = re.compile(
    r"too many|too fast|rate.?limit|throttl|bandwidth limit|limit exceeded|exceeded .{0,40}limit",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(r"try again|try later|temporar|internal error|server busy|shutting down", re.IGNORECASE)
# Replies whose basic code misleads: Gmail's 550 5.4.5 is its daily sending limit, over after a day.
_SMTP_ENHANCED: dict[str, float | None] = {"5.4.5": 24 * 3600.0}
_ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")


def from_exception(error: Exception, step: Step, host: str) -> ConnectorError:
    """Return our error for anything that sockets, ssl or imaplib raise during `step`."""
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unavailable(f"The certificate of {host} is not trusted: {error.verify_message}.", step="tls")
    if isinstance(error, ssl.SSLError):
        hint = " (does this port speak TLS from the start?)" if "WRONG_VERSION" in str(error) else ""
        return Unavailable(
            f"TLS with {host} failed: {getattr(error, 'reason', None) or error}{hint}.", step=_early(step, "tls")
        )
    if isinstance(error, imaplib.IMAP4.abort):
        return _broken_off(_words(error), step, host)
    if isinstance(error, imaplib.IMAP4.error):
        return imap_refusal(_words(error), step)
    if isinstance(error, UnicodeError) and not isinstance(error, UnicodeDecodeError):  # it fails in the IDNA codec
        return Unavailable(f"“{host}” is not a possible host name.", step=step)
    if isinstance(error, ValueError):
        return Unavailable(f"{host} sent an answer that makes no sense.", step=step)
    return Unavailable(_socket_reason(error, host), step=step)


def imap_refusal(text: str, step: Step) -> ConnectorError:
    """Return the error for a NO or BAD answer: by its code, else its words, else what was being done."""
    code = response_code(text)
    reason = text.strip() or "The server refused without a reason."
    return (_kind_by_code(code, step) or _kind_by_words(text) or _kind_by_step(step))(reason, step=step, code=code)


def smtp_refusal(
    code: int, text: str, step: Step, recipients: dict[str, RecipientRefusal] | None = None
) -> ConnectorError:
    """Return the error for an SMTP reply of 400 or above (RFC 5321 §4.2, RFC 3463)."""
    reason = f"{code} {text}".strip()
    found = _ENHANCED.match(text)
    enhanced = found[1] if found else ""
    if enhanced in _SMTP_ENHANCED:
        return RateLimited(reason, retry_after_s=_SMTP_ENHANCED[enhanced], step=step, code=code, recipients=recipients)
    if code in (530, 534, 535, 538) or (step == "login" and code >= 500):
        return AuthExpired(reason, step="login", code=code, recipients=recipients)
    if code < 500:
        kind = RateLimited if _TOO_MUCH.search(text) else Unavailable
        return kind(reason, step=step, code=code, recipients=recipients)
    return Rejected(reason, step=step, code=code, recipients=recipients)


def without_secrets(error: ConnectorError, secrets: Iterable[str]) -> ConnectorError:
    """Blank out `secrets` in the reason: some servers repeat a command they do not understand."""
    for secret in secrets:
        if secret:
            error.reason = error.reason.replace(secret, "…")
    error.args = (error.reason,)
    return error


def _kind_by_code(code: str | None, step: Step) -> type[ConnectorError] | None:
    if code == "OVERQUOTA":  # on APPEND the mailbox is full; elsewhere Google means its daily traffic
        return Rejected if step == "append" else RateLimited
    return _IMAP_CODES.get(code or "")


def _kind_by_words(text: str) -> type[ConnectorError] | None:
    if _TOO_MUCH.search(text):
        return RateLimited
    return Unavailable if _FOR_NOW.search(text) else None


def _kind_by_step(step: Step) -> type[ConnectorError]:
    return AuthExpired if step == "login" else Rejected


def _broken_off(text: str, step: Step, host: str) -> ConnectorError:
    if _TOO_MUCH.search(text):
        return RateLimited(f"{host} ended the connection: {text}", step=step, code=response_code(text))
    return Unavailable(f"The connection to {host} broke: {text}.", step=step)


def _socket_reason(error: Exception, host: str) -> str:
    if isinstance(error, socket.gaierror):
        return f"No server called {host} was found."
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"{host} did not answer in time."
    if isinstance(error, ConnectionRefusedError):
        return f"{host} refused the connection: nothing listens on this port."
    return f"The connection to {host} broke: {error or type(error).__name__}."


def _words(error: Exception) -> str:
    """Return the text of an imaplib error, whose argument is str or bytes."""
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


def _early(step: Step, instead: Step) -> Step:
    return instead if step == "connect" else step
