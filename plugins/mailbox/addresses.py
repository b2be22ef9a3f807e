"""Addresses of accounts and of people: which are ours, and which stand for the same mailbox. Pure.

Tags after a plus sign are RFC 5233 subaddresses; Gmail ignores dots as well (https://support.google.com/mail/answer/7436150).
"""

from collections.abc import Sequence
from dataclasses import replace

from tidings import MAIL, Account, Participant

__all__ = ["account_for", "canonical_address", "is_own_address", "known_address", "without_tag"]

_DOTLESS = {"gmail.com", "googlemail.com"}


def without_tag(address: str) -> str:
    """ "Ada+shop@Example.com" → "ada@example.com"."""
    local, _, domain = address.strip().lower().rpartition("@")
    name = local.split("+")[0] or local
    return f"{name}@{domain}"


def canonical_address(address: str) -> str:
    """The address that all spellings of one mailbox share."""
    local, _, domain = without_tag(address).rpartition("@")
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def known_address(sender: Participant) -> Participant | None:
    """The canonical spelling of a sender's address; None when it is spelt so already or is no mail address."""
    if sender.kind != MAIL or "@" not in sender.value:
        return None
    canonical = canonical_address(sender.value)
    return replace(sender, value=canonical) if canonical != sender.value else None


def is_own_address(address: str, own: str) -> bool:
    """Whether mail to `address` reaches the account whose address is `own`: the same, or the same with a tag."""
    return bool(own) and own.lower() in (address.strip().lower(), without_tag(address))


def account_for(recipient: str, accounts: Sequence[Account]) -> Account | None:
    """The account a recipient's address belongs to; an account of exactly that address comes before one that it is a tag of."""
    exact = [account for account in accounts if account.address.lower() == recipient.strip().lower()]
    tagged = [account for account in accounts if is_own_address(recipient, account.address)]
    return next(iter([*exact, *tagged]), None)
