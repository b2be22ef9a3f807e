"""Small writings that many requests want at the same moment, in one transaction: one lock and one wait for the disk for all of them.

Whoever comes while others write waits for its turn, and then writes for everybody who waits; who finds the own writing done by
somebody else goes on. Nothing is put off: each returns once its writing is committed.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from app.services.core import Core, Unit, be_ready_to_write, writing

__all__ = ["WritingsTogether", "fleeting", "lasting"]

Result = TypeVar("Result")


@dataclass(eq=False, slots=True)
class _Writing(Generic[Result]):
    core: Core
    write: Callable[[Unit], Result]
    result: list[Result] = field(default_factory=list)
    is_alone: bool = False
    leads: bool = False
    woken: threading.Event = field(default_factory=threading.Event)


class WritingsTogether:
    """Writings of one kind, of the threads of this process. `is_fleeting` as of `writing`."""

    def __init__(self, *, is_fleeting: bool = False) -> None:
        self._is_fleeting = is_fleeting
        self._adding = threading.Lock()
        self._waiting: list[_Writing[Any]] = []
        self._is_led = False

    def write(self, core: Core, write: Callable[[Unit], Result]) -> Result:
        """Run `write` in a transaction, perhaps with others, and give its result once that is committed. It may be run again when
        the transaction of several failed; what it raises by itself comes out here and harms nobody else. Raises as `writing` does."""
        be_ready_to_write(core.session())
        mine = _Writing(core, write)
        try:
            self._add(mine)
            if not mine.leads:
                mine.woken.wait()
            if not mine.result:
                self._write_for_all(mine)
        finally:
            self._leave(mine)
        return mine.result[0]

    def _add(self, mine: _Writing[Any]) -> None:
        with self._adding:
            if self._is_led:
                self._waiting.append(mine)
            else:
                self._is_led = mine.leads = True

    def _leave(self, mine: _Writing[Any]) -> None:
        """Whatever ended it: nobody waits for this one any more, and the next leads when this one did."""
        with self._adding:
            if mine in self._waiting:
                self._waiting.remove(mine)
            if mine.leads:
                self._is_led = bool(self._waiting)
                for following in self._waiting[:1]:
                    self._waiting.remove(following)
                    following.leads = True
                    following.woken.set()

    def _write_for_all(self, mine: _Writing[Any]) -> None:
        try:
            self._commit(mine, is_for_all=not mine.is_alone)
        except Exception:
            if mine.is_alone:
                raise
            self._commit(mine, is_for_all=False)  # one of us cannot be written, and it may be another

    def _commit(self, mine: _Writing[Any], *, is_for_all: bool) -> None:
        """Write what is wanted, with those who came while the transaction had to wait for its turn."""
        with writing(mine.core, is_fleeting=self._is_fleeting) as unit:
            written = [mine, *(self._companions(mine) if is_for_all else ())]
            try:
                results = [one.write(unit) for one in written]
            except Exception:
                for one in written[1:]:  # each of them takes its own turn
                    one.is_alone = True
                raise
            unit.once_committed(lambda: self._release(written, results))

    def _release(self, written: Sequence[_Writing[Any]], results: Sequence[Any]) -> None:
        with self._adding:
            for one, result in zip(written, results, strict=True):
                one.result.append(result)
                if one in self._waiting:
                    self._waiting.remove(one)
                one.woken.set()

    def _companions(self, mine: _Writing[Any]) -> list[_Writing[Any]]:
        with self._adding:
            return [one for one in self._waiting if one.core is mine.core and not one.is_alone]


lasting, fleeting = WritingsTogether(), WritingsTogether(is_fleeting=True)
"""What requests write in this process."""
