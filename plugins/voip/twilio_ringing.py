"""Ringing agents for who waits: in turn or all together, until somebody takes the call or the wait is over."""

from datetime import datetime, timedelta

from sqlalchemy import select

from plugins.voip.agents import (
    ANSWERED,
    OVER,
    RINGING,
    Telephone,
    add_leg,
    change_leg,
    free_telephones,
    is_anybody_there,
    legs_of,
)
from plugins.voip.calls import CallState, Direction
from plugins.voip.line import RING_TOGETHER
from plugins.voip.record import KeptCall
from plugins.voip.tables import CALL
from plugins.voip.twilio_desk import Desk
from tidings import Host

__all__ = ["end_other_legs", "is_wait_over", "release_late_callers", "ring_agents"]

MOST_AT_ONCE = 10


def ring_agents(desk: Desk, kept: KeptCall, now: datetime) -> int:
    """Ring who should be rung now for a call that waits; returns how many telephones began to ring."""
    if kept.call.state is not CallState.WAITING:
        return 0
    with desk.host.tables.connect() as connection:
        legs = legs_of(connection, kept.id)
    free = free_telephones(desk.host, now)
    if desk.line.rings == RING_TOGETHER:
        chosen = free[:MOST_AT_ONCE]
    else:
        is_ringing = any(leg.state in (RINGING, ANSWERED) for leg in legs)
        chosen = [] if is_ringing else free[:1]
    return sum(_ring(desk, kept, telephone) for telephone in chosen)


def end_other_legs(desk: Desk, row: int, but: str = "") -> None:
    """Let telephones stop ringing for a call that was taken or is over."""
    with desk.host.tables.connect() as connection:
        ringing = [leg for leg in legs_of(connection, row) if leg.state == RINGING and leg.leg_id != but]
    for leg in ringing:
        change_leg(desk.host, leg.leg_id, OVER)
        with desk.going_on("stop ringing an agent"):
            desk.twilio.end_call(leg.leg_id)


def is_wait_over(desk: Desk, kept: KeptCall, now: datetime) -> bool:
    """Whether a caller waited long enough, or nobody is there whom they could wait for."""
    longest = timedelta(seconds=desk.line.longest_wait_s)
    return kept.call.waited(now) >= longest or not is_anybody_there(desk.host)


def release_late_callers(host: Host) -> None:
    """Send callers who waited long enough to the voicemail, whatever music is playing. A job calls this."""
    with host.tables.connect() as connection:
        waits = (CALL.c.state == CallState.WAITING, CALL.c.direction == Direction.INBOUND)
        waiting = list(connection.execute(select(CALL.c.account_id, CALL.c.call_id).where(*waits)))
    for row in waiting:
        account = host.account(row.account_id)
        if account is not None and account.settings.get("driver") != "sip":
            _release(Desk(host, account), row.call_id)


def _release(desk: Desk, call_id: str) -> None:
    kept = desk.found(call_id)
    if kept is not None and is_wait_over(desk, kept, desk.host.now()):
        with desk.going_on("send a caller to the voicemail"):
            desk.twilio.redirect_call(call_id, desk.address("voicemail"))


def _ring(desk: Desk, kept: KeptCall, telephone: Telephone) -> bool:
    address = desk.address("agent", call=kept.id)
    with desk.going_on("ring an agent"):
        leg_id = desk.twilio.begin_call(
            desk.line.number, telephone.number, address, desk.address("leg", call=kept.id), desk.line.ring_s
        )
        add_leg(desk.host, desk.account.id, kept.id, leg_id, telephone.agent_id)
        return True
    return False
