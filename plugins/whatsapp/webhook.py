"""Requests of Meta, one address for all numbers: whether they are signed, and which events of them belong to which account."""

from collections.abc import Iterator, Mapping

from connectors.meta_graph import UnreadableWebhook, challenge_answer, is_signed
from connectors.meta_graph.events import WhatsAppEvent
from connectors.meta_graph.webhook_parts import split
from connectors.meta_graph.webhooks import SIGNATURE_HEADER, sign
from plugins.whatsapp.graph import verify_token
from tidings import (
    AccountEvent,
    BadSignature,
    Host,
    RawEvent,
    SharedWebhookReply,
    UnrecognisedPayload,
    WebhookRequest,
)

__all__ = ["receive", "sign_request", "verify"]

CONTENT_TYPE = "application/json"


def verify(host: Host, request: WebhookRequest) -> None:
    """Raise `BadSignature` unless Meta signed the body, or asks with our verify token."""
    if request.method == "GET":
        if challenge_answer(request.query, verify_token(host)) is None:
            raise BadSignature("The verify token is another one.")
        return
    secret = str(host.settings.get("app_secret") or "")
    if not is_signed(request.body, request.headers.get(SIGNATURE_HEADER), [secret]):
        raise BadSignature("The body is not signed with the secret of the app.")


def sign_request(host: Host, request: WebhookRequest) -> Mapping[str, str]:
    """The header with which Meta would sign it."""
    return {SIGNATURE_HEADER.lower(): sign(request.body, str(host.settings.get("app_secret") or ""))}


def receive(host: Host, request: WebhookRequest) -> SharedWebhookReply:
    """The events of a request that are for one of our numbers; the answer to Meta's question when it is one."""
    if request.method == "GET":
        return SharedWebhookReply(body=challenge_answer(request.query, verify_token(host)) or "")
    try:
        return SharedWebhookReply(tuple(_events(host, request.body)))
    except UnreadableWebhook as error:
        raise UnrecognisedPayload(str(error)) from error


def _events(host: Host, body: bytes) -> Iterator[AccountEvent]:
    """What is said of the business account as a whole (reviews of templates, quality) is left out: templates are looked up anyway."""
    accounts = {str(account.settings.get("number_id")): account for account in host.accounts(with_paused=True)}
    for part in split(body):
        account = accounts.get(part.event.number_id) if isinstance(part.event, WhatsAppEvent) else None
        if account is not None:
            yield AccountEvent(account.id, RawEvent(part.body, part.key, CONTENT_TYPE))
