"""What Twilio tells, in its own words: https://www.twilio.com/docs/voice/api and https://www.twilio.com/docs/messaging/api.

Moments are aware, durations in seconds; numbers are as Twilio writes them (E.164, or what the network gave).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

__all__ = ["CallRecord", "Media", "Number", "SoundRecord", "TextMessage"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the account and where Twilio posts what happens to it."""

    sid: str
    number: str
    name: str
    voice_url: str
    sms_url: str
    carries_calls: bool = True
    carries_text: bool = True


@dataclass(frozen=True, slots=True)
class TextMessage:
    """An SMS or MMS. `direction`: inbound, outbound-api, outbound-call or outbound-reply."""

    sid: str
    direction: str
    sender: str
    recipient: str
    body: str = field(repr=False)
    status: str
    sent_at: datetime
    media_count: int = 0
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A file of an MMS. `data` is fetched apart."""

    sid: str
    content_type: str


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call as Twilio keeps it. `parent_sid`: the call that dialled this one. `price` is what Twilio takes (positive), None until told."""

    sid: str
    direction: str
    sender: str
    recipient: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: int
    parent_sid: str = ""
    price: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class SoundRecord:
    """A recording. `source`: RecordVerb (a voicemail), or how a call was recorded."""

    sid: str
    call_sid: str
    duration_s: int
    status: str
    source: str
    made_at: datetime
