"""What the inbox is told of a call: the raw event that keeps it, and the messages that are made of that event. Pure but for the bytes of
recordings, which `call_event` takes from the plugin's folder where the driver put them there.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from plugins.voip.calls import Call, CallState, Direction, Outcome, Recording, RecordingKind
from plugins.voip.numbers import shown
from tidings import (
    Account,
    ConversationUpdate,
    Host,
    InboundAttachment,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    Participant,
    RawEvent,
    UnrecognisedPayload,
    translatable,
)

__all__ = [
    "CALL_BACK",
    "CALL_EVENT",
    "OF_CALLS",
    "RECORDING_EVENT",
    "TRANSCRIPT_EVENT",
    "call_event",
    "call_from_json",
    "call_to_json",
    "contact_of",
    "duration",
    "messages_of",
    "recording_event",
    "removal_event",
    "transcript_event",
]

CALL_EVENT, RECORDING_EVENT, TRANSCRIPT_EVENT, REMOVAL_EVENT = "call", "recording", "transcript", "removal"
OF_CALLS = frozenset({CALL_EVENT, RECORDING_EVENT, TRANSCRIPT_EVENT, REMOVAL_EVENT})
"""`RawEvent.meta["kind"]` of what is told of calls."""

CALL_BACK = "call back"
"""The tag of conversations whose contact waits to be called."""

PHONE, WITHHELD = "phone", "phone_withheld"

Gettext = Callable[[str], str]
Update = ConversationUpdate | MessageEdit | MessageRemoval

_DONE_IN: Mapping[tuple[Direction, Outcome], str] = MappingProxyType(
    {
        (Direction.INBOUND, Outcome.ANSWERED): translatable("Call"),
        (Direction.INBOUND, Outcome.VOICEMAIL): translatable("Voicemail"),
        (Direction.INBOUND, Outcome.MISSED): translatable("Missed call"),
        (Direction.OUTBOUND, Outcome.ANSWERED): translatable("We called"),
        (Direction.OUTBOUND, Outcome.VOICEMAIL): translatable("We called and left a message"),
        (Direction.OUTBOUND, Outcome.MISSED): translatable("We called, and nobody answered"),
    }
)
_LOST = translatable("The recording could not be fetched.")
_WAITED = translatable("Nobody answered. The call waits to be returned.")
_RETURNED = translatable("The call was returned.")
_DELETED = translatable("A recording was deleted, since the time to keep it is over.")
_NUMBER_WITHHELD = translatable("Number withheld")
_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"audio/mpeg": "mp3", "audio/ogg": "ogg", "audio/wav": "wav", "audio/x-wav": "wav"}
)


# ---------------------------------------------------------------------------------------- raw events ----
def call_event(host: Host, call: Call) -> RawEvent:
    """The event of a call that is over, with the recordings that lie in the plugin's folder."""
    return RawEvent(
        json.dumps(call_to_json(call)).encode(),
        source_key=f"call:{call.call_id}",
        content_type="application/json",
        meta={"kind": CALL_EVENT},
        files=_files(host, call.recordings),
    )


def recording_event(host: Host, call: Call, recording: Recording) -> RawEvent:
    """The event of a recording that came when the inbox had been told of the call."""
    alone = replace(call, recordings=(recording,))
    return replace(
        call_event(host, alone), source_key=f"recording:{recording.external_id}", meta={"kind": RECORDING_EVENT}
    )


def transcript_event(call: Call, text: str, at: datetime) -> RawEvent:
    """The event of a transcript: whoever made one hands this to `host.receive`. The text is put below that of the call's message."""
    written = {**call_to_json(replace(call, transcript=text)), "written_at": at.isoformat()}
    return RawEvent(
        json.dumps(written).encode(), f"transcript:{call.call_id}", "application/json", {"kind": TRANSCRIPT_EVENT}
    )


def removal_event(call: Call, external_id: str, at: datetime) -> RawEvent:
    """The event of a recording whose days are over, in the message of this id."""
    written = {**call_to_json(replace(call, recordings=())), "written_at": at.isoformat(), "external_id": external_id}
    return RawEvent(json.dumps(written).encode(), f"removal:{external_id}", "application/json", {"kind": REMOVAL_EVENT})


def _files(host: Host, recordings: Sequence[Recording]) -> dict[str, bytes]:
    folder = host.data_folder() if any(one.file for one in recordings) else None
    paths = {one.external_id: folder / one.file for one in recordings if folder and one.file}
    return {id: path.read_bytes() for id, path in paths.items() if path.is_file()}


def call_to_json(call: Call) -> dict[str, Any]:
    """The call as JSON values."""
    values = {one.name: _plain(getattr(call, one.name)) for one in fields(call)}
    return {**values, "recordings": [{f.name: _plain(getattr(r, f.name)) for f in fields(r)} for r in call.recordings]}


def call_from_json(values: Mapping[str, Any]) -> Call:
    """The call that `call_to_json` wrote. Raises KeyError, TypeError, ValueError for anything else."""
    moments = {n: _moment(values[n]) for n in ("waiting_since", "answered_at", "ended_at")}
    recordings = tuple(Recording(**{**one, "kind": RecordingKind(one["kind"])}) for one in values["recordings"])
    known = {one.name: values[one.name] for one in fields(Call) if one.name in values}
    special = {
        "state": CallState(values["state"]),
        "direction": Direction(values["direction"]),
        "started_at": datetime.fromisoformat(values["started_at"]),
        "cost": None if values["cost"] is None else Decimal(values["cost"]),
        "recordings": recordings,
    }
    return Call(**{**known, **moments, **special})


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


