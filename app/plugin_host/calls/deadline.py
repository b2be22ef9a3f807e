"""Doing something that may never end, in a thread of its own that is given up after a while."""

import contextlib
import contextvars
import ctypes
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Raised", "TookTooLong", "within"]

T = TypeVar("T")
STRIKES = 5
STRIKE_S = 0.2


class TookTooLong(Exception):
    """The time was over. The thread was told to end; it does as soon as it runs Python code again."""


class Raised(Exception):
    """The work raised `error`, of any kind: what would end the process in the main thread ends only that thread."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(type(error)))
        self.error = error


class _Struck(BaseException):
    """Raised inside the thread that was given up."""


def within(limit_s: float, work: Callable[[], T], name: str) -> T:
    """What `work` returns, called in a new thread that sees the caller's context (an app context, say). Raises `Raised` with whatever it
    raises, or `TookTooLong` after `limit_s` seconds."""
    task = _Task(work)
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: context.run(task.run), name=name, daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive() and _give_up(task, thread):
        raise TookTooLong
    return task.result()


class _Task(Generic[T]):
    """`lock` keeps a thread from being struck when its work is over: by then the number may be that of another thread."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None
        self.lock = threading.Lock()
        self.is_over = False

    def run(self) -> None:
        with contextlib.suppress(_Struck):
            self._run()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            self._error = error
        finally:
            with self.lock:
                self.is_over = True

    def result(self) -> T:
        if self._error is not None:
            raise Raised(self._error) from self._error
        return self._results[0]


def _give_up(task: _Task[T], thread: threading.Thread) -> bool:
    """Raise an exception in the thread until it ends, a few times: code that catches everything may go on after the first. False when
    its work had come to an end by itself."""
    for strike in range(STRIKES):
        with task.lock:
            if task.is_over:
                return strike > 0
            assert thread.ident is not None
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Struck))
        thread.join(STRIKE_S)
        if not thread.is_alive():
            break
    return True
