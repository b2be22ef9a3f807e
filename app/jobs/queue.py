"""The queue only wakes the worker: the truth about work to do stands in our own tables, and the sweep finds what a wake-up missed."""

import logging
import sqlite3
import threading
import time
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Flask

from app.config import Config
from app.errors import ConfigError
from app.jobs.lean_huey import (
    Consumer,
    Huey,
    HueyException,
    PostgresHuey,
    PriorityRedisHuey,
    SqliteHuey,
    TaskWrapper,
    bring_postgres,
    bring_redis,
)
from app.services.core import Core
from app.services.intake import process_event

__all__ = ["Queue"]

log = logging.getLogger(__name__)


class Queue:
    """Wake-ups for one installation. `wake` never fails: a queue that is away costs seconds, not messages.

    In the worker `bell` rings when a message may leave, `completion_bell` when an event is to be completed, `journal_bell` when many
    events may have come; each has a thread of its own, see `app.jobs.outbox`, `app.jobs.completions` and `app.jobs.worker`.
    """

    def __init__(self, config: Config) -> None:
        try:
            self.huey, self._storage_error = _open(config)
        except (ValueError, ImportError, OSError, HueyException, sqlite3.Error) as error:
            raise ConfigError(f"TIDINGS_QUEUE_URL cannot be used: {' '.join(str(error).split())}") from error
        self._threads = config.worker_threads
        self._task: TaskWrapper | None = None
        self.bell = threading.Event()
        self.completion_bell = threading.Event()
        self.journal_bell = threading.Event()
        self._bells = {"deliver": self.bell, "complete": self.completion_bell, "look": self.journal_bell}
        self._is_worker = False

    def bind(self, app: Flask, core: Core) -> None:
        """Say what the tasks do. Called once, when the app is built."""

        @self.huey.task(name="do")
        def do(task: str, identifier: int) -> None:
            if task in self._bells:
                self._bells[task].set()
                return
            with app.app_context():
                process_event(core, identifier)

        self._task = do

    def wake(self, task: str, identifier: int, delay_s: float = 0) -> None:
        """Ask the worker to do a task, perhaps a little later. The worker itself rings its own bells without the queue."""
        if self._task is None:
            return
        if self._is_worker and task in self._bells and delay_s <= 0:
            self._bells[task].set()
            return
        try:
            if delay_s > 0:
                self._task.schedule((task, identifier), delay=delay_s)
            else:
                self._task(task, identifier)
        except (HueyException, OSError, self._storage_error) as error:
            log.warning("could not wake the worker for %s %s: %s", task, identifier, error)

    def consumer(self) -> Consumer:
        """What takes wake-ups in the worker, not started yet."""
        self._is_worker = True
        is_away = _AwayFilter((OSError, self._storage_error))
        for name in ("Worker", "Scheduler"):
            logging.getLogger(f"huey.consumer.{name}").addFilter(is_away)
        return self.huey.create_consumer(
            workers=self._threads, periodic=False, initial_delay=0.05, max_delay=0.4, shutdown_timeout=20
        )

    def problem(self) -> str:
        """Why wake-ups cannot travel now, in a sentence; empty when they can."""
        try:
            self.huey.pending_count()
        except (HueyException, OSError, self._storage_error) as error:
            return " ".join(str(error).split()) or type(error).__name__
        return ""


class _AwayFilter(logging.Filter):
    """Of a queue that is away one line a minute is told; its threads would write a traceback several times a second."""

    def __init__(self, errors: tuple[type[Exception], ...]) -> None:
        super().__init__()
        self._errors = errors
        self._silent_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, self._errors):
            return True
        if time.monotonic() < self._silent_until:
            return False
        self._silent_until = time.monotonic() + 60
        record.msg, record.args = "the queue is away, work is found by looking: %s", (" ".join(str(error).split()),)
        record.exc_info = record.exc_text = None
        return True


def _open(config: Config) -> tuple[Huey, type[Exception]]:
    """The queue and the base class of what its storage may raise."""
    options = {"name": "tidings", "results": False, "utc": True}
    url = config.queue_url
    if url.startswith(("redis://", "rediss://")):
        from redis.exceptions import RedisError

        bring_redis()
        return PriorityRedisHuey(url=_impatient(url), **options), RedisError
    if url.startswith("postgresql"):
        from psycopg import Error

        bring_postgres()
        try:
            return PostgresHuey(dsn=url.replace("postgresql+psycopg://", "postgresql://"), **options), Error
        except Error as error:
            raise OSError(f"PostgreSQL cannot be reached: {error}") from error
    path = url.removeprefix("sqlite:///") or str(config.home.resolve() / "queue.sqlite3")
    return SqliteHuey(filename=path, fsync=False, **options), sqlite3.Error


def _impatient(url: str) -> str:
    """The address with time limits, so that an agent's click does not wait for a Redis that does not answer."""
    parts = urlsplit(url)
    limits = {"socket_connect_timeout": "2", "socket_timeout": "5", **dict(parse_qsl(parts.query))}
    return urlunsplit(parts._replace(query=urlencode(limits)))
