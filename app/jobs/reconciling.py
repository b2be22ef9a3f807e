"""Comparing accounts with their providers beside everything else: one thread for each, a few at a time."""

import logging
import threading
import time

from flask import Flask

from app.errors import ConfigError
from app.processes import process_name
from app.services.core import Core
from app.services.reconciling import Run, claim_comparison, due_comparisons, keep_comparisons, reconcile

__all__ = ["Reconciler"]

log = logging.getLogger(__name__)

MOST_THREADS = 2
KEEP_EVERY_S = 30


class Reconciler:
    """Keeps threads at work while accounts are to be compared. `look` is called every few seconds."""

    def __init__(self, app: Flask, core: Core) -> None:
        self._app, self._core = app, core
        self._owner = process_name()
        self._stop = threading.Event()
        self._threads: dict[int, threading.Thread] = {}
        self._keep_at = 0.0

    def look(self) -> None:
        """Start what is due and not under way anywhere, and keep our leases."""
        self._threads = {account_id: thread for account_id, thread in self._threads.items() if thread.is_alive()}
        if self._threads and time.monotonic() >= self._keep_at:
            self._keep_at = time.monotonic() + KEEP_EVERY_S
            keep_comparisons(self._core, self._owner)
        for account_id in due_comparisons(self._core):
            if len(self._threads) >= MOST_THREADS or self._stop.is_set():
                break
            if account_id not in self._threads:
                self._try_to_start(account_id)

    def stop(self, timeout_s: float = 10) -> None:
        """Begin nothing more and end what is under way; it is done anew after the next start."""
        self._stop.set()
        deadline = time.monotonic() + timeout_s
        for thread in list(self._threads.values()):
            thread.join(max(deadline - time.monotonic(), 0))

    def _try_to_start(self, account_id: int) -> None:
        try:
            run = claim_comparison(self._core, account_id, self._owner)
        except ConfigError as error:  # its secrets cannot be read; its poller tells of that
            log.error("account %s: %s", account_id, error)
            return
        if run is None:
            return
        thread = threading.Thread(target=self._run, args=(run,), name=f"reconciler-{account_id}", daemon=True)
        self._threads[account_id] = thread
        thread.start()

    def _run(self, run: Run) -> None:
        try:
            with self._app.app_context():
                reconcile(self._core, run, self._stop.is_set)
        except Exception:  # the database is away, for example; it is due again when its lease ends
            log.exception("what came of comparing account %s could not be written down", run.account.id)
