"""Following the `change` table for the listeners of this process. The thread runs only while somebody listens.

On PostgreSQL ids can become visible out of order, because transactions commit in another order than they began: the newest seconds
are read again at each look and what was seen is remembered.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from app.models import Change
from app.realtime.topics import topics_of

__all__ = ["RESET", "Event", "Feed", "Listener", "TooManyStreams"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.3
LOOK_BACK = timedelta(seconds=5)
QUEUE_LENGTH = 200
READ_AT_ONCE = 500


class TooManyStreams(Exception):
    """All places for listeners are taken."""


@dataclass(frozen=True, slots=True)
class Event:
    """Entries of the feed in one telling: the id of the newest and all their topics, each once."""

    id: int
    topics: tuple[str, ...]


RESET = Event(0, ())
"""Told instead of events when some were missed: everything on the page is to be fetched again."""


@dataclass(eq=False)
class Listener:
    """One open stream. `is_late` once its queue ran over."""

    events: queue.Queue[Event] = field(default_factory=lambda: queue.Queue(QUEUE_LENGTH))
    is_late: bool = False

    def wait(self, timeout_s: float) -> Event | None:
        """The next event, `RESET` when some were missed, or None when the time is over."""
        if self.is_late:
            self.is_late = False
            with self.events.mutex:
                self.events.queue.clear()
            return RESET
        try:
            return self.events.get(timeout=timeout_s)
        except queue.Empty:
            return None


class Feed:
    """The changes of the installation for the listeners of this process. `now` is the clock."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], most_listeners: int) -> None:
        self._engine = engine
        self._now = now
        self._most = most_listeners
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._last = 0
        self._seen: dict[int, datetime] = {}

    @property
    def listener_count(self) -> int:
        return len(self._listeners)

    def listen(self) -> Listener:
        """Begin to listen. Raises `TooManyStreams`. Whoever listens must call `leave`."""
        listener = Listener()
        with self._lock:
            if len(self._listeners) >= self._most:
                raise TooManyStreams
            self._listeners.add(listener)
            if self._thread is None or not self._thread.is_alive():
                self._begin()
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening; the thread ends by itself after the last one left."""
        with self._lock:
            self._listeners.discard(listener)

    def since(self, last_id: int) -> Iterator[Event]:
        """What happened after an id, for a page that was made or a stream that broke a while ago; `RESET` when that is forgotten."""
        with self._engine.connect() as connection:
            oldest = connection.scalar(select(Change.id).order_by(Change.id).limit(1))
            statement = select(Change.id, Change.topic, Change.data).where(Change.id > last_id).order_by(Change.id)
            rows = connection.execute(statement.limit(READ_AT_ONCE + 1)).all()
        if len(rows) > READ_AT_ONCE or (oldest is not None and last_id and last_id < oldest - 1):
            yield RESET
        elif rows:
            yield _event(rows)

    def _begin(self) -> None:
        with self._engine.connect() as connection:
            newest = select(Change.id, Change.created_at).order_by(Change.id.desc()).limit(READ_AT_ONCE)
            rows = connection.execute(newest).all()
        self._last = rows[0].id if rows else 0
        recent = self._now() - LOOK_BACK
        self._seen = {row.id: row.created_at for row in rows if row.created_at > recent}
        self._thread = threading.Thread(target=self._follow, name="change-feed", daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        while True:
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    return
            try:
                rows = self._look()
            except SQLAlchemyError as error:
                log.warning("the feed of changes could not be read: %s", error)
                time.sleep(2)
                continue
            if rows:
                self._tell(_event(rows))
            time.sleep(LOOK_EVERY_S)

    def _look(self) -> list:
        """Entries nobody was told of yet, oldest first."""
        recent = self._now() - LOOK_BACK
        statement = select(Change.id, Change.topic, Change.data, Change.created_at).order_by(Change.id)
        is_new = Change.id > self._last
        if self._engine.dialect.name != "sqlite":
            is_new = is_new | (Change.created_at > recent)
        with self._engine.connect() as connection:
            rows = [
                row
                for row in connection.execute(statement.where(is_new).limit(READ_AT_ONCE))
                if row.id not in self._seen
            ]
        self._seen = {key: at for key, at in self._seen.items() if at > recent}
        self._seen.update({row.id: row.created_at for row in rows})
        self._last = max([self._last, *(row.id for row in rows)])
        return rows

    def _tell(self, event: Event) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener.events.put_nowait(event)
            except queue.Full:
                listener.is_late = True


def _event(rows: Sequence) -> Event:
    topics = dict.fromkeys(topic for row in rows for topic in topics_of(row.topic, row.data or {}))
    return Event(max(row.id for row in rows), tuple(topics))
