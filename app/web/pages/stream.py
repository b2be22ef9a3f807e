"""The event stream of open browsers. Each one holds a thread of the web server, so their number is limited and they end at shutdown.

Format: `event: change`, `id: <newest entry of the feed>`, `data: {"topics": ["inbox", "conversation:12"]}`; `event: reset` when
events were missed.
"""

import json
import time
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, current_app, request

from app.processes import is_stopping
from app.realtime import RESET, Event, Feed, Listener
from app.web.current import current_core

__all__ = ["blueprint"]

blueprint = Blueprint("realtime", __name__)
HEARTBEAT_S = 15.0
LONGEST_S = 3600.0
_LOOK_S = 1.0


@blueprint.get("/stream")
def stream() -> Response:
    """Everything that changes from `Last-Event-ID` (or `?since=`) on. 503 with Retry-After when all places are taken."""
    text = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    since = int(text) if text.isdecimal() and len(text) < 19 else 0
    current_core().session.remove()
    feed: Feed = current_app.extensions["tidings.feed"]
    listener = feed.listen()
    response = Response(_lines(feed, listener, since, is_stopping), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: feed.leave(listener))
    return response


def _lines(feed: Feed, listener: Listener, since: int, stops: Callable[[], bool]) -> Iterator[str]:
    """The text of the stream. No database session is held while it waits."""
    try:
        yield "retry: 2000\n\n"
        if since:
            for event in feed.since(since):
                yield _text(event)
        begun = spoke_at = time.monotonic()
        while not stops() and time.monotonic() - begun < LONGEST_S:
            told = listener.wait(_LOOK_S)
            if told is not None:
                yield _text(told)
                spoke_at = time.monotonic()
            elif time.monotonic() - spoke_at >= HEARTBEAT_S:
                yield ": still here\n\n"
                spoke_at = time.monotonic()
    finally:
        feed.leave(listener)


def _text(event: Event) -> str:
    if event is RESET:
        return "event: reset\ndata: {}\n\n"
    return f"event: change\nid: {event.id}\ndata: {json.dumps({'topics': event.topics})}\n\n"
