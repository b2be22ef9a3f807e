"""How many requests a web process works on at the same moment.

Python runs one thread at a time. When dozens work beside each other, each waits for the others at every step, also the one that holds
the lock which all others want, and everything becomes slower than one after the other would be.
"""

import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

__all__ = ["Turnstile"]

_MOST_READ = 256 * 1024


class Turnstile:
    """A WSGI application that lets `most` requests in at once. Whoever has waited `patience_s` goes in all the same: those inside may be
    waiting for a provider. Nobody inside waits for a visitor: what is sent along is read before, long or endless uploads take no place,
    and answers that are sent piece by piece count only until their first piece."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, most: int = 3, patience_s: float = 0.5) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(most)
        self._patience_s = patience_s

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        size = _size_of_body(environ)
        if size is None or size > _MOST_READ:
            return self._application(environ, start_response)
        if size:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))
        has_place = self._places.acquire(timeout=self._patience_s)
        try:
            return self._application(environ, start_response)
        finally:
            if has_place:
                self._places.release()


def _size_of_body(environ: dict[str, Any]) -> int | None:
    """How many bytes are sent along; None where that is not said."""
    said = environ.get("CONTENT_LENGTH") or ""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    return int(said) if said.isdecimal() else None if said else 0