# ------------------------------------------------------------------------------------------ messages ----
def messages_of(account: Account, event: RawEvent, say: Gettext) -> list[InboundMessage | Update]:
    """What the inbox gets from a `call_event`, a `recording_event` or a `transcript_event`. `say` translates. Raises
    `UnrecognisedPayload`."""
    try:
        values = json.loads(event.payload)
        call = call_from_json(values)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise UnrecognisedPayload("This is no call.") from error
    if event.meta.get("kind") in (TRANSCRIPT_EVENT, REMOVAL_EVENT):
        return _changes(call, values, say)
    message = _message(account, call, event.files, say)
    if event.meta.get("kind") == RECORDING_EVENT:
        return [_as_recording(message, call)]
    return [message, *_task(call, say)]


def _changes(call: Call, values: Mapping[str, Any], say: Gettext) -> list[InboundMessage | Update]:
    """What becomes of a message that is there already."""
    try:
        at, removed = datetime.fromisoformat(values["written_at"]), values.get("external_id")
    except (KeyError, TypeError, ValueError) as error:
        raise UnrecognisedPayload("This does not say when it was.") from error
    if removed is None:
        return [MessageEdit(call.call_id, _text(call, say), at)]
    id = str(removed)
    return [MessageRemoval(id, at, is_files_only=True), ConversationUpdate(at, external_id=id, activity=say(_DELETED))]


def contact_of(call: Call, say: Gettext) -> Participant:
    """Who is at the other end. Nobody can write to a number that was withheld: each such caller is somebody else."""
    if not call.their_number:
        return Participant(WITHHELD, call.call_id, say(_NUMBER_WITHHELD))
    return Participant(PHONE, call.their_number, call.their_name)


def duration(seconds: int) -> str:
    """3:05, or 1:00:09."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _message(account: Account, call: Call, files: Mapping[str, bytes], say: Gettext) -> InboundMessage:
    contact, us = contact_of(call, say), Participant(PHONE, call.our_number or account.address, account.name)
    is_ours = call.direction is Direction.OUTBOUND
    lost = [one for one in call.recordings if one.external_id not in files]
    return InboundMessage(
        external_id=call.call_id,
        sender=us if is_ours else contact,
        to=(contact if is_ours else us,),
        text=_text(call, say),
        sent_at=call.started_at,
        content_key=hashlib.sha256(f"call\n{call.call_id}".encode()).hexdigest(),
        subject=say(_DONE_IN[call.direction, call.outcome or Outcome.MISSED]),
        thread_key=call.their_number or call.call_id,
        attachments=tuple(
            _attachment(call, one, files[one.external_id]) for one in call.recordings if one.external_id in files
        ),
        accepts_auto_reply=False,
        fields=_facts(call, say),
        defects=(say(_LOST),) if lost else (),
        is_echo=is_ours,
    )


def _as_recording(message: InboundMessage, call: Call) -> InboundMessage:
    recording = call.recordings[0]
    key = hashlib.sha256(f"recording\n{recording.external_id}".encode()).hexdigest()
    return replace(
        message, external_id=recording.external_id, content_key=key, sent_at=call.ended_at or call.started_at
    )


def _text(call: Call, say: Gettext) -> str:
    outcome = call.outcome or Outcome.MISSED
    seconds = _message_s(call) if outcome is Outcome.VOICEMAIL else call.talk_s
    heading = say(_DONE_IN[call.direction, outcome])
    first = f"{heading}, {duration(seconds)}" if seconds else heading
    return f"{first}\n\n{call.transcript}" if call.transcript else first


def _message_s(call: Call) -> int:
    return sum(one.duration_s for one in call.recordings if one.kind is RecordingKind.VOICEMAIL)


def _facts(call: Call, say: Gettext) -> dict[str, str]:
    outcome = call.outcome or Outcome.MISSED
    facts = {
        say(translatable("Call")): shown(call.their_number) if call.their_number else say(_NUMBER_WITHHELD),
        say(translatable("Outcome")): say(_DONE_IN[call.direction, outcome]),
        say(translatable("Duration")): duration(call.talk_s or _message_s(call)),
        say(translatable("Waited")): duration(int(call.waited(call.ended_at or call.started_at).total_seconds())),
        say(translatable("Menu choice")): call.menu_choice,
        say(translatable("Agent")): call.agent_name,
    }
    return {label: text for label, text in facts.items() if text and text != "0:00"}


def _task(call: Call, say: Gettext) -> list[ConversationUpdate]:
    """A caller whom nobody spoke with waits to be called; one whom we reached no longer does."""
    at, is_answered = call.ended_at or call.started_at, call.outcome is Outcome.ANSWERED
    if is_answered:
        activity = say(_RETURNED) if call.direction is Direction.OUTBOUND else ""
        return [ConversationUpdate(at, external_id=call.call_id, remove_tags=(CALL_BACK,), activity=activity)]
    if call.direction is Direction.OUTBOUND:
        return []
    return [
        ConversationUpdate(at, external_id=call.call_id, status="open", add_tags=(CALL_BACK,), activity=say(_WAITED))
    ]


def _attachment(call: Call, recording: Recording, data: bytes) -> InboundAttachment:
    kind = "voicemail" if recording.kind is RecordingKind.VOICEMAIL else "call"
    suffix = _SUFFIXES.get(recording.content_type, "bin")
    return InboundAttachment(f"{kind}-{call.started_at:%Y-%m-%d-%H%M}.{suffix}", recording.content_type, data)
