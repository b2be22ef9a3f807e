"""What the SIP agent tells becomes calls of the one model. Recordings stay in the agent's folder until the inbox has them."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from connectors import sip
from plugins.voip.agents import ANSWERED, OVER, change_leg, find_leg
from plugins.voip.calls import CallEvent, CallState, Direction, Recording, RecordingKind
from plugins.voip.record import note, tell
from plugins.voip.sip_setup import folder_of
from plugins.voip.tables import CALL, RECORDING
from tidings import Account, Host

__all__ = ["end_open_calls", "keep", "take_leftovers", "tidy"]


def keep(host: Host, account: Account, event: sip.Event) -> None:
    """Write down an event of a call, and tell the inbox when the call is over. Nothing happens for events that are about no call."""
    read = _READERS.get(type(event))
    if read is None:
        return
    news = read(host, account, event)
    if news is not None:
        tell(host, note(host, account, news))


def take_leftovers(host: Host, account: Account) -> None:
    """Take over recordings that a crash left behind. Their calls are over. Call it while no agent of the account runs."""
    for left in sip.leftovers(folder_of(host, account.id)):
        at = _moment(left.ended_at)
        recording = _recording(host, left.path, left.seconds)
        rings = CallEvent(
            left.call,
            _moment(left.started_at),
            CallState.RINGING,
            our_number=account.address,
            their_number=left.number,
            their_name=left.name,
        )
        note(host, account, rings)
        tell(host, note(host, account, CallEvent(left.call, at, CallState.ENDED, recording=recording)))


def end_open_calls(host: Host, account: Account) -> None:
    """End the calls that went on when an agent died together with us, who would have heard of it."""
    with host.tables.connect() as connection:
        going_on = select(CALL.c.call_id, CALL.c.direction).where(
            CALL.c.account_id == account.id, CALL.c.ended_at.is_(None)
        )
        rows = list(connection.execute(going_on.where(CALL.c.driver == "sip")))
    for row in rows:
        change_leg(host, row.call_id, OVER)
        over = CallEvent(row.call_id, host.now(), CallState.ENDED, Direction(row.direction))
        tell(host, note(host, account, over))


def tidy(host: Host, account: Account) -> None:
    """Delete the files of recordings that the inbox has for certain."""
    folder = folder_of(host, account.id)
    files = {_name(host, path): path for path in folder.glob("*.wav")}
    if not files:
        return
    with host.tables.connect() as connection:
        known = select(RECORDING.c.file).where(RECORDING.c.file.in_(files), RECORDING.c.told_at.is_not(None))
        told = list(connection.scalars(known))
    for name in told:
        sip.forget(files[name])


# --------------------------------------------------------------------------------------- event by event ----
def _rings(host: Host, account: Account, event: sip.Ringing) -> CallEvent:
    return CallEvent(
        event.call,
        _moment(event.at),
        CallState.RINGING,
        Direction.OUTBOUND if event.dial else Direction.INBOUND,
        our_number=account.address,
        their_number=event.number,
        their_name=event.name,
    )


def _answered(host: Host, account: Account, event: sip.Answered) -> CallEvent | None:
    """A greeting is no answer; a contact who picks up is one."""
    if not _is_ours(host, account, event.call):
        return None
    change_leg(host, event.call, ANSWERED)
    return CallEvent(event.call, _moment(event.at), CallState.ANSWERED, Direction.OUTBOUND)


def _chosen(host: Host, account: Account, event: sip.Chosen) -> CallEvent:
    return CallEvent(event.call, _moment(event.at), menu_choice=event.line.label or event.digit)


def _private(host: Host, account: Account, event: sip.Private) -> CallEvent:
    return CallEvent(event.call, _moment(event.at), is_private=True)


def _recorded(host: Host, account: Account, event: sip.Recorded) -> CallEvent:
    recording = _recording(host, Path(event.file), event.seconds)
    return CallEvent(event.call, _moment(event.at), CallState.VOICEMAIL, recording=recording)


def _transferred(host: Host, account: Account, event: sip.Transferred) -> CallEvent:
    """Somebody took the call."""
    is_ours = _is_ours(host, account, event.call)
    direction = Direction.OUTBOUND if is_ours else Direction.INBOUND
    return CallEvent(
        event.call, _moment(event.at), CallState.ANSWERED, direction, agent_name="" if is_ours else event.to
    )


def _ended(host: Host, account: Account, event: sip.Ended) -> CallEvent:
    is_ours = _is_ours(host, account, event.call)
    if is_ours:
        change_leg(host, event.call, OVER)
    return CallEvent(
        event.call, _moment(event.at), CallState.ENDED, Direction.OUTBOUND if is_ours else Direction.INBOUND
    )


_READERS: Mapping[type, Callable[..., CallEvent | None]] = {
    sip.Ringing: _rings,
    sip.Answered: _answered,
    sip.Chosen: _chosen,
    sip.Private: _private,
    sip.Recorded: _recorded,
    sip.Transferred: _transferred,
    sip.Ended: _ended,
}


def _is_ours(host: Host, account: Account, call: str) -> bool:
    """Whether an agent asked for this call."""
    with host.tables.connect() as connection:
        return find_leg(connection, account.id, call) is not None


def _recording(host: Host, path: Path, seconds: float) -> Recording:
    return Recording(path.stem, RecordingKind.VOICEMAIL, max(round(seconds), 1), _name(host, path))


def _name(host: Host, path: Path) -> str:
    return os.path.relpath(path, host.data_folder())


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
