"""Ways to the Graph API: as the app, and as one of its pages. What the answers tell of limits is kept for the page *Channel health*."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.meta_graph import BorrowedSession, GraphClient, MetaApp
from connectors.meta_graph.client import VERSION
from connectors.meta_graph.media import META_HOSTS
from connectors.meta_graph.oauth import DIALOG_URL
from connectors.meta_graph.types import Usage
from plugins.instagram.troubles import translated
from tidings import Account, Host, Permanent

__all__ = ["file_hosts", "has_app", "meta_app", "page_client", "used_percent", "verify_token"]

BASE_URL = "https://graph.facebook.com"


def has_app(host: Host) -> bool:
    """Whether an app was entered."""
    return bool(host.settings.get("app_id") and host.settings.get("app_secret"))


def meta_app(host: Host) -> MetaApp:
    """The app of the settings. Raises `Permanent` when there is none."""
    if not has_app(host):
        raise Permanent("No app of Meta is set up: an admin enters its id and secret in the settings of Instagram.")
    return MetaApp(
        app_id=str(host.settings["app_id"]),
        app_secret=str(host.settings["app_secret"]),
        base_url=_base_url(host),
        dialog_url=host.config.get("dialog_base") or DIALOG_URL,
        version=str(host.settings.get("version") or VERSION),
        session=BorrowedSession(host.http),
        now=host.now,
    )


@contextmanager
def page_client(host: Host, account: Account) -> Iterator[GraphClient]:
    """A client that speaks as the account's page; what it raises is in the host's words, what it learns of limits is kept."""
    client = meta_app(host).client(account.secret("page_token"))
    try:
        with translated(host.now):
            yield client
    finally:
        _note_usage(host, account, client.usage)


def file_hosts(host: Host) -> tuple[str, ...]:
    """Where files may be fetched from."""
    base_url = _base_url(host)
    return META_HOSTS if base_url == BASE_URL else (*META_HOSTS, base_url)


def used_percent(host: Host, account_id: int) -> float | None:
    """How much of Meta's limits was used lately, in percent; None while nothing was told."""
    return host.store.get(f"usage:{account_id}")


def verify_token(host: Host) -> str:
    """What Meta shows when the webhook is entered in its dashboard; made once. It proves nothing else, so it is kept with small values."""
    token = host.store.get("verify_token")
    if not token:
        token = secrets.token_urlsafe(18)
        host.store.set("verify_token", token)
    return str(token)


def _base_url(host: Host) -> str:
    return (host.config.get("api_base") or BASE_URL).rstrip("/")


def _note_usage(host: Host, account: Account, usage: Usage | None) -> None:
    if usage is None or not account.id:
        return
    known = used_percent(host, account.id)
    if known is None or abs(known - usage.percent) >= 1:
        host.store.set(f"usage:{account.id}", usage.percent)
