"""Text messages between Twilio's forms and the host's messages. Pure. What is fetched later is written as the same form, so that both ways
give the same message."""

import hashlib
import mimetypes
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from connectors.twilio_voice.types import TextMessage
from plugins.voip.numbers import normalised
from tidings import (
    Account,
    DeliveryUpdate,
    DeliveryWord,
    InboundAttachment,
    InboundMessage,
    Participant,
    RawEvent,
    UnrecognisedPayload,
    UnsupportedEvent,
    translatable,
)

__all__ = [
    "FORM",
    "STATE_EVENT",
    "TEXT_EVENT",
    "fields_of",
    "form_of_text",
    "media_of",
    "messages_of_text",
    "person_of",
    "state_event",
]
__all__ += ["text_event", "update_of_state"]

Gettext = Callable[[str], str]
TEXT_EVENT, STATE_EVENT = "text", "text_state"
FORM = "application/x-www-form-urlencoded"
_WORDS: Mapping[str, DeliveryWord] = {
    "delivered": DeliveryWord.DELIVERED,
    "read": DeliveryWord.READ,
    "failed": DeliveryWord.FAILED,
    "undelivered": DeliveryWord.FAILED,
}
_REASONS: Mapping[str, str] = {
    "21610": translatable("The contact answered STOP."),
    "30003": translatable("The telephone is switched off or out of reach."),
    "30004": translatable("The contact or the network blocks messages of this number."),
    "30005": translatable("There is no such number any more."),
    "30006": translatable("This number takes no text messages."),
    "30007": translatable("The network took the message for spam."),
}
_NOT_DELIVERED = translatable("The text message could not be delivered.")
_FILE_LOST = translatable("A file of this message could not be fetched.")
_SID = re.compile(r"(?:SM|MM)[0-9a-zA-Z]{32}\Z")
_MEDIA = re.compile(r"ME[0-9a-zA-Z]{32}\Z")


def fields_of(payload: bytes) -> dict[str, str]:
    """The fields of a form. Raises `UnrecognisedPayload`."""
    try:
        return dict(parse_qsl(payload.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=1000))
    except ValueError as error:
        raise UnrecognisedPayload("This is no form of Twilio's.") from error


def text_event(payload: bytes, at: datetime) -> RawEvent:
    """The event of a text, of the form Twilio posted at that moment."""
    sid = fields_of(payload).get("MessageSid", "")
    return RawEvent(payload, f"text:{sid}", FORM, {"kind": TEXT_EVENT, "at": at.isoformat()})


def state_event(payload: bytes, at: datetime) -> RawEvent:
    """The event of a text of ours that came further."""
    fields = fields_of(payload)
    key = f"state:{fields.get('MessageSid', '')}:{fields.get('MessageStatus', '')}"
    return RawEvent(payload, key, FORM, {"kind": STATE_EVENT, "at": at.isoformat()})


def form_of_text(text: TextMessage) -> bytes:
    """The form Twilio would have posted for a text that was fetched."""
    fields = {"MessageSid": text.sid, "From": text.sender, "To": text.recipient, "Body": text.body}
    return urlencode({**fields, "NumMedia": str(text.media_count), "Direction": text.direction}).encode()


def form_of_state(text: TextMessage) -> bytes:
    """The form Twilio would have posted for how far a text of ours came."""
    fields = {"MessageSid": text.sid, "MessageStatus": text.status, "From": text.sender, "To": text.recipient}
    return urlencode({**fields, "ErrorCode": str(text.error_code or "")}).encode()


def media_of(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """(id, content type) of the files that a form names. Addresses are not believed: only the id at their end is taken."""
    count = int(fields.get("NumMedia") or 0) if fields.get("NumMedia", "0").isdecimal() else 0
    named = [
        (fields.get(f"MediaUrl{n}", "").rpartition("/")[2], fields.get(f"MediaContentType{n}", ""))
        for n in range(min(count, 20))
    ]
    return [(sid, kind) for sid, kind in named if _MEDIA.match(sid)]


def messages_of_text(account: Account, event: RawEvent, say: Gettext) -> list[InboundMessage]:
    """The message in a form. One that left by another program is an echo. `say` translates. Raises `UnrecognisedPayload`."""
    fields = fields_of(event.payload)
    sid, sent_at = fields.get("MessageSid", ""), _moment(event)
    if not _SID.match(sid) or "From" not in fields or "To" not in fields:
        raise UnrecognisedPayload("This is no text message of Twilio's.")
    region = str(account.settings.get("region") or "")
    sender, recipient = person_of(fields["From"], region), person_of(fields["To"], region)
    is_echo = fields.get("Direction", "").startswith("outbound")
    contact = recipient if is_echo else sender
    files, lost = _attachments(fields, event)
    return [
        InboundMessage(
            external_id=sid,
            sender=sender,
            to=(recipient,),
            text=fields.get("Body", ""),
            sent_at=sent_at,
            content_key=hashlib.sha256(f"text\n{sid}".encode()).hexdigest(),
            thread_key=contact.value,
            attachments=files,
            accepts_auto_reply=contact.kind == "phone",
            defects=(say(_FILE_LOST),) if lost else (),
            is_echo=is_echo,
        )
    ]


def update_of_state(event: RawEvent, say: Gettext) -> list[DeliveryUpdate]:
    """How far a text of ours came. `say` translates. Raises `UnsupportedEvent` for the steps before it was delivered."""
    fields = fields_of(event.payload)
    sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    if not _SID.match(sid) or not status:
        raise UnrecognisedPayload("This is no state of a text message.")
    word = _WORDS.get(status)
    if word is None:
        raise UnsupportedEvent(f"A text message is {status}.")
    code = fields.get("ErrorCode", "")
    reason = say(_REASONS.get(code, _NOT_DELIVERED)) if word is DeliveryWord.FAILED else ""
    return [
        DeliveryUpdate(
            word, _moment(event), external_id=sid, reason=f"{reason} ({code})" if reason and code else reason
        )
    ]


def person_of(number: str, region: str) -> Participant:
    """Who has a number; senders that are words or short codes cannot be written to."""
    number = number.removeprefix("whatsapp:").strip()
    e164 = normalised(number, region) if number.startswith("+") else ""
    return Participant("phone", e164) if e164 else Participant("phone_sender", number or "unknown", number)


def _attachments(fields: Mapping[str, str], event: RawEvent) -> tuple[tuple[InboundAttachment, ...], bool]:
    told = event.meta.get("media")
    listed = [(str(sid), str(kind)) for sid, kind in told] if isinstance(told, list) else media_of(fields)
    files = tuple(
        InboundAttachment(_filename(number, kind), kind or "application/octet-stream", event.files[sid])
        for number, (sid, kind) in enumerate(listed, 1)
        if sid in event.files
    )
    wanted = fields.get("NumMedia", "0")
    return files, len(files) < (int(wanted) if wanted.isdecimal() else 0)


def _filename(number: int, kind: str) -> str:
    return f"file-{number}{mimetypes.guess_extension(kind) or ''}"


def _moment(event: RawEvent) -> datetime:
    try:
        return datetime.fromisoformat(str(event.meta["at"])).astimezone(UTC)
    except (KeyError, ValueError) as error:
        raise UnrecognisedPayload("This does not say when it was.") from error
