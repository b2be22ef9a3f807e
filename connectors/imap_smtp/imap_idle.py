"""Waiting for new mail in the selected folder: IDLE (RFC 2177), or asking with NOOP where a server cannot.

A silent connection may be a dead one, so IDLE is ended and begun again every few minutes; the server's answer
to that proves the path works. The RFC's limit is 29 minutes, but home routers forget connections much
earlier.
"""

from __future__ import annotations

import imaplib
import re
import threading
import time
from itertools import count

from connectors.imap_smtp.imap_wire import Session
from connectors.imap_smtp.types import IdleEvent

REISSUE_S = 5 * 60.0
_SLICE_S = 0.5
_EXISTS = re.compile(rb"\* \d+ EXISTS", re.IGNORECASE)
_tags = count(1)


def wait(session: Session, stop: threading.Event, max_s: float) -> IdleEvent:
    """Stay in IDLE until mail arrives, `stop` is set or `max_s` seconds are over.

    Raises what imaplib raises.
    """
    deadline = time.monotonic() + max_s
    while True:
        event = _one_idle(session, stop, deadline)
        if event is not None:
            return event


def poll(session: Session, stop: threading.Event, max_s: float, poll_s: float) -> IdleEvent:
    """Ask every `poll_s` seconds, and once at the end. Raises what imaplib raises."""
    deadline = time.monotonic() + max_s
    while True:
        left_s = deadline - time.monotonic()
        if stop.wait(max(0.0, min(poll_s, left_s))):
            return IdleEvent.STOPPED
        session.noop()
        if session.response("EXISTS")[1] != [None]:
            return IdleEvent.NEW_MAIL
        if time.monotonic() >= deadline:
            return IdleEvent.TIMED_OUT


def _one_idle(session: Session, stop: threading.Event, deadline: float) -> IdleEvent | None:
    """One IDLE command from start to DONE; None means: begin another."""
    patience_s = session.sock.gettimeout()
    tag = b"IDLE%d" % next(_tags)
    session.send(tag + b" IDLE\r\n")
    has_mail = _await_continuation(session, tag)
    renew_at = time.monotonic() + REISSUE_S
    event: IdleEvent | None = None
    while not has_mail and event is None and time.monotonic() < renew_at:
        has_mail = _listen(session, min(_SLICE_S, max(0.01, deadline - time.monotonic())), patience_s)
        event = _ending(stop, deadline)
    session.send(b"DONE\r\n")
    has_mail |= _await_end(session, tag)
    return IdleEvent.NEW_MAIL if has_mail else event


def _ending(stop: threading.Event, deadline: float) -> IdleEvent | None:
    if stop.is_set():
        return IdleEvent.STOPPED
    return IdleEvent.TIMED_OUT if time.monotonic() >= deadline else None


def _listen(session: Session, slice_s: float, patience_s: float | None) -> bool:
    """Read one line if it comes within `slice_s`; return whether it tells of new mail."""
    session.sock.settimeout(slice_s)
    try:
        return _tells_of_mail(session.readline())
    except TimeoutError:
        return False
    finally:
        session.sock.settimeout(patience_s)


def _await_continuation(session: Session, tag: bytes) -> bool:
    has_mail = False
    while not (line := session.readline()).startswith(b"+"):
        if line.startswith(tag + b" "):
            raise imaplib.IMAP4.error(line[len(tag) :].decode("utf-8", "replace").strip())
        has_mail |= _tells_of_mail(line)
    return has_mail


def _await_end(session: Session, tag: bytes) -> bool:
    has_mail = False
    while not (line := session.readline()).startswith(tag + b" "):
        has_mail |= _tells_of_mail(line)
    return has_mail


def _tells_of_mail(line: bytes) -> bool:
    if line[:6].upper() == b"* BYE ":
        raise imaplib.IMAP4.abort(line[6:].decode("utf-8", "replace").strip())
    return bool(_EXISTS.match(line))
