"""What an admin decided about one mailbox, as a value: what stands in the form, read once and typed. Secrets stay in the `Account`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins.gmail.labels import LabelsMeaning
from tidings import Account

__all__ = ["DELEGATED", "OAUTH", "GmailSettings"]

OAUTH, DELEGATED = "oauth", "delegated"
"""Who lets us in: the owner of the mailbox who signed in, or the admin of the domain who trusts a service account."""


@dataclass(frozen=True)
class GmailSettings:
    """One mailbox. `labels` are the names of the labels that are read, never empty; `send_as` is empty for the mailbox's own address."""

    address: str
    sign_in: str
    display_name: str
    send_as: str
    labels: tuple[str, ...]
    reads_sent: bool
    is_pushed: bool
    has_plus_addresses: bool
    signature: str
    meaning: LabelsMeaning

    @classmethod
    def of(cls, account: Account) -> "GmailSettings":
        """The settings of an account; what was never set has the form's default."""
        return cls.read(account.settings, account.address)

    @classmethod
    def read(cls, settings: Mapping[str, Any], address: str = "") -> "GmailSettings":
        """The same from the bare settings. `address` stands in for one that is missing."""
        text = {key: str(value).strip() for key, value in settings.items() if isinstance(value, str)}
        return cls(
            address=(text.get("address") or address).lower(),
            sign_in=text.get("sign_in") or OAUTH,
            display_name=text.get("display_name", ""),
            send_as=text.get("send_as", "").lower(),
            labels=_labels(text.get("labels", "")) or ("INBOX",),
            reads_sent=bool(settings.get("reads_sent", True)),
            is_pushed=bool(settings.get("is_pushed", True)),
            has_plus_addresses=bool(settings.get("plus_addresses")),
            signature=text.get("signature", ""),
            meaning=_meaning(settings, text),
        )

    @property
    def sender(self) -> str:
        """The address that stands in From."""
        return self.send_as or self.address

    @property
    def own_addresses(self) -> frozenset[str]:
        """Addresses that are ours and never a customer's."""
        return frozenset({self.address, self.sender})


def _meaning(settings: Mapping[str, Any], text: Mapping[str, str]) -> LabelsMeaning:
    return LabelsMeaning(
        is_on=bool(settings.get("maps_labels")),
        archives_resolved=bool(settings.get("archives_resolved")),
        resolved=text.get("resolved_label", ""),
        pending=text.get("pending_label", ""),
        spam=text.get("spam_label", ""),
        tag_prefix=text.get("tag_prefix", ""),
    )


def _labels(text: str) -> tuple[str, ...]:
    """One label a line, each once."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
