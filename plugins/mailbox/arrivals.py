"""Since when an account's mail counts: what arrives between connecting it and the first look into it must not be missed.

Also remembers the addresses of accounts, so that the listener can tell a paused account from an unknown one.
"""

from datetime import datetime

from plugins.mailbox.cursor import CLOCKS_DIFFER
from tidings import Account, Host

__all__ = [
    "forget_reached",
    "forget_removed",
    "note_reached",
    "note_saved",
    "paused_accounts",
    "reached_in",
    "start_of",
]

KEY = "connected_at"


def note_saved(host: Host, account_id: int, is_new: bool) -> None:
    """Remember the moment an account was connected; later changes leave it as it is."""
    known = host.store.get(KEY, {})
    if is_new or str(account_id) not in known:
        host.store.set(KEY, {**known, str(account_id): host.now().isoformat() if is_new else ""})


def start_of(host: Host, account_id: int) -> datetime | None:
    """From when on mail of a new account counts, a little early because clocks differ; None when it is not known."""
    moment = host.store.get(KEY, {}).get(str(account_id))
    return datetime.fromisoformat(moment) - CLOCKS_DIFFER if moment else None


def note_reached(host: Host, account_id: int, folder: str, since: datetime) -> None:
    """Remember that all mail of a folder from a moment on was fetched."""
    known = host.store.get(f"reached_{account_id}", {})
    if folder not in known or since < datetime.fromisoformat(known[folder]):
        host.store.set(f"reached_{account_id}", {**known, folder: since.isoformat()})


def reached_in(host: Host, account_id: int, folder: str) -> datetime | None:
    """From when on all mail of a folder was asked for; None when that was never done."""
    moment = host.store.get(f"reached_{account_id}", {}).get(folder)
    return datetime.fromisoformat(moment) if moment else None


def forget_reached(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    host.store.delete(f"reached_{account_id}")


def paused_accounts(host: Host) -> list[Account]:
    """Accounts that exist but are not among `host.accounts()`."""
    running = {account.id for account in host.accounts()}
    known = (host.account(int(account_id)) for account_id in host.store.get(KEY, {}))
    return [account for account in known if account is not None and account.id not in running]


def forget_removed(host: Host) -> list[int]:
    """Drop what is remembered of accounts that are gone, and return their ids."""
    known = host.store.get(KEY, {})
    gone = [account_id for account_id in known if host.account(int(account_id)) is None]
    if gone:
        host.store.set(KEY, {account_id: moment for account_id, moment in known.items() if account_id not in gone})
    return [int(account_id) for account_id in gone]
