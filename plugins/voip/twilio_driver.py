"""The driver for numbers at Twilio. Calls are led step by step (`twilio_steps`), texts translated (`twilio_texts`), what was missed is
read afterwards (`twilio_history`)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.errors import ConnectorError
from connectors.twilio_voice import is_signed, signature_of
from connectors.twilio_voice.faults import Refusal, TwilioRejected
from plugins.voip.agents import add_leg
from plugins.voip.call_messages import CALL_EVENT, RECORDING_EVENT, call_from_json
from plugins.voip.calls import CallEvent, CallState, Direction
from plugins.voip.drivers import Update
from plugins.voip.keeping import keep_sounds
from plugins.voip.numbers import normalised
from plugins.voip.sounds import put_outgoing
from plugins.voip.troubles import trouble_of
from plugins.voip.twilio_checks import check_account
from plugins.voip.twilio_desk import Asked, Desk
from plugins.voip.twilio_history import begins_at, fetched
from plugins.voip.twilio_steps import STEPS
from plugins.voip.twilio_texts import (
    STATE_EVENT,
    TEXT_EVENT,
    fields_of,
    media_of,
    messages_of_text,
    state_event,
    text_event,
    update_of_state,
)
from tidings import (
    Account,
    AccountHealth,
    BadSignature,
    ConnectionReport,
    Exchange,
    FetchBatch,
    Host,
    InboundMessage,
    OutboundMessage,
    Permanent,
    RawEvent,
    ReplyRules,
    SendReceipt,
    Temporary,
    UnrecognisedPayload,
    UnsupportedEvent,
    WebhookReply,
    WebhookRequest,
    translatable,
)

__all__ = ["TwilioDriver"]

SIGNATURE = "x-twilio-signature"
LONGEST_TEXT = 1600
SETTLING = timedelta(minutes=15)
"""How long after a call a recording that is not there may still come."""
_NOT_REACHABLE = translatable("Nothing can be sent to this sender: it is no telephone number.")
_NO_NUMBER = translatable("This is no telephone number that can be reached.")


class TwilioDriver:
    """Serves every account whose setting `driver` is "twilio"."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        return check_account(self._host, account)

    def health(self, account: Account) -> AccountHealth:
        return AccountHealth()

    # ---- what comes
    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        now = self._host.now()
        if not account.cursor:
            yield FetchBatch((), {"until": now.isoformat()})
            return
        yield from fetched(self._host, account, begins_at(account.cursor, now))

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        return fetched(self._host, account, since)

    def verify_webhook(self, account: Account, request: WebhookRequest) -> None:
        kind, given = request.headers.get("content-type", ""), request.headers.get(SIGNATURE, "")
        for url in self._addresses(account, request):
            if is_signed(account.secret("auth_token"), url=url, content_type=kind, body=request.body, signature=given):
                return
        raise BadSignature("Twilio did not sign this.")

    def sign_webhook(self, account: Account, request: WebhookRequest) -> Mapping[str, str]:
        """The header with which Twilio would sign this request."""
        kind = request.headers.get("content-type", "")
        token = account.secret("auth_token")
        return {SIGNATURE: signature_of(token, url=request.url, content_type=kind, body=request.body)}

    def receive_webhook(self, account: Account, request: WebhookRequest) -> WebhookReply:
        payload = request.body or urlsplit(request.url).query.encode()
        fields = fields_of(payload)
        asked = Asked(fields, request.query, payload, request.now)
        if "MessageSid" in fields:
            is_state = request.query.get("step") == "text_state"
            event = (state_event if is_state else text_event)(payload, request.now)
            return _told((event,))
        if "CallSid" not in fields:
            raise UnrecognisedPayload("This is neither a call nor a text message.")
        step = STEPS.get(request.query.get("step", ""))
        if step is None:
            raise UnsupportedEvent("Nothing is done at this address.")
        desk = Desk(self._host, account)
        answer = step(desk, asked)
        return _told(tuple(desk.events), answer)

    def complete(self, account: Account, event: RawEvent) -> RawEvent:
        kind = event.meta.get("kind")
        if kind in (CALL_EVENT, RECORDING_EVENT):
            return self._with_recordings(account, event)
        return self._with_media(account, event) if kind == TEXT_EVENT else event

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage | Update]:
        language = str(account.settings.get("language") or "en")

        def say(text: str) -> str:
            return self._host.gettext(text, language)

        if event.meta.get("kind") == STATE_EVENT:
            return update_of_state(event, say)
        return messages_of_text(account, event, say)

    # ---- what goes
    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules:
        if exchange.contact.kind != "phone":
            return ReplyRules(notice=_NOT_REACHABLE, is_refused=True)
        return ReplyRules(longest=LONGEST_TEXT)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        desk = Desk(self._host, account)
        to = self._recipient(desk, message)
        media = [put_outgoing(self._host, one) for one in message.attachments]
        with self._translated():
            sent = desk.twilio.send_text(desk.line.number, to, message.text, media, desk.address("text_state"))
        return SendReceipt(sent.sid, thread_key=to)

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        """Twilio knows no id of ours; the same words to the same number since the message was written are the message."""
        desk = Desk(self._host, account)
        with self._translated():
            sent = desk.twilio.texts(message.created_at - timedelta(minutes=1), to=self._recipient(desk, message))
        return any(one.sender == desk.line.number and one.body == message.text for one in sent)

    def call(self, account: Account, agent_id: int, agent_name: str, agent_number: str, number: str) -> str:
        """Ring the agent; when they pick up, `number` is called."""
        desk = Desk(self._host, account)
        address = desk.address("dial", to=number.removeprefix("+"))
        with self._translated():
            id = desk.twilio.begin_call(desk.line.number, agent_number, address, desk.address("leg"), 40)
        facts: dict[str, Any] = {"agent_id": agent_id, "agent_name": agent_name, "their_number": number}
        event = CallEvent(id, self._host.now(), CallState.RINGING, Direction.OUTBOUND, desk.line.number, **facts)
        add_leg(self._host, account.id, desk.note(event).id, id, agent_id)
        return id

    # ---- the rest
    def _addresses(self, account: Account, request: WebhookRequest) -> tuple[str, ...]:
        """The address as it reached us, and as Twilio was told: something between may have changed its beginning."""
        query = urlsplit(request.url).query
        told = self._host.webhook_url(account.id)
        return (request.url, f"{told}?{query}" if query else told)

    def _recipient(self, desk: Desk, message: OutboundMessage) -> str:
        number = normalised(message.to[0].value, desk.line.region)
        if not number:
            raise Permanent(_NO_NUMBER)
        return number

    def _with_recordings(self, account: Account, event: RawEvent) -> RawEvent:
        call = call_from_json(json.loads(event.payload))
        wanted = [one for one in call.recordings if one.external_id not in event.files]
        settled = (call.ended_at or call.started_at) + SETTLING < self._host.now()
        files = {one.external_id: self._recording(account, one.external_id, settled) for one in wanted}
        found = {id: data for id, data in files.items() if data is not None}
        keep_sounds(self._host, account.id, found)
        return replace(event, files={**event.files, **found})

    def _recording(self, account: Account, sid: str, is_settled: bool) -> bytes | None:
        """None for a recording that is gone. Raises `Temporary` for one that may still come."""
        desk = Desk(self._host, account)
        try:
            return desk.twilio.recording_bytes(sid)
        except TwilioRejected as error:
            if error.refusal is Refusal.NOT_FOUND and not is_settled:
                raise Temporary("The recording is not there yet.") from error
            return None
        except ConnectorError as error:
            raise trouble_of(error, self._host.now()) from error

    def _with_media(self, account: Account, event: RawEvent) -> RawEvent:
        fields = fields_of(event.payload)
        if fields.get("NumMedia", "0") in ("", "0") or "media" in event.meta:
            return event
        desk, sid = Desk(self._host, account), fields.get("MessageSid", "")
        with self._translated():
            media = media_of(fields) or [(one.sid, one.content_type) for one in desk.twilio.media(sid)]
        files = {one: self._file(desk, sid, one) for one, _ in media}
        found = {one: data for one, data in files.items() if data is not None}
        return replace(
            event, files={**event.files, **found}, meta={**event.meta, "media": [list(one) for one in media]}
        )

    def _file(self, desk: Desk, sid: str, media_sid: str) -> bytes | None:
        """None for a file that is gone or too large."""
        try:
            return desk.twilio.media_bytes(sid, media_sid)
        except TwilioRejected:
            return None
        except ConnectorError as error:
            raise trouble_of(error, self._host.now()) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ConnectorError as error:
            raise trouble_of(error, self._host.now()) from error


def _told(
    events: tuple[RawEvent, ...], answer: str = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
) -> WebhookReply:
    return WebhookReply(events, body=answer, content_type="text/xml; charset=utf-8")
