"""Running one case with a time limit, telling what went wrong, and making a case that goes wrong small."""

import faulthandler
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time

LIMIT_S = 2.0
"""Processor time, so that a busy machine finds nothing that is not there."""
STUCK_S = 60
_ROOT = Path(__file__).parents[2]


class TooSlow(Exception):
    """A case took more than `LIMIT_S`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong. Two failures with the same `signature` are the same mistake."""

    signature: str
    details: str


@dataclass(frozen=True, slots=True)
class Outcome:
    seconds: float
    failure: Failure | None


def tried(run: Callable[[bytes], None], data: bytes, limit_s: float = LIMIT_S) -> Outcome:
    """Run a case. Whatever it raises is its failure; one over the limit is stopped and fails too."""
    started = process_time()
    failure = None
    try:
        with _limited(limit_s):
            run(data)
    except Exception as error:  # noqa: BLE001 - to see each kind of exception is what this is for
        failure = _failure(error)
    return Outcome(process_time() - started, failure)


@contextmanager
def _limited(limit_s: float) -> Iterator[None]:
    """The signal interrupts Python and regular expressions; code in C that never returns ends the process with a trace."""

    def stop(_number: int, _frame: object) -> None:
        raise TooSlow(f"more than {limit_s:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    faulthandler.dump_traceback_later(STUCK_S, exit=True)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGPROF, before)


def _failure(error: Exception) -> Failure:
    """Named by its kind and the innermost line of ours; a slow one by its kind alone, for it stops now here, now there."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(str(_ROOT))]
    ours = [one for one in frames if ".venv" not in one.filename and "tests/fuzz/watching.py" not in one.filename]
    place = "" if isinstance(error, TooSlow) or not ours else f" in {Path(ours[-1].filename).name}:{ours[-1].name}"
    sentence = f": {error}" if isinstance(error, AssertionError) else ""
    return Failure(f"{type(error).__name__}{place}{sentence}"[:200], "".join(traceback.format_exception(error)))


def minimised(run: Callable[[bytes], None], data: bytes, signature: str, *, seconds: float = 30.0) -> bytes:
    """The smallest case found in `seconds` that fails in the same way: stretches are left out, ever shorter ones."""
    end = monotonic() + seconds

    def fails(candidate: bytes) -> bool:
        failure = tried(run, candidate).failure
        return failure is not None and failure.signature == signature

    step = max(1, len(data) // 2)
    while step and monotonic() < end:
        at, before = 0, len(data)
        while at < len(data) and monotonic() < end:
            candidate = data[:at] + data[at + step :]
            if fails(candidate):
                data = candidate
            else:
                at += step
        step = step if len(data) < before and step == 1 else step // 2
    return data
