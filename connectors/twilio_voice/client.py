"""One Twilio account, as far as a line needs it. Every method raises connectors.errors and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from connectors.errors import Rejected, Unavailable
from connectors.transport import error_from_exception
from connectors.twilio_voice.faults import error_from_answer
from connectors.twilio_voice.types import CallRecord, Media, Number, SoundRecord, TextMessage

__all__ = ["API_BASE", "TwilioLine"]

API_BASE = "https://api.twilio.com"
LARGEST_FILE = 25_000_000
PAGE = 200
_SID = re.compile(r"[A-Z]{2}[0-9a-zA-Z]{32}\Z")
_ENDS_RING_S = 600


class TwilioLine:
    """Reads and changes what belongs to one account. `base` is where the API listens, another one for tests."""

    def __init__(self, session: requests.Session, account_sid: str, auth_token: str, base: str = API_BASE) -> None:
        from twilio.rest import Client

        from connectors.twilio_voice.session_http import SessionHttpClient

        self._session = session
        self._account_sid = account_sid
        self._auth = HTTPBasicAuth(account_sid, auth_token)
        self._base = base.rstrip("/")
        self._client = Client(account_sid, auth_token, http_client=SessionHttpClient(session))
        self._client.api.base_url = self._base

    # ---- the account
    def account_name(self) -> str:
        """The account's name at Twilio: the cheapest request that needs the token."""
        return str(self._client.api.accounts(self._account_sid).fetch().friendly_name or "")

    def numbers(self) -> list[Number]:
        """The numbers the account may use, by number."""
        found = (_number(one) for one in self._client.incoming_phone_numbers.stream(page_size=PAGE))
        return sorted(found, key=lambda one: one.number)

    def send_events_to(self, number_sid: str, url: str, status_url: str) -> None:
        """Let Twilio post calls and texts of the number to `url`, and the ends of calls to `status_url`."""
        posts = {"voice_method": "POST", "sms_method": "POST", "status_callback_method": "POST"}
        number = self._client.incoming_phone_numbers(number_sid)
        number.update(voice_url=url, sms_url=url, status_callback=status_url, **posts)

    # ---- text messages
    def texts(self, since: datetime, *, to: str = "", sender: str = "", limit: int = 20_000) -> list[TextMessage]:
        """Texts since then, oldest first; to or from a number."""
        asked = self._client.messages.stream(
            to=to or _unset(), from_=sender or _unset(), date_sent_after=since, page_size=PAGE
        )
        found = [_text(one) for one in islice(asked, limit)]
        return sorted((one for one in found if one.sent_at >= since), key=lambda one: (one.sent_at, one.sid))

    def send_text(self, sender: str, to: str, body: str, media: Sequence[str], status_url: str) -> TextMessage:
        """Send a text; `media` are public addresses Twilio fetches files from."""
        attached = {"media_url": list(media)} if media else {}
        made = self._client.messages.create(to=to, from_=sender, body=body, status_callback=status_url, **attached)
        return _text(made)

    def media(self, message_sid: str) -> list[Media]:
        """The files of a text."""
        listed = self._client.messages(_sid(message_sid)).media.stream(page_size=20)
        return [Media(str(one.sid), str(one.content_type or "")) for one in islice(listed, 20)]

    def media_bytes(self, message_sid: str, media_sid: str) -> bytes:
        """What one of them holds."""
        return self._bytes(f"Messages/{_sid(message_sid)}/Media/{_sid(media_sid)}")

    # ---- calls
    def calls(self, ended_since: datetime, *, to: str = "", limit: int = 20_000) -> Iterator[CallRecord]:
        """Calls that ended since then, newest first; to a number."""
        asked = self._client.calls.stream(to=to or _unset(), end_time_after=ended_since, page_size=PAGE)
        found = (_call(one) for one in islice(asked, limit))
        return (one for one in found if one.ended_at is not None and one.ended_at >= ended_since)

    def call(self, sid: str) -> CallRecord:
        """One call."""
        return _call(self._client.calls(_sid(sid)).fetch())

    def begin_call(self, sender: str, to: str, url: str, status_url: str, ring_s: int) -> str:
        """Ring `to`; what happens when somebody answers is asked at `url`. Returns the call's id."""
        made = self._client.calls.create(
            to=to,
            from_=sender,
            url=url,
            status_callback=status_url,
            status_callback_event=["answered", "completed"],
            timeout=min(ring_s, _ENDS_RING_S),
        )
        return str(made.sid)

    def end_call(self, sid: str) -> None:
        """Hang up, or stop ringing."""
        self._client.calls(_sid(sid)).update(status="completed")

    def redirect_call(self, sid: str, url: str) -> None:
        """Let a call go on with what stands at `url`."""
        self._client.calls(_sid(sid)).update(url=url, method="POST")

    def record_call(self, sid: str, status_url: str) -> str:
        """Begin to record a call, both sides apart. Returns the recording's id."""
        made = self._client.calls(_sid(sid)).recordings.create(
            recording_channels="dual", recording_status_callback=status_url
        )
        return str(made.sid)

    # ---- recordings
    def recordings(self, call_sid: str) -> list[SoundRecord]:
        """The recordings of a call."""
        return [_sound(one) for one in self._client.recordings.stream(call_sid=_sid(call_sid), limit=50)]

    def recording_bytes(self, sid: str) -> bytes:
        """A recording as MP3."""
        return self._bytes(f"Recordings/{_sid(sid)}.mp3")

    def delete_recording(self, sid: str) -> None:
        """Delete a recording at Twilio."""
        self._client.recordings(_sid(sid)).delete()

    def _bytes(self, path: str) -> bytes:
        """A file below the account. Twilio redirects to where files lie; the token does not go there."""
        url = f"{self._base}/2010-04-01/Accounts/{self._account_sid}/{path}"
        try:
            with self._session.get(url, auth=self._auth, stream=True) as response:
                if response.status_code >= 400:
                    raise error_from_answer(response)
                data = b"".join(islice(response.iter_content(65_536), LARGEST_FILE // 65_536 + 2))
        except requests.RequestException as error:
            raise error_from_exception(error, "GET", url) from None
        if not data:
            raise Unavailable("Twilio gave an empty file.", step="request")
        if len(data) > LARGEST_FILE:
            raise Rejected("The file is larger than 25 MB.", step="size")
        return data


def _unset() -> Any:
    from twilio.base import values

    return values.unset


def _sid(text: str) -> str:
    """An id of Twilio's, so that nothing else gets into an address. Raises ValueError."""
    if not _SID.match(text):
        raise ValueError("this is no id of Twilio's")
    return text


def _number(one: Any) -> Number:
    can = one.capabilities or {}
    texts = bool(can.get("sms") or can.get("mms"))
    number, name = str(one.phone_number or ""), str(one.friendly_name or "")
    return Number(str(one.sid), number, name, one.voice_url or "", one.sms_url or "", bool(can.get("voice")), texts)


def _text(one: Any) -> TextMessage:
    return TextMessage(
        sid=str(one.sid),
        direction=str(one.direction or ""),
        sender=str(one.from_ or ""),
        recipient=str(one.to or ""),
        body=str(one.body or ""),
        status=str(one.status or ""),
        sent_at=_aware(one.date_sent) or _aware(one.date_created) or datetime.now(UTC),
        media_count=int(one.num_media or 0),
        error_code=int(one.error_code) if one.error_code else None,
    )


def _call(one: Any) -> CallRecord:
    return CallRecord(
        sid=str(one.sid),
        direction=str(one.direction or ""),
        sender=str(getattr(one, "_from", "") or ""),
        recipient=str(one.to or ""),
        status=str(one.status or ""),
        started_at=_aware(one.start_time),
        ended_at=_aware(one.end_time),
        duration_s=int(one.duration or 0),
        parent_sid=str(one.parent_call_sid or ""),
        price=_price(one.price),
        currency=str(one.price_unit or "").upper()[:3],
    )


def _sound(one: Any) -> SoundRecord:
    made_at = _aware(one.date_created) or datetime.now(UTC)
    seconds = max(0, int(one.duration or 0))
    return SoundRecord(str(one.sid), str(one.call_sid or ""), seconds, str(one.status), str(one.source), made_at)


def _price(value: object) -> Decimal | None:
    try:
        return None if value in (None, "") else abs(Decimal(str(value)))
    except InvalidOperation:
        return None


def _aware(moment: object) -> datetime | None:
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
