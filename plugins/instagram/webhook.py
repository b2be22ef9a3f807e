"""Requests of Meta, one address for all accounts: whether they are signed, and which events of them belong to which account."""

from collections.abc import Iterator, Mapping

from connectors.meta_graph import UnreadableWebhook, challenge_answer, is_signed
from connectors.meta_graph.events import CommentChanged, Echo, Event
from connectors.meta_graph.webhook_parts import split
from connectors.meta_graph.webhooks import SIGNATURE_HEADER, sign
from plugins.instagram.graph import verify_token
from tidings import (
    Account,
    AccountEvent,
    BadSignature,
    Host,
    RawEvent,
    SharedWebhookReply,
    UnrecognisedPayload,
    WebhookRequest,
)

__all__ = ["CONTENT_TYPE", "receive", "sign_request", "verify"]

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
    """The events of a request that are for one of our accounts; the answer to Meta's question when it is one."""
    if request.method == "GET":
        return SharedWebhookReply(body=challenge_answer(request.query, verify_token(host)) or "")
    try:
        return SharedWebhookReply(tuple(_events(host, request.body)))
    except UnreadableWebhook as error:
        raise UnrecognisedPayload(str(error)) from error


def _events(host: Host, body: bytes) -> Iterator[AccountEvent]:
    accounts = {str(account.settings.get("instagram_id")): account for account in host.accounts(with_paused=True)}
    app_id = str(host.settings.get("app_id") or "")
    for part in split(body):
        account = accounts.get(part.event.entry_id) if part.event.object == "instagram" else None
        if account is not None and _is_wanted(part.event, account, app_id):
            yield AccountEvent(account.id, RawEvent(part.body, part.key, CONTENT_TYPE))


def _is_wanted(event: Event, account: Account, app_id: str) -> bool:
    """Not the echo of what Tidings itself sent, which is stored already; no comments where nobody wants them."""
    if isinstance(event, Echo):
        return not app_id or event.app_id != app_id
    return not isinstance(event, CommentChanged) or bool(account.settings.get("comments", True))
