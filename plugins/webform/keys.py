"""The random public key of a form, kept in the plugin's store in both directions: it names the form in every public address."""

import re
import secrets

from plugins.webform.recent import forget_recent
from tidings import Host

__all__ = ["account_id_of", "ensure_key", "forget_key", "key_of"]

_KEY_BYTES = 12
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Whatever else stands in an address is looked up nowhere: not every database takes every character."""


def ensure_key(host: Host, account_id: int) -> str:
    """The account's key; made when it has none yet. Calling it twice changes nothing."""
    key = key_of(host, account_id)
    if not key:
        key = secrets.token_urlsafe(_KEY_BYTES)
        host.store.set(f"account:{account_id}", key)
    if host.store.get(f"key:{key}") != account_id:
        host.store.set(f"key:{key}", account_id)
        forget_recent(host)
    return key


def key_of(host: Host, account_id: int) -> str:
    """The account's key, or an empty string."""
    return str(host.store.get(f"account:{account_id}", ""))


def forget_key(host: Host, account_id: int) -> None:
    """Let the addresses of a form lead nowhere; nothing happens when it has none."""
    if key := key_of(host, account_id):
        host.store.delete(f"key:{key}")
        host.store.delete(f"account:{account_id}")
        forget_recent(host)


def account_id_of(host: Host, key: str) -> int | None:
    """The account behind a public key, which may be paused or gone; None for an unknown key."""
    account_id = host.store.get(f"key:{key}") if _KEY.fullmatch(key) else None
    return account_id if isinstance(account_id, int) else None
