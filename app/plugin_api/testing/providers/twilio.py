"""Twilio for tests: numbers, texts with files, calls, recordings, and signed posts to the addresses that a number or a request names.

Answers have the shapes of https://www.twilio.com/docs/voice/api and https://www.twilio.com/docs/messaging/api. TwiML is not carried out:
a test reads it and posts what a caller does next.
"""

import secrets
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs

from app.plugin_api.testing.provider import Answer, Asked, FakeProvider
from app.plugin_api.testing.providers.twilio_posts import Posts

__all__ = ["FakeTwilio", "twilio_error"]

_ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def twilio_error(status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An error as Twilio writes it."""
    said = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Answer(status, said, headers or {})


class FakeTwilio(Posts, FakeProvider):
    """One account. `auth_token` may be changed at any time: the old one is refused from then on, and posts are signed with the new one.

    `texts`, `calls` and `recordings` are what Twilio keeps, by id, as its API writes them; `sounds` holds the bytes of recordings and
    `files` those of media, by the id of their text. `now` tells the time.
    """

    FAULTS = {
        **FakeProvider.FAULTS,
        "expired_credential": twilio_error(401, 20003, "Authenticate"),
        "rate_limited": twilio_error(429, 20429, "Too Many Requests", {"Retry-After": str(FakeProvider.RETRY_AFTER_S)}),
        "server_trouble": twilio_error(500, 20500, "An internal server error has occurred"),
        "refused": twilio_error(400, 21614, "'To' number is not a valid mobile number"),
        "gone": twilio_error(404, 20404, "The requested resource was not found"),
        "stopped": twilio_error(400, 21610, "Attempt to send to unsubscribed recipient"),
    }

    def __init__(self) -> None:
        super().__init__()
        self.account_sid = "AC" + "0" * 31 + "1"
        self.auth_token = "token-of-the-tests"
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.numbers: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.recordings: dict[str, dict[str, Any]] = {}
        self.sounds: dict[str, bytes] = {}
        self.files: dict[str, list[tuple[str, str, bytes]]] = {}
        self._answer_everything()

    # ---- what tests do
    def add_number(self, number: str, name: str = "") -> str:
        """The account gets a number. Returns its id."""
        sid = _new("PN")
        can = {"voice": True, "sms": True, "mms": True}
        addresses = {"voice_url": "", "sms_url": "", "status_callback": ""}
        self.numbers[sid] = {
            "sid": sid,
            "phone_number": number,
            "friendly_name": name or number,
            "capabilities": can,
            **addresses,
        }
        return sid

    def receive_text(self, sender: str, to: str, body: str, files: tuple[tuple[str, bytes], ...] = ()) -> str:
        """Somebody texts one of the numbers; nobody is told yet. Returns the id."""
        text = self._keep_text(sender, to, body, "inbound", "received", len(files))
        self.files[text["sid"]] = [(_new("ME"), kind, data) for kind, data in files]
        return str(text["sid"])

    def receive_call(self, sender: str, to: str, status: str = "ringing") -> str:
        """Somebody calls one of the numbers; nobody is told yet. Returns the id."""
        return str(self._keep_call(sender, to, "inbound", status)["sid"])

    def end_call(self, sid: str, status: str = "completed", duration_s: int = 0, price: str | None = None) -> None:
        """A call is over."""
        begun = parsedate_to_datetime(self.calls[sid]["date_created"])
        ended = max(self.now(), begun + timedelta(seconds=duration_s))
        self.calls[sid] |= {"status": status, "end_time": _date(ended), "duration": str(duration_s), "price": price}

    def record(self, call_sid: str, sound: bytes, duration_s: int = 5, source: str = "RecordVerb") -> str:
        """There is a recording of a call. Returns its id."""
        sid = _new("RE")
        told = {"status": "completed", "source": source, "duration": str(duration_s), "date_created": _date(self.now())}
        self.recordings[sid] = {"sid": sid, "call_sid": call_sid, "account_sid": self.account_sid, **told}
        self.sounds[sid] = sound
        return sid

    # ---- what is asked over HTTP
    def _answer_everything(self) -> None:
        methods: dict[tuple[str, str], Callable[[Asked], object]] = {
            ("GET", ".json"): lambda _: {"sid": self.account_sid, "friendly_name": "Tests", "status": "active"},
            ("GET", "/IncomingPhoneNumbers.json"): lambda asked: self._page(
                asked, "incoming_phone_numbers", self.numbers
            ),
            ("POST", "/IncomingPhoneNumbers/<sid>.json"): self._change_number,
            ("GET", "/Messages.json"): self._list_texts,
            ("POST", "/Messages.json"): self._send,
            ("GET", "/Messages/<sid>/Media.json"): self._list_media,
            ("GET", "/Messages/<sid>/Media/<media>"): self._media,
            ("GET", "/Calls.json"): self._list_calls,
            ("POST", "/Calls.json"): self._begin_call,
            ("GET", "/Calls/<sid>.json"): lambda asked: self.calls.get(asked.values["sid"]) or _missing(),
            ("POST", "/Calls/<sid>.json"): self._change_call,
            ("POST", "/Calls/<sid>/Recordings.json"): lambda asked: self.recordings[
                self.record(asked.values["sid"], b"")
            ],
            ("GET", "/Recordings.json"): self._list_recordings,
            ("GET", "/Recordings/<sid>.mp3"): self._sound,
            ("DELETE", "/Recordings/<sid>.json"): self._delete_recording,
        }
        for (method, path), function in methods.items():
            self.on(f"/2010-04-01/Accounts/<account>{path}", method)(self._signed_in(function))

    def _signed_in(self, function: Callable[[Asked], object]) -> Callable[[Asked], object]:
        def answer(asked: Asked) -> object:
            kind, _, value = asked.headers.get("authorization", "").partition(" ")
            known = f"{self.account_sid}:{self.auth_token}"
            if kind != "Basic" or b64decode(value).decode() != known or asked.values["account"] != self.account_sid:
                return twilio_error(401, 20003, "Authenticate")
            return function(asked)

        return answer

    def _page(self, asked: Asked, key: str, kept: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        """One page, newest first, with the address of the next."""
        size, number = int(asked.query.get("PageSize", 50)), int(asked.query.get("Page", 0))
        rows = [*kept.values()][::-1]
        query = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in asked.query.items() if name != "Page")
        more = f"{asked.path}?{query}&Page={number + 1}" if len(rows) > (number + 1) * size else None
        return {
            key: rows[number * size : (number + 1) * size],
            "page": number,
            "page_size": size,
            "next_page_uri": more,
        }

    def _change_number(self, asked: Asked) -> object:
        form, number = _form(asked), self.numbers.get(asked.values["sid"])
        if number is None:
            return _missing()
        names = {"VoiceUrl": "voice_url", "SmsUrl": "sms_url", "StatusCallback": "status_callback"}
        number |= {ours: form[theirs] for theirs, ours in names.items() if theirs in form}
        return number

    # ---- texts
    def _keep_text(self, sender: str, to: str, body: str, direction: str, status: str, files: int) -> dict[str, Any]:
        sid, date = _new("MM" if files else "SM"), _date(self.now())
        people = {"from": sender, "to": to, "body": body, "direction": direction, "status": status}
        rest = {"num_media": str(files), "num_segments": "1", "error_code": None, "price": None}
        dates = {"date_created": date, "date_sent": date, "date_updated": date}
        self.texts[sid] = {"sid": sid, "account_sid": self.account_sid, **people, **rest, **dates}
        return self.texts[sid]

    def _list_texts(self, asked: Asked) -> object:
        since = asked.query.get("DateSent>")
        kept = {sid: one for sid, one in self.texts.items() if _fits(one, asked, "date_sent", since)}
        return self._page(asked, "messages", kept)

    def _send(self, asked: Asked) -> object:
        form = _form(asked)
        if form.get("From") not in {one["phone_number"] for one in self.numbers.values()}:
            return twilio_error(400, 21606, "The 'From' number is not a number of yours")
        media = parse_qs(asked.body.decode()).get("MediaUrl", [])
        text = self._keep_text(form["From"], form["To"], form.get("Body", ""), "outbound-api", "queued", len(media))
        text |= {"status_callback": form.get("StatusCallback", ""), "media_urls": media}
        return Answer(201, text)

    def _list_media(self, asked: Asked) -> object:
        files = self.files.get(asked.values["sid"], [])
        return self._page(
            asked, "media_list", {sid: {"sid": sid, "content_type": kind} for sid, kind, _ in reversed(files)}
        )

    def _media(self, asked: Asked) -> object:
        files = self.files.get(asked.values["sid"], [])
        return next(
            (Answer(200, data, {"Content-Type": kind}) for sid, kind, data in files if sid == asked.values["media"]),
            _missing(),
        )

    # ---- calls
    def _keep_call(self, sender: str, to: str, direction: str, status: str) -> dict[str, Any]:
        sid, date = _new("CA"), _date(self.now())
        people = {"from": sender, "to": to, "direction": direction, "status": status, "parent_call_sid": None}
        rest = {
            "start_time": date,
            "end_time": None,
            "duration": "0",
            "price": None,
            "price_unit": "USD",
            "date_created": date,
        }
        self.calls[sid] = {"sid": sid, "account_sid": self.account_sid, **people, **rest}
        return self.calls[sid]

    def _list_calls(self, asked: Asked) -> object:
        since = asked.query.get("EndTime>")
        kept = {sid: one for sid, one in self.calls.items() if _fits(one, asked, "end_time", since)}
        return self._page(asked, "calls", kept)

    def _begin_call(self, asked: Asked) -> object:
        form = _form(asked)
        call = self._keep_call(form["From"], form["To"], "outbound-api", "queued")
        call |= {"url": form["Url"], "status_callback": form.get("StatusCallback", "")}
        return Answer(201, call)

    def _change_call(self, asked: Asked) -> object:
        sid, status = asked.values["sid"], _form(asked).get("Status", "")
        if sid not in self.calls:
            return _missing()
        if status in _ENDED and self.calls[sid]["status"] not in _ENDED:
            self.end_call(sid, status)
        return self.calls[sid]

    # ---- recordings
    def _list_recordings(self, asked: Asked) -> object:
        call = asked.query.get("CallSid")
        return self._page(
            asked, "recordings", {sid: one for sid, one in self.recordings.items() if one["call_sid"] == call}
        )

    def _sound(self, asked: Asked) -> object:
        sound = self.sounds.get(asked.values["sid"])
        return _missing() if sound is None else Answer(200, sound, {"Content-Type": "audio/mpeg"})

    def _delete_recording(self, asked: Asked) -> object:
        self.sounds.pop(asked.values["sid"], None)
        return Answer(204) if self.recordings.pop(asked.values["sid"], None) else _missing()


def _fits(one: Mapping[str, Any], asked: Asked, moment: str, since: str | None) -> bool:
    """Whether a text or call is asked for: by its numbers and by when it was."""
    people = all(one[name.lower()] == asked.query[name] for name in ("To", "From") if name in asked.query)
    at = one[moment] and parsedate_to_datetime(one[moment])
    return people and (since is None or (at is not None and at >= datetime.fromisoformat(since).astimezone(UTC)))


def _form(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(asked.body.decode(), keep_blank_values=True).items()}


def _missing() -> Answer:
    return twilio_error(404, 20404, "The requested resource was not found")


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))


def _new(kind: str) -> str:
    return kind + secrets.token_hex(16)
