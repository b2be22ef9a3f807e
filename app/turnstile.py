"""How many requests a web process works on at the same moment.

Python runs one thread at a time. When dozens work beside each other, each waits for the others at every step, also the one that holds
the lock which all others want, and everything becomes slower than one after the other would be.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Turnstile"]


class Turnstile:
    """A WSGI application that lets `most` requests in at once. Whoever has waited `patience_s` goes in all the same: those inside may be
    waiting for somebody else, a provider or a browser. Answers that are sent piece by piece count only until their first piece."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, most: int = 3, patience_s: float = 0.5) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(most)
        self._patience_s = patience_s

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        has_place = self._places.acquire(timeout=self._patience_s)
        try:
            return self._application(environ, start_response)
        finally:
            if has_place:
                self._places.release()
