"""The service that keeps a running line for each SIP account: new accounts get one, changed ones another, paused and removed ones none."""

import threading
import time
from dataclasses import dataclass

from plugins.voip.sip_line import SIPLine
from plugins.voip.sip_state import saved_count
from tidings import Account, Host, Service

__all__ = ["run_lines", "sip_services"]

_LOOK_S = 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 60.0


@dataclass
class _Kept:
    """A line, for which version of the account (`saved`), and when it may be followed by another after it ended by itself."""

    line: SIPLine
    saved: int
    began_at: float
    pause_s: float = _FIRST_PAUSE_S
    ended_at: float | None = None


def sip_services(host: Host) -> list[Service]:
    """The one service of the plugin."""
    return [Service("SIP lines", lambda stop: run_lines(host, stop))]


def run_lines(host: Host, stop: threading.Event, *, look_s: float = _LOOK_S) -> None:
    """Keep the lines in step with the accounts until `stop` is set."""
    kept: dict[int, _Kept] = {}
    try:
        while not stop.is_set():
            _look(host, kept)
            stop.wait(look_s)
    finally:
        for one in kept.values():
            one.line.stop()
        for one in kept.values():
            one.line.join(4)


def _look(host: Host, kept: dict[int, _Kept]) -> None:
    wanted = {account.id: account for account in host.accounts() if account.settings.get("driver") == "sip"}
    for account_id in list(kept):
        if account_id not in wanted:
            kept[account_id].line.stop()
            if not kept[account_id].line.is_running:
                del kept[account_id]
    for account in wanted.values():
        known = kept.get(account.id)
        fresh = _started(host, account) if known is None else _followed(host, account, known)
        if fresh is not None:
            kept[account.id] = fresh


def _started(host: Host, account: Account, pause_s: float = _FIRST_PAUSE_S) -> _Kept:
    return _Kept(SIPLine(host, account), saved_count(host, account.id), time.monotonic(), pause_s)


def _followed(host: Host, account: Account, known: _Kept) -> _Kept | None:
    """Another line where the account changed or the line ended; None while it is as it should be."""
    line = known.line
    saved = saved_count(host, account.id)
    is_other = account.settings != line.account.settings or account.secrets != line.account.secrets
    if line.is_running:
        if (is_other or saved != known.saved) and not line.is_refused and line.can_become(account):
            known.saved = saved
        elif is_other or (saved != known.saved and line.is_refused):
            line.stop(lets_calls_end=True)
        return None
    if is_other or saved != known.saved or (line.was_stopped and not line.is_refused):
        return _started(host, account)
    return None if line.is_refused else _after_pause(host, account, known)


def _after_pause(host: Host, account: Account, known: _Kept) -> _Kept | None:
    """A line that failed is followed by another after a pause, which grows while lines fail soon."""
    now = time.monotonic()
    if known.ended_at is None:
        known.ended_at = now
        lived_long = now - known.began_at > _LONGEST_PAUSE_S
        known.pause_s = _FIRST_PAUSE_S if lived_long else min(known.pause_s * 2, _LONGEST_PAUSE_S)
    return _started(host, account, known.pause_s) if now - known.ended_at > known.pause_s else None
