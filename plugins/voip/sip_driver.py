"""The driver for numbers at a SIP trunk or PBX. Calls are carried by the agents that `sip_service` runs; here is what the host asks."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

from plugins.voip.agents import WISHED, add_leg
from plugins.voip.calls import CallEvent, CallState, Direction
from plugins.voip.drivers import CallsOnly
from plugins.voip.record import note
from plugins.voip.sip_checks import check_account
from plugins.voip.sip_state import State, remember, state_of
from tidings import (
    Account,
    AccountHealth,
    ConnectionReport,
    FetchBatch,
    Host,
    NeedsReauth,
    Permanent,
    Temporary,
    translatable,
)

__all__ = ["SIPDriver"]

PATIENCE = timedelta(minutes=2)
"""Registrars restart; only a longer absence is trouble of the account."""
_REGISTRATION, _NOT_YET = translatable("Registration"), translatable("not yet tried")
_WORDS = {
    State.CONNECTING: translatable("being tried"),
    State.REGISTERED: translatable("registered since %(since)s"),
    State.LOST: translatable("lost since %(since)s: %(reason)s"),
    State.REFUSED: translatable("refused: %(reason)s"),
    State.IMPOSSIBLE: translatable("not possible: %(reason)s"),
}


class SIPDriver(CallsOnly):
    """Serves every account whose setting `driver` is "sip"."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        return check_account(self._host, account)

    def health(self, account: Account) -> AccountHealth:
        """The registration as the worker wrote it down."""
        known, say = state_of(self._host, account.id), self._host.gettext
        if known is None:
            return AccountHealth(rows=((say(_REGISTRATION), say(_NOT_YET)),))
        words = say(_WORDS[known.state]) % {"since": f"{known.since:%Y-%m-%d %H:%M} UTC", "reason": known.reason}
        return AccountHealth(rows=((say(_REGISTRATION), words),))

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        """Brings nothing: calls come by themselves. Raises once what the owner has to do something about, and what lasts."""
        known = state_of(self._host, account.id)
        if known is not None and known.state in (State.REFUSED, State.IMPOSSIBLE) and not known.was_told:
            self._mark_told(account.id)
            raise (NeedsReauth if known.state is State.REFUSED else Permanent)(known.reason)
        if known is not None and known.state is State.LOST and self._host.now() - known.since > PATIENCE:
            raise Temporary(known.reason)
        yield from ()

    def call(self, account: Account, agent_id: int, agent_name: str, agent_number: str, number: str) -> str:
        """Wish for a call: the line's agent rings the telephone of ours and then connects it with `number`."""
        id = uuid.uuid4().hex
        facts = {"agent_id": agent_id, "agent_name": agent_name, "their_number": number}
        event = CallEvent(id, self._host.now(), CallState.RINGING, Direction.OUTBOUND, account.address, **facts)  # type: ignore[arg-type]
        kept = note(self._host, account, event).kept
        add_leg(self._host, account.id, kept.id, id, agent_id, state=WISHED)
        return id

    def _mark_told(self, account_id: int) -> None:
        known = state_of(self._host, account_id)
        if known is not None:
            remember(self._host, account_id, type(known)(known.state, known.reason, known.since, was_told=True))
