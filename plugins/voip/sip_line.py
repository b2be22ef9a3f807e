"""One SIP line at work: its agent is started, told what to do, and what it tells is written down. Runs in a thread of its own.

Only one process of a machine runs the agent of an account; a lock on a file in the agent's folder sees to that.
"""

import fcntl
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from connectors import sip
from connectors.errors import ConnectorError, Rejected
from plugins.voip.agents import RINGING, WISHED
from plugins.voip.line import line_of
from plugins.voip.sip_calls import end_open_calls, keep, take_leftovers, tidy
from plugins.voip.sip_prompts import problems_of
from plugins.voip.sip_setup import answering_of, folder_of, prompts_of, setup_of
from plugins.voip.sip_state import LineState, State, remember
from plugins.voip.tables import AGENT, CALL, LEG
from tidings import Account, Host

__all__ = ["SIPLine"]

_LOOK_S = 1.0
_HOURS_S = 5.0
_TIDY_S = 30.0
_GRACE_S = 180.0
"""How long calls may go on when the settings of their line change, or its password is refused."""


class SIPLine:
    """The line of one account. `account` must not change; for a changed one, `close` this line and make another."""

    def __init__(self, host: Host, account: Account) -> None:
        self._host = host
        self._setup = setup_of(host, account)
        self._stop = threading.Event()
        self._grace_s = 0.0
        self._wishes: queue.Queue[sip.Command] = queue.Queue()
        self._looked_at = self._answered_at = self._tidied_at = 0.0
        self.account = account
        self.is_refused = False
        self._thread = threading.Thread(target=self._run, name=f"sip-{account.id}", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    @property
    def was_stopped(self) -> bool:
        """Whether it was told to end, or ended itself because its password was refused."""
        return self._stop.is_set()

    def can_become(self, account: Account) -> bool:
        """Whether a changed account needs no new agent, only other answers to callers; it has them within a second then."""
        fresh = setup_of(self._host, account)
        if replace(fresh, answering=self._setup.answering) != self._setup:
            return False
        self.account, self._answered_at = account, 0.0
        return True

    def stop(self, *, lets_calls_end: bool = False) -> None:
        """Begin to end; `is_running` tells when it has."""
        self._grace_s = _GRACE_S if lets_calls_end else 0.0
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            with self._alone() as is_alone:
                if is_alone:
                    self._work()
        except Rejected as error:
            self._refuse(LineState(State.IMPOSSIBLE, error.reason, self._host.now()))
        except Exception:  # noqa: BLE001 - a thread of ours: whatever it was, the next line takes over what is left
            self._host.log.exception("the SIP line of account %s failed", self.account.id)

    def _work(self) -> None:
        take_leftovers(self._host, self.account)
        end_open_calls(self._host, self.account)
        self._say_what_is_silent()
        self._remember(LineState(State.CONNECTING, "", self._host.now()))
        for event in sip.run_agent(self._setup, self._stop, self._wishes, grace_s=lambda: self._grace_s):
            if event is not None:
                self._hear(event)
            self._look()
        tidy(self._host, self.account)

    def _say_what_is_silent(self) -> None:
        line = line_of(self.account)
        for problem in problems_of(self._host, prompts_of(self._host, line).values(), line.language):
            self._host.log.warning("account %s: an announcement cannot be played: %s", self.account.id, problem)

    def _hear(self, event: sip.Event) -> None:
        if isinstance(event, sip.Registered):
            self._remember(LineState(State.REGISTERED, "", self._host.now()))
        elif isinstance(event, sip.RegistrationLost):
            self._lost(event)
        else:
            keep(self._host, self.account, event)

    def _lost(self, event: sip.RegistrationLost) -> None:
        """A password that is refused ends the line once its calls are over; anything else is left to the agent, which tries again."""
        error: ConnectorError = sip.registration_error(event)
        if not event.is_refused:
            self._remember(LineState(State.LOST, error.reason, self._host.now()))
            return
        self._refuse(LineState(State.REFUSED, error.reason, self._host.now()))
        self.stop(lets_calls_end=True)

    def _refuse(self, state: LineState) -> None:
        """The owner has to do something: the host asks for it when the account is fetched."""
        self.is_refused = True
        self._remember(state)
        self._host.wake(self.account.id)

    def _remember(self, state: LineState) -> None:
        remember(self._host, self.account.id, state)

    def _look(self) -> None:
        """What is done now and then: calls that agents wish for, hours that begin and end, files that are no longer needed."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_S:
            return
        self._looked_at = now
        for wish in _taken_wishes(self._host, self.account):
            self._wishes.put(wish)
        if now - self._answered_at > _HOURS_S:
            self._answered_at = now
            self._answer_as_now()
        if now - self._tidied_at > _TIDY_S:
            self._tidied_at = now
            tidy(self._host, self.account)

    def _answer_as_now(self) -> None:
        """Tell the agent when calls are to be answered in another way than so far."""
        answering = answering_of(self._host, self.account, self._host.now())
        if answering != self._setup.answering:
            self._setup = replace(self._setup, answering=answering)
            self._wishes.put(sip.Answer(answering))

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """False while another process of this machine has the line."""
        with (folder_of(self._host, self.account.id) / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def _taken_wishes(host: Host, account: Account) -> list[sip.Dial]:
    """The calls that agents asked for since the last time, each given once."""
    with host.tables.connect() as connection:
        wished = select(LEG.c.leg_id, CALL.c.their_number, AGENT.c.number).join(CALL, CALL.c.id == LEG.c.call)
        wished = wished.join(AGENT, AGENT.c.agent_id == LEG.c.agent_id)
        rows = list(connection.execute(wished.where(LEG.c.account_id == account.id, LEG.c.state == WISHED)))
    return [_dial(row) for row in rows if _is_taken(host, row.leg_id)]


def _is_taken(host: Host, leg_id: str) -> bool:
    with host.tables.begin() as connection:
        taken = update(LEG).where(LEG.c.leg_id == leg_id, LEG.c.state == WISHED).values(state=RINGING)
        return connection.execute(taken).rowcount == 1


def _dial(row: Any) -> sip.Dial:
    return sip.Dial(row.leg_id, row.number, row.their_number)
