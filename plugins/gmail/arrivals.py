"""Since when an account's mail counts: what arrives between connecting it and the first look into it must not be missed."""

from collections.abc import Sequence
from datetime import datetime

from plugins.gmail.cursor import CLOCKS_DIFFER
from tidings import Host

__all__ = ["forget_removed", "missing_labels", "note_missing_labels", "note_saved", "start_of"]

KEY = "connected_at"
_MISSING = "missing_labels_{}"


def note_saved(host: Host, account_id: int, is_new: bool) -> None:
    """Remember the moment an account was connected; later changes leave it as it is."""
    known = host.store.get(KEY, {})
    if is_new or str(account_id) not in known:
        host.store.set(KEY, {**known, str(account_id): host.now().isoformat() if is_new else ""})


def start_of(host: Host, account_id: int) -> datetime | None:
    """From when on mail of a new account counts, a little early because clocks differ; None when it is not known."""
    moment = host.store.get(KEY, {}).get(str(account_id))
    return datetime.fromisoformat(moment) - CLOCKS_DIFFER if moment else None


def note_missing_labels(host: Host, account_id: int, names: Sequence[str]) -> None:
    """Remember which labels of the settings the mailbox lacks; nothing is written while that stays the same."""
    if missing_labels(host, account_id) != list(names):
        host.store.set(_MISSING.format(account_id), list(names))


def missing_labels(host: Host, account_id: int) -> list[str]:
    """Labels of the settings that the mailbox lacked when it was looked into last."""
    return list(host.store.get(_MISSING.format(account_id), []))


def forget_removed(host: Host) -> list[int]:
    """Drop what is remembered of accounts that are gone, and return their ids."""
    known = host.store.get(KEY, {})
    gone = [account_id for account_id in known if host.account(int(account_id)) is None]
    if gone:
        host.store.set(KEY, {account_id: moment for account_id, moment in known.items() if account_id not in gone})
    for account_id in gone:
        host.store.delete(_MISSING.format(account_id))
    return [int(account_id) for account_id in gone]
