"""Completing and reading what came on channels that ask their provider for more: one thread for each account, so that a provider that is
slow or away holds up nobody else's messages."""

import logging
import threading
import time

from flask import Flask

from app.services.completing import accounts_to_complete, claim_event, events_to_complete
from app.services.core import Core
from app.services.intake import process_event

__all__ = ["Completions", "complete_due"]

log = logging.getLogger(__name__)

MOST_THREADS = 12


class Completions:
    """Keeps a thread at work for each account with events to complete. `look` is called every second or two, and when one came."""

    def __init__(self, app: Flask, core: Core) -> None:
        self._app, self._core = app, core
        self._stop = threading.Event()
        self._threads: dict[int, threading.Thread] = {}
        self._served: dict[int, float] = {}

    def look(self) -> None:
        """Start threads for the accounts that have something to complete, those first that were not served for longest."""
        self._threads = {account_id: thread for account_id, thread in self._threads.items() if thread.is_alive()}
        waiting = accounts_to_complete(self._core) - self._threads.keys()
        for account_id in sorted(waiting, key=lambda one: self._served.get(one, 0.0)):
            if len(self._threads) < MOST_THREADS and not self._stop.is_set():
                self._start(account_id)

    def stop(self, timeout_s: float = 10) -> None:
        """Begin nothing more and wait for what is being completed. What takes longer is taken up again after the next start."""
        self._stop.set()
        deadline = time.monotonic() + timeout_s
        for thread in list(self._threads.values()):
            thread.join(max(deadline - time.monotonic(), 0))

    def _start(self, account_id: int) -> None:
        self._served[account_id] = time.monotonic()
        thread = threading.Thread(target=self._run, args=(account_id,), name=f"completions-{account_id}", daemon=True)
        self._threads[account_id] = thread
        thread.start()

    def _run(self, account_id: int) -> None:
        """Complete what is due on one account until nothing is left."""
        try:
            with self._app.app_context():
                while not self._stop.is_set() and _complete_some(self._core, account_id, self._stop):
                    pass
        except Exception:  # the database is away, for example; the next look starts again
            log.exception("the events of account %s could not be read", account_id)


def complete_due(core: Core) -> int:
    """Complete and process everything that is due, one after the other; gives how many events that were."""
    return sum(_complete_some(core, account_id, threading.Event()) for account_id in sorted(accounts_to_complete(core)))


def _complete_some(core: Core, account_id: int, stop: threading.Event) -> int:
    """How many events were taken up; none when others have them or nothing is due."""
    taken = 0
    for event_id in events_to_complete(core, account_id):
        if stop.is_set() or not claim_event(core, event_id):
            continue
        taken += 1
        try:
            process_event(core, event_id, may_complete=True)
        except (
            Exception
        ):  # a fault of ours with one event must not keep the others; it is tried again when its claim ends
            log.exception("event %s could not be completed", event_id)
    return taken
