"""One thread for each account that is fetched: fetch, then wait for the provider to call (IDLE) or for the next poll."""

import logging
import threading
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select

from app.errors import ConfigError
from app.models import ChannelAccount
from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.errors import NeedsReauth
from app.processes import process_name
from app.services.core import Core
from app.services.fetch_wishes import fetch_wishes
from app.services.fetching import (
    account_of,
    claim_account,
    fetch_account,
    keep_claims,
    note_trouble,
    release_account,
)

__all__ = ["Pollers"]

log = logging.getLogger(__name__)

_KEEP_EVERY = 15


@dataclass
class _Poller:
    """`bell` rings when the account is to be fetched before its turn, of which `wishes` were heard so far, and at the end."""

    revision: int
    wishes: int
    stop: threading.Event = field(default_factory=threading.Event)
    bell: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def end(self) -> None:
        self.stop.set()
        self.bell.set()


class Pollers:
    """Keeps the running threads in step with the accounts in the database. `look` is called about once a second."""

    def __init__(self, app: Flask, core: Core) -> None:
        self._app, self._core = app, core
        self._owner = process_name()
        self._running: dict[int, _Poller] = {}
        self._looks = 0

    def look(self) -> None:
        """Start what is missing, stop what was paused, changed or removed, and keep our leases."""
        wanted, wishes = self._wanted(), fetch_wishes(self._core)
        for account_id, poller in list(self._running.items()):
            if wanted.get(account_id) != poller.revision:
                poller.end()
            elif wishes.get(account_id, 0) > poller.wishes:
                poller.wishes = wishes[account_id]
                poller.bell.set()
            if poller.thread is None or not poller.thread.is_alive():
                del self._running[account_id]
        for account_id, revision in wanted.items():
            if account_id not in self._running:
                self._try_to_start(account_id, revision, wishes.get(account_id, 0))
        self._looks += 1
        if self._running and self._looks % _KEEP_EVERY == 0:
            self._keep()

    def stop(self) -> None:
        """Stop all threads and wait for them a little."""
        pollers = list(self._running.values())
        for poller in pollers:
            poller.end()
        for poller in pollers:
            if poller.thread is not None:
                poller.thread.join(timeout=5)

    def _wanted(self) -> dict[int, int]:
        fetching = [
            name for name, channel in self._core.plugins.channels.items() if Capability.FETCH in channel.capabilities
        ]
        now = self._core.clock.now()
        statement = select(ChannelAccount.id, ChannelAccount.revision).where(
            ChannelAccount.state == "active",
            ChannelAccount.plugin.in_(fetching),
            (ChannelAccount.next_attempt_at.is_(None)) | (ChannelAccount.next_attempt_at <= now),
        )
        found = {account_id: revision for account_id, revision in self._core.session.execute(statement)}
        self._core.session.rollback()
        return found

    def _keep(self) -> None:
        """Prolong our leases and stop what is ours no longer: this process was asleep too long, and another has taken over."""
        ours = keep_claims(self._core, self._owner)
        for account_id, poller in self._running.items():
            if account_id not in ours:
                poller.end()

    def _try_to_start(self, account_id: int, revision: int, wishes: int) -> None:
        try:
            self._start(account_id, revision, wishes)
        except ConfigError as error:  # its secrets cannot be read: that is this account's trouble alone
            log.error("account %s: %s", account_id, error)
            note_trouble(self._core, account_id, NeedsReauth(str(error)))

    def _start(self, account_id: int, revision: int, wishes: int) -> None:
        account = claim_account(self._core, account_id, self._owner)
        if account is None:
            return
        poller = _Poller(revision, wishes)
        poller.thread = threading.Thread(
            target=self._run, args=(account, poller), name=f"poller-{account_id}", daemon=True
        )
        self._running[account_id] = poller
        poller.thread.start()

    def _run(self, account: Account, poller: _Poller) -> None:
        """Poll one account until told to stop or something goes wrong; trouble is written down and the thread ends."""
        try:
            while not poller.stop.is_set():
                channel = self._core.plugins.channels.get(account.plugin)
                if channel is None:
                    break
                with self._app.app_context():
                    account = fetch_account(self._core, account, poller.stop.is_set)
                _wait(channel, account, poller)
                with self._app.app_context():
                    account = account_of(self._core, account.id) or account
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a channel may raise anything; the account shows it
            log.warning("account %s: %s: %s", account.id, type(error).__name__, error)
            with self._app.app_context():
                note_trouble(self._core, account.id, error)
        finally:
            with self._app.app_context():
                release_account(self._core, account.id, self._owner)


def _wait(channel: Channel, account: Account, poller: _Poller) -> None:
    """Until the provider calls or it is time to ask. What rang while the account was being fetched is heard now."""
    if Capability.WATCH in channel.capabilities:
        channel.watch(account, poller.stop)
        return
    poller.bell.wait(channel.poll_interval_s)
    if not poller.stop.is_set():
        poller.bell.clear()
