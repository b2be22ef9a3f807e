"""Sending what is due: some threads for each account, so that a provider that is slow or away holds up nobody else's messages."""

import logging
import threading
import time
from collections import Counter

from flask import Flask

from app.services.core import Core
from app.services.delivery import deliver, due_accounts, due_messages, keep_leases

__all__ = ["Outbox"]

log = logging.getLogger(__name__)

MOST_PER_ACCOUNT = 2
MOST_THREADS = 24
KEEP_EVERY_S = 60
_AT_ONCE = 20


class Outbox:
    """Keeps threads at work while accounts have messages to send. `look` is called every second or two, and when a message is due."""

    def __init__(self, app: Flask, core: Core) -> None:
        self._app, self._core = app, core
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: dict[threading.Thread, int] = {}
        self._in_hand: set[int] = set()
        self._served: dict[int, float] = {}
        self._keep_at = 0.0

    def look(self) -> None:
        """Start threads for the accounts that have something to send, those first that were not served for longest."""
        self._threads = {thread: account_id for thread, account_id in self._threads.items() if thread.is_alive()}
        running = Counter(self._threads.values())
        due = due_accounts(self._core)
        for account_id in sorted(due, key=lambda one: self._served.get(one, 0.0)):
            wanted = min(due[account_id], MOST_PER_ACCOUNT) - running[account_id]
            for _ in range(min(wanted, MOST_THREADS - len(self._threads))):
                self._start(account_id)
        if self._in_hand and time.monotonic() >= self._keep_at:
            self._keep_at = time.monotonic() + KEEP_EVERY_S
            keep_leases(self._core, list(self._in_hand))

    def stop(self, timeout_s: float = 20) -> None:
        """Begin nothing more and wait for what is being sent. What takes longer is taken up by the next start."""
        self._stop.set()
        deadline = time.monotonic() + timeout_s
        for thread in list(self._threads):
            thread.join(max(deadline - time.monotonic(), 0))

    def _start(self, account_id: int) -> None:
        self._served[account_id] = time.monotonic()
        thread = threading.Thread(target=self._run, args=(account_id,), name=f"outbox-{account_id}", daemon=True)
        self._threads[thread] = account_id
        thread.start()

    def _run(self, account_id: int) -> None:
        """Send what is due on one account until nothing is left, or nothing of it can be taken up."""
        try:
            with self._app.app_context():
                while any([self._send(one) for one in due_messages(self._core, account_id=account_id, limit=_AT_ONCE)]):
                    pass
        except Exception:  # the database is away, for example; the next look starts again
            log.exception("the outbox of account %s could not be read", account_id)

    def _send(self, message_id: int) -> bool:
        """True when an attempt was made. One message at a time is in the hands of one thread."""
        with self._lock:
            if self._stop.is_set() or message_id in self._in_hand:
                return False
            self._in_hand.add(message_id)
        try:
            return deliver(self._core, message_id) is not None
        except Exception:  # a fault of ours with one message must not keep the others
            log.exception("message %s could not be sent", message_id)
            return False
        finally:
            self._in_hand.discard(message_id)
