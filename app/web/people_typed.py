"""Addresses that a person typed: "Ada <ada@example.com>, ben@example.com", or one number, one handle, on other channels."""

from collections.abc import Iterable
from email.utils import getaddresses

from app.errors import InvalidInput
from app.plugin_api.channel import MAIL
from app.plugin_api.messages import Participant
from app.services.agents import checked_email

__all__ = ["parse_people", "show_people"]

_MOST = 100


def parse_people(text: str | None, kind: str, field: str, *, may_be_empty: bool = False) -> tuple[Participant, ...]:
    """The people named in a field. Raises `InvalidInput` for the field when an address is none, or nobody is named."""
    text = (text or "").replace(";", ",").strip().strip(",")
    if not text:
        if may_be_empty:
            return ()
        raise InvalidInput("Nobody would get this message.", {field: "An address is needed."})
    if kind != MAIL:
        return tuple(Participant(kind, value.strip()) for value in text.split(",")[:_MOST] if value.strip())
    return tuple(_mail_address(name, address, field) for name, address in getaddresses([text])[:_MOST])


def show_people(people: Iterable[Participant]) -> str:
    """The same as text, for the field of a form."""
    return ", ".join(f"{_quoted(p.name)} <{p.value}>" if p.name and p.kind == MAIL else p.value for p in people)


def _mail_address(name: str, address: str, field: str) -> Participant:
    try:
        return Participant(MAIL, checked_email(address), name.strip()[:200])
    except InvalidInput:
        shown = address or name or "?"
        raise InvalidInput(
            f"{shown} is not an e-mail address.", {field: f"{shown} is not an e-mail address."}
        ) from None


def _quoted(name: str) -> str:
    if any(sign in name for sign in ',;<>"@()'):
        return '"' + name.replace("\\", "").replace('"', "") + '"'
    return name
