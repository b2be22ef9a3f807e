"""Asking the domain name system, with a limit of time for each mail; what was answered is remembered as long as it holds.

What is asked, and what the answers mean, stands in `app.mime.authentication`.
"""

import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from app.config import Config
from app.mime.authentication import Ask, LookupFailed

if TYPE_CHECKING:
    from dns.resolver import Resolver as Library

__all__ = ["NoResolver", "Resolver", "ServerResolver", "resolver_of"]

QUESTION_S, MAIL_S = 2.0, 4.0
"""How long a question may take, and how long all questions about one mail."""
REMEMBERED_S = 60.0
"""For so long a question that nobody answered is not asked again."""
LOST_S, HURRIED_S = 20.0, 0.5
"""Once so much time was lost within a minute with waiting for nobody, each further question has only this long: mails whose senders let
us wait must not hold up all others."""
_KEPT, _SILENCES = 2_000, 500
_MOST_RECORDS, _LONGEST = 60, 8_000
"""Of larger answers nothing is kept: whoever has a domain could fill the memory with them."""


class Resolver(Protocol):
    """Whom the domain name system is asked by."""

    can_ask: bool

    def for_a_mail(self) -> Ask:
        """The function that answers the questions about one mail; once the time for it is over it raises `LookupFailed`."""


class NoResolver:
    """Asks nobody: nothing is known."""

    can_ask = False

    def for_a_mail(self) -> Ask:
        return _know_nothing


class ServerResolver:
    """Asks name servers: those of the machine, or the one that is given as (address, port). May be used by many threads."""

    can_ask = True

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        self._server = server
        self._silent: dict[tuple[str, str], float] = {}
        self._lost_s, self._counted_from = 0.0, time.monotonic()
        self._lock = threading.Lock()

    def for_a_mail(self) -> Ask:
        ends_at = time.monotonic() + MAIL_S

        def ask(name: str, kind: str) -> tuple[str, ...]:
            return self._asked(name, kind, ends_at)

        return ask

    @cached_property
    def _library(self) -> "Library":
        return _library(self._server)

    def _asked(self, name: str, kind: str, ends_at: float) -> tuple[str, ...]:
        began_at = time.monotonic()
        left = min(self._patience_s(began_at), ends_at - began_at)
        if left <= 0 or self._is_silent(name, kind):
            raise LookupFailed(f"no answer about {name}")
        try:
            return _answer(self._library, name, kind, left)
        except LookupFailed:
            self._note_silence(name, kind, time.monotonic() - began_at)
            raise

    def _patience_s(self, now: float) -> float:
        with self._lock:
            if now - self._counted_from >= REMEMBERED_S:
                self._lost_s, self._counted_from = 0.0, now
            return QUESTION_S if self._lost_s < LOST_S else HURRIED_S

    def _is_silent(self, name: str, kind: str) -> bool:
        with self._lock:
            return self._silent.get((name, kind), 0.0) > time.monotonic()

    def _note_silence(self, name: str, kind: str, lost_s: float) -> None:
        with self._lock:
            self._lost_s += lost_s
            if len(self._silent) >= _SILENCES:
                self._silent.clear()
            self._silent[name, kind] = time.monotonic() + REMEMBERED_S


def resolver_of(config: Config) -> Resolver:
    """The resolver that `TIDINGS_DNS` names."""
    return NoResolver() if config.dns == "off" else ServerResolver(config.nameserver)


def _know_nothing(name: str, kind: str) -> tuple[str, ...]:
    raise LookupFailed("nobody is asked")


def _library(server: tuple[str, int] | None) -> "Library":
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration as error:
        raise LookupFailed(f"this machine names no name servers ({error})") from error
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]
    resolver.cache = _small_answers()
    resolver.use_search_by_default = False
    return resolver


def _small_answers() -> Any:
    """What remembers the last answers, each for as long as it holds."""
    import dns.resolver

    class SmallAnswers(dns.resolver.LRUCache):
        def put(self, key: Any, value: Any) -> None:
            records = [record for part in value.response.sections for found in part for record in found]
            if len(records) <= _MOST_RECORDS and sum(map(_length, records)) <= _LONGEST:
                super().put(key, value)

    return SmallAnswers(_KEPT)


def _length(record: Any) -> int:
    return sum(map(len, getattr(record, "strings", ())))


def _answer(library: "Library", name: str, kind: str, lifetime_s: float) -> tuple[str, ...]:
    """The values of the records; an empty tuple where there are none, or there can be none."""
    import dns.exception
    import dns.resolver
    import dns.reversename

    try:
        target: Any = dns.reversename.from_address(name) if kind == "PTR" else name
        records = library.resolve(target, kind, lifetime=lifetime_s, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
        return ()
    except (dns.exception.Timeout, dns.resolver.NoNameservers, OSError) as error:
        raise LookupFailed(f"no answer about {name}: {type(error).__name__}") from error
    except (dns.exception.DNSException, ValueError):
        return ()  # no name that anybody could have
    return tuple(map(_READERS[kind], sorted(records, key=lambda one: getattr(one, "preference", 0))))


def _text(record: Any) -> str:
    return b"".join(record.strings).decode("latin-1")


def _address(record: Any) -> str:
    return str(record.address)


def _exchange(record: Any) -> str:
    return record.exchange.to_text(omit_final_dot=True)


def _target(record: Any) -> str:
    return record.target.to_text(omit_final_dot=True)


_READERS = {"TXT": _text, "A": _address, "AAAA": _address, "MX": _exchange, "PTR": _target}
