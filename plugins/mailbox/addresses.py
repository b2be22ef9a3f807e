"""Addresses of accounts and of people: which account gets what is sent to an address, and which spellings are one person's. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from plugins.mailbox.settings import MailboxSettings
from tidings import MAIL, Account, OwnAddresses, Participant, canonical_address

__all__ = ["account_for", "known_address"]


def known_address(sender: Participant) -> Participant | None:
    """The canonical spelling of a sender's address; None when it is spelt so already or is no mail address."""
    if sender.kind != MAIL or "@" not in sender.value:
        return None
    canonical = canonical_address(sender.value)
    return replace(sender, value=canonical) if canonical != sender.value else None


def account_for(recipient: str, accounts: Sequence[Account]) -> Account | None:
    """The account a recipient's address belongs to: one of exactly that address comes before one that has it as an alias, then one that
    it is a tag of, then one that takes the whole domain, or whose return addresses look so."""
    settings = {account.id: MailboxSettings.of(account) for account in accounts}
    found = OwnAddresses(tuple(_claims(settings))).account_for(recipient)
    if found is None:
        found = next((key for key, one in settings.items() if one.is_return_address(recipient)), None)
    return next((account for account in accounts if account.id == found), None)


def _claims(settings: dict[int, MailboxSettings]) -> Iterable[tuple[int, str]]:
    yield from ((key, one.address) for key, one in settings.items() if one.address)
    for key, one in settings.items():
        yield from ((key, alias.address) for alias in one.aliases)
