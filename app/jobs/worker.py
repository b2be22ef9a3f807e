"""The worker process: does what the queue wakes it for, sweeps for what was missed, polls accounts, runs the services of plugins."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app.jobs.completions import Completions
from app.jobs.housekeeping import do_housekeeping
from app.jobs.missed import deliver_missed
from app.jobs.outbox import Outbox
from app.jobs.plugin_jobs import PluginJobs
from app.jobs.plugin_services import PluginServices
from app.jobs.pollers import Pollers
from app.jobs.queue import Queue
from app.jobs.reconciling import Reconciler
from app.processes import settle_down
from app.services.conversations import wake_snoozed
from app.services.core import Core
from app.services.intake import process_event
from app.services.journal import due_events, postpone
from app.services.notice_mail import mail_notices
from app.services.plugins.news import PluginNews
from app.services.silence import watch_silence

__all__ = ["run_worker", "sweep"]

log = logging.getLogger(__name__)

SWEEP_S = 1.5
FOLLOW_S = 0.5
HOUSEKEEPING_S = 3600
NOTICES_S = 5
MISSED_S = 2
RECONCILING_S = 2
SILENCE_S = 600
_AFTER_A_FAULT = timedelta(minutes=5)


def run_worker(app: Flask, core: Core, queue: Queue) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in hand (at most 20 s)."""
    stop = threading.Event()
    consumer = queue.consumer()
    consumer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settle_down()
    pollers, services, outbox = Pollers(app, core), PluginServices(core), Outbox(app, core)
    jobs, completions, reconciler = PluginJobs(app, core), Completions(app, core), Reconciler(app, core)
    threads = [
        _loop(
            "plugins", app, core, stop, FOLLOW_S, PluginNews(core).look
        ),  # each loop follows the plugins; this one soon enough for all
        _loop("sweep", app, core, stop, SWEEP_S, lambda: sweep(core, stop.is_set), queue.journal_bell),
        _loop("outbox", app, core, stop, SWEEP_S, outbox.look, queue.bell),
        _loop("completions", app, core, stop, SWEEP_S, completions.look, queue.completion_bell),
        _loop("pollers", app, core, stop, 1.0, pollers.look),
        _loop("services", app, core, stop, 1.0, services.look),
        _loop("jobs", app, core, stop, 1.0, jobs.look),
        _loop("reconciler", app, core, stop, RECONCILING_S, reconciler.look),
        _loop("silence", app, core, stop, SILENCE_S, lambda: watch_silence(core)),
        _loop("missed", app, core, stop, MISSED_S, lambda: deliver_missed(core)),
        _loop("notices", app, core, stop, NOTICES_S, lambda: mail_notices(core)),
        _loop("housekeeping", app, core, stop, HOUSEKEEPING_S, lambda: do_housekeeping(core)),
    ]
    log.info("worker is running")
    stop.wait()
    log.info("worker is stopping")
    queue.bell.set()
    queue.completion_bell.set()
    queue.journal_bell.set()
    pollers.stop()
    services.stop()
    outbox.stop()
    completions.stop()
    jobs.stop()
    reconciler.stop()
    for thread in threads:
        thread.join(timeout=10)
    consumer.stop(graceful=True)
    with app.app_context():
        core.plugins.flush_health()


def sweep(core: Core, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Do what is due whether or not anybody woke us: process journal events, wake snoozed. Returns how much it found."""
    events = due_events(core)
    for event_id in events:
        if is_stopped():
            break
        _process(core, event_id)
    return len(events) + wake_snoozed(core)


def _process(core: Core, event_id: int) -> None:
    """One event; whatever is wrong with it does not keep the others."""
    try:
        process_event(core, event_id)
    except Exception as error:
        log.exception("event %s could not be processed", event_id)
        postpone(core, event_id, core.clock.now() + _AFTER_A_FAULT, f"Tidings failed on it ({type(error).__name__}).")


def _loop(
    name: str,
    app: Flask,
    core: Core,
    stop: threading.Event,
    pause_s: float,
    work: Callable[[], object],
    bell: threading.Event | None = None,
) -> threading.Thread:
    """Do the work again and again, `pause_s` seconds apart or as soon as the bell rings."""
    waker = bell or stop

    def run() -> None:
        while not stop.is_set():
            if bell is not None:
                bell.clear()
            try:
                with app.app_context():
                    core.plugins.refresh()
                    work()
            except Exception:  # a loop of the worker must outlive whatever one round of it meets
                log.exception("%s: this round failed, the next comes in %s s", name, pause_s)
            waker.wait(pause_s)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
