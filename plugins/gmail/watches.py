"""Announcements of changes: Gmail tells Pub/Sub of them for a week at most, so they are asked for anew every day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.gmail import GmailClient
from plugins.gmail.application import Application
from plugins.gmail.mailbox import open_mailbox
from plugins.gmail.settings import GmailSettings
from tidings import Account, ChannelError, Host

__all__ = ["WatchState", "forget_watch", "keep_watches", "watch_state"]

RENEW_AFTER = timedelta(hours=24)
RETRY_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class WatchState:
    """Until when a mailbox's changes are announced to `topic`, None while they are not; `trouble` is why."""

    topic: str
    ends_at: datetime | None
    next_at: datetime
    trouble: str = ""

    def is_alive(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at > now


def keep_watches(host: Host) -> None:
    """Begin, renew and end what the settings ask for. One mailbox's trouble is noted on its page; it is polled meanwhile."""
    topic = Application.of(host).topic
    for account in host.accounts():
        state = watch_state(host, account.id)
        wanted = topic if GmailSettings.of(account).is_pushed else ""
        if wanted and _is_due(host, state, wanted):
            _begin(host, account, wanted, state)
        elif not wanted and state is not None:
            _end(host, account)


def watch_state(host: Host, account_id: int) -> WatchState | None:
    """What is known of a mailbox's announcements; None when nobody asked for them."""
    kept: dict[str, Any] | None = host.store.get(_key(account_id))
    if kept is None:
        return None
    ends_at = datetime.fromisoformat(kept["ends_at"]) if kept.get("ends_at") else None
    return WatchState(kept["topic"], ends_at, datetime.fromisoformat(kept["next_at"]), kept.get("trouble", ""))


def forget_watch(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone. Gmail stops by itself within a week."""
    host.store.delete(_key(account_id))


def _is_due(host: Host, state: WatchState | None, topic: str) -> bool:
    return state is None or state.topic != topic or state.next_at <= host.now()


def _begin(host: Host, account: Account, topic: str, state: WatchState | None) -> None:
    now = host.now()
    try:
        with open_mailbox(host, account) as mailbox:
            watch = mailbox.ask(GmailClient.watch, topic)
    except ChannelError as error:
        ends_at = state.ends_at if state and state.topic == topic else None
        retry_at = getattr(error, "retry_at", None) or now + RETRY_AFTER
        _keep(host, account.id, WatchState(topic, ends_at, retry_at, str(error)[:300]))
        return
    _keep(host, account.id, WatchState(topic, watch.expires_at, min(now + RENEW_AFTER, watch.expires_at - RETRY_AFTER)))


def _end(host: Host, account: Account) -> None:
    """Nothing is announced any more. What cannot be ended now ends by itself, and what it says until then does no harm."""
    try:
        with open_mailbox(host, account) as mailbox:
            mailbox.ask(GmailClient.stop)
    except ChannelError as error:
        host.log.info("announcements of account %s end by themselves: %s", account.id, error)
    forget_watch(host, account.id)


def _keep(host: Host, account_id: int, state: WatchState) -> None:
    kept = {
        "topic": state.topic,
        "ends_at": state.ends_at.isoformat() if state.ends_at else "",
        "next_at": state.next_at.isoformat(),
        "trouble": state.trouble,
    }
    host.store.set(_key(account_id), kept)


def _key(account_id: int) -> str:
    return f"watch_{account_id}"
