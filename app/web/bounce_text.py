"""What agents read of mail that came back: why, in words, and since when an address is in doubt."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_date, gettext

__all__ = ["bounce_sentence", "came_back", "why_bounced"]


def why_bounced(status: str, diagnostic: str = "") -> str:
    """The meaning of a status (RFC 3463, RFC 7504), with the server's own words where the status says too little."""
    _, _, detail = status.partition(".")
    words = _meanings().get(detail) or _meanings().get(detail.partition(".")[0])
    return words or diagnostic or gettext("no reason was given")


def bounce_sentence(data: Mapping[str, Any]) -> str:
    """The line of an activity. Older ones hold the addresses alone."""
    names = ", ".join(data.get("addresses", ()))
    if not names:
        return gettext("A message came back")
    if data.get("is_delayed"):
        return gettext("A message to %(names)s is delayed. The server goes on trying.", names=names)
    if "status" not in data:
        return gettext("A message to %(names)s came back", names=names)
    reason = why_bounced(data["status"], data.get("diagnostic", ""))
    return gettext("A message to %(names)s came back: %(reason)s", names=names, reason=reason)


def came_back(address: str, at: datetime, status: str, diagnostic: str) -> str:
    """What is said before somebody writes to an address that does not take mail."""
    when, reason = format_date(at, "medium"), why_bounced(status, diagnostic)
    return gettext("Mail to %(address)s came back on %(date)s: %(reason)s.", address=address, date=when, reason=reason)


def _meanings() -> dict[str, str]:
    """From what follows the class of a status, the whole or its first number, to words."""
    no_mailbox = gettext("there is no such mailbox")
    no_server = gettext("there is no such mail server")
    return {
        "1.0": gettext("the address does not work"),
        "1.1": no_mailbox,
        "1.2": no_server,
        "1.3": gettext("the address is not a valid one"),
        "1.6": gettext("the mailbox has moved"),
        "1.10": gettext("the address takes no mail"),
        "2.0": gettext("the mailbox takes no mail"),
        "2.1": gettext("the mailbox is switched off"),
        "2.2": gettext("the mailbox is full"),
        "2.3": gettext("the message is too large"),
        "3.4": gettext("the message is too large"),
        "4.1": gettext("the other mail server did not answer"),
        "4.4": no_server,
        "4.7": gettext("the other mail server did not take it in time"),
        "4": gettext("the other mail server could not be reached"),
        "7": gettext("the other mail server refused it"),
    }
