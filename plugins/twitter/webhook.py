"""X's requests to the one address all accounts share: the challenge, the signature, and which events are for which account."""

import json
import re
from collections.abc import Iterator, Mapping

from connectors.x_api import (
    OAUTH2_SIGNATURE_HEADER,
    SIGNATURE_HEADER,
    Event,
    UnreadableWebhook,
    crc_answer,
    is_signed,
    parse,
    sign,
)
from plugins.twitter.events import event_of_webhook
from plugins.twitter.names import own_id
from plugins.twitter.subscription import challenge_secret, note_revoked, note_told
from tidings import (
    Account,
    AccountEvent,
    BadSignature,
    Host,
    SharedWebhookReply,
    UnrecognisedPayload,
    WebhookRequest,
)

__all__ = ["receive", "sign_request", "verify"]

_CHALLENGE = re.compile(r"[A-Za-z0-9._~+/= -]{1,300}")
"""What X asks to be signed. The answer to a challenge is made like the signature of a body, so whoever asks could have bodies signed: no
text of this kind is ever taken as a body, and nothing else is answered."""


def verify(host: Host, request: WebhookRequest) -> None:
    """Raise `BadSignature` unless X signed the body. A challenge carries no signature: X wants to see ours."""
    if request.method == "GET":
        if not _CHALLENGE.fullmatch(request.query.get("crc_token", "")):
            raise BadSignature("There is no challenge in it.")
        return
    if not request.body or _CHALLENGE.fullmatch(request.body.decode("latin-1")):
        raise BadSignature("The body is none of a webhook.")
    if not is_signed(request.body, request.headers, _secrets(host)):
        raise BadSignature("The body is not signed with a secret of the app.")


def sign_request(host: Host, request: WebhookRequest) -> Mapping[str, str]:
    """The headers with which X would sign it."""
    names = {"client_secret": OAUTH2_SIGNATURE_HEADER, "consumer_secret": SIGNATURE_HEADER}
    secrets = {header: str(host.settings.get(setting) or "") for setting, header in names.items()}
    return {header: sign(request.body, secret) for header, secret in secrets.items() if secret}


def receive(host: Host, request: WebhookRequest) -> SharedWebhookReply:
    """The events for our accounts, or the answer to a challenge."""
    if request.method == "GET":
        answer = {"response_token": crc_answer(request.query.get("crc_token", ""), challenge_secret(host))}
        return SharedWebhookReply(body=json.dumps(answer), content_type="application/json")
    try:
        return SharedWebhookReply(tuple(_events(host, request.body)))
    except UnreadableWebhook as error:
        raise UnrecognisedPayload(str(error)) from error


def _events(host: Host, body: bytes) -> Iterator[AccountEvent]:
    accounts = {own_id(account): account for account in host.accounts(with_paused=True)}
    for event in parse(body):
        account = accounts.get(event.for_user_id)
        if account is None:
            continue
        if event.kind == "revoke":
            note_revoked(host, account.id)
            continue
        note_told(host, account.id)
        raw = event_of_webhook(event) if _is_wanted(event, account) else None
        if raw is not None:
            yield AccountEvent(account.id, raw)


def _is_wanted(event: Event, account: Account) -> bool:
    """No reposts, nothing the account posts to everybody, and of the rest what its owner wants to see."""
    own = own_id(account)
    if event.kind in ("message", "read"):
        return bool(account.settings.get("reads_messages", True)) and not (
            event.kind == "read" and event.sender_id == own
        )
    if event.kind != "post":
        return True
    if "retweeted_status" in event.item:
        return False
    answered = str(event.item.get("in_reply_to_user_id_str") or "")
    return event.sender_id != own or (answered not in ("", own) and bool(account.settings.get("reads_own_posts", True)))


def _secrets(host: Host) -> list[str]:
    return [str(host.settings.get(name) or "") for name in ("client_secret", "consumer_secret")]
