"""The echo channel: takes signed web requests, and hands each answer straight back as a message of the person it was meant for."""

from collections.abc import Mapping, Sequence

from plugins.echo.forms import EchoSettingsForm
from plugins.echo.translate import message_from_event, payload_of_echo, sign, signature_problem
from tidings import (
    Account,
    BadSignature,
    Capability,
    Channel,
    Check,
    ConnectionReport,
    Host,
    InboundMessage,
    OutboundMessage,
    RawEvent,
    SendReceipt,
    WebhookReply,
    WebhookRequest,
)

MIN_SECRET_LENGTH = 16


class EchoChannel(Channel):
    """Has no provider: what is sent is received again through the host, under a key that makes a second attempt a duplicate."""

    title = "Echo"
    icon = "repeat"
    capabilities = frozenset({Capability.WEBHOOK, Capability.SEND, Capability.BEGIN, Capability.SUBJECT})
    settings_form = EchoSettingsForm
    address_kind = "echo"

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        is_long = len(account.secret("shared_secret")) >= MIN_SECRET_LENGTH
        detail = "" if is_long else f"Give a shared secret of at least {MIN_SECRET_LENGTH} characters."
        return ConnectionReport((Check("Shared secret", is_long, detail),))

    def verify_webhook(self, account: Account, request: WebhookRequest) -> None:
        problem = signature_problem(request, account.secret("shared_secret"))
        if problem:
            raise BadSignature(problem)

    def sign_webhook(self, account: Account, request: WebhookRequest) -> Mapping[str, str]:
        signed_at = str(int(request.now.timestamp()))
        return {
            "x-echo-time": signed_at,
            "x-echo-signature": sign(account.secret("shared_secret"), signed_at, request.body),
        }

    def receive_webhook(self, account: Account, request: WebhookRequest) -> WebhookReply:
        return WebhookReply((RawEvent(request.body, meta={"received_at": request.now.isoformat()}),), status=202)

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage]:
        return [message_from_event(event)]

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        payload = payload_of_echo(message, str(account.settings.get("prefix", "")))
        meta = {"received_at": self._host.now().isoformat()}
        self._host.receive(account.id, RawEvent(payload, source_key=f"echo:{message.external_id}", meta=meta))
        return SendReceipt(message.external_id)
