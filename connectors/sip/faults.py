"""From what registrars say, and what baresip says when nobody answers, to connectors.errors. A table first, code second."""

from __future__ import annotations

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.sip.types import RegistrationLost

__all__ = ["is_refusal", "registration_error"]

_CODES: dict[int, tuple[type[ConnectorError], str]] = {
    401: (AuthExpired, "The registrar does not accept the user or the password"),
    403: (AuthExpired, "The registrar forbids this user to register"),
    404: (AuthExpired, "The registrar does not know this user"),
    407: (AuthExpired, "The proxy does not accept the user or the password"),
    423: (Rejected, "The registrar wants a longer time between registrations"),
    429: (RateLimited, "The registrar asks us to slow down"),
}
"""RFC 3261 §21. What is not listed: 5xx and 408 pass by themselves, other refusals do not."""


def is_refusal(code: int | None) -> bool:
    """Whether trying again with the same password is pointless."""
    return code in _CODES and _CODES[code][0] is AuthExpired


def registration_error(lost: RegistrationLost) -> ConnectorError:
    """The error for a registration that did not come about."""
    if lost.code is None:
        return Unavailable(f"The registrar cannot be reached: {_plain(lost.reason)}.", step="connect")
    kind, sentence = _CODES.get(lost.code) or _by_class(lost.code)
    return kind(f"{sentence} ({lost.code} {lost.reason}).", step="login", code=lost.code)


def _by_class(code: int) -> tuple[type[ConnectorError], str]:
    if code >= 500 or code == 408:
        return Unavailable, "The registrar does not work for now"
    return Rejected, "The registrar refuses the registration"


def _plain(reason: str) -> str:
    """baresip's own words without the number of the operating system's error."""
    words = reason.partition(" [")[0].strip().rstrip(".") or "no answer"
    return "its name cannot be found" if words == "Destination address required" else words[0].lower() + words[1:]
