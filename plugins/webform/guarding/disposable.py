"""Addresses that somebody made for ten minutes. The list is the package `disposable-email-domains` (MIT), kept by many people."""

from disposable_email_domains import blocklist

__all__ = ["is_disposable"]


def is_disposable(address: str) -> bool:
    """Whether the address belongs to a provider of throw-away mailboxes, or to a domain below one of theirs."""
    labels = address.rpartition("@")[2].strip().rstrip(".").casefold().split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))
