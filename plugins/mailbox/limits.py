"""How large a mail may be: one that is taken in by `TIDINGS_PLUGIN_MAILBOX_MAX_MB`, 50 when it is not set; one that is sent by what the
outgoing server said last."""

from tidings import Account, Host

__all__ = ["forget_largest", "largest_message", "max_bytes", "note_largest"]

DEFAULT_MB = 50


def max_bytes(host: Host) -> int:
    """The limit in bytes, for fetching and for the listener. A value that is no number counts as not set."""
    text = host.config.get("max_mb", "").strip()
    return (int(text) if text.isdecimal() and int(text) > 0 else DEFAULT_MB) * 1_000_000


def note_largest(host: Host, account: Account, size_limit: int | None) -> None:
    """Remember what the outgoing server takes (SIZE of RFC 1870, in bytes); nothing is written while that stays the same."""
    if account.id and largest_message(host, account.id) != size_limit:
        host.store.set(f"size_{account.id}", size_limit)


def largest_message(host: Host, account_id: int) -> int | None:
    """What the outgoing server of an account takes, as far as it has been asked; None when it says nothing about it."""
    size: int | None = host.store.get(f"size_{account_id}")
    return size


def forget_largest(host: Host, account_id: int) -> None:
    """Drop what is remembered of an account that is gone."""
    host.store.delete(f"size_{account_id}")
