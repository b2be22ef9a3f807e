"""Between echo's JSON and the host's messages, and the signature that protects it. Pure.

An event is `{"id": "1", "from": "ada", "name": "Ada", "text": "Hello"}`; `name`, `subject` and `answers` (an id) may be missing.
"""

import hashlib
import hmac
import json
from datetime import datetime

from tidings import InboundMessage, OutboundMessage, Participant, RawEvent, UnrecognisedPayload, WebhookRequest

ADDRESS_KIND = "echo"
MAX_AGE_S = 300


def message_from_event(event: RawEvent) -> InboundMessage:
    """The message of one event. Raises `UnrecognisedPayload` when the bytes are not such an event."""
    try:
        said = json.loads(event.payload)
        identifier, sender, text = (_text(said, key) for key in ("id", "from", "text"))
        name, subject, answers = (_text(said, key, "") for key in ("name", "subject", "answers"))
        sent_at = datetime.fromisoformat(str(event.meta["received_at"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnrecognisedPayload(f"This is not an echo event: {error}.") from error
    return InboundMessage(
        external_id=identifier,
        sender=Participant(ADDRESS_KIND, sender.strip().lower(), name),
        text=text,
        sent_at=sent_at,
        content_key=hashlib.sha256(json.dumps([identifier, sender, subject, text]).encode()).hexdigest(),
        subject=subject,
        thread_key=f"echo:{sender.strip().lower()}",
        in_reply_to=answers or None,
    )


def payload_of_echo(message: OutboundMessage, prefix: str) -> bytes:
    """The event with which the person an answer went to says the same back."""
    person = message.to[0]
    said = {
        "id": f"echo-of-{message.external_id}",
        "from": person.value,
        "name": person.name,
        "subject": message.subject,
        "text": prefix + message.text,
        "answers": message.external_id,
    }
    return json.dumps(said).encode()


def signature_problem(request: WebhookRequest, secret: str) -> str:
    """Why the signature of a request does not fit, or an empty string."""
    signed_at = request.headers.get("x-echo-time", "")
    given = request.headers.get("x-echo-signature", "")
    if not secret or not hmac.compare_digest(given.encode(), sign(secret, signed_at, request.body).encode()):
        return "The signature does not fit."
    if not signed_at.isdecimal() or abs(request.now.timestamp() - int(signed_at)) > MAX_AGE_S:
        return "The signature is older than five minutes."
    return ""


def sign(secret: str, signed_at: str, body: bytes) -> str:
    """HMAC-SHA256 in hex over the time (seconds since 1970), a point and the body."""
    return hmac.new(secret.encode(), signed_at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _text(said: dict[str, object], key: str, default: str | None = None) -> str:
    value = said.get(key, default) if isinstance(said, dict) else None
    if not isinstance(value, str) or (not value.strip() and default is None):
        raise ValueError(f"`{key}` is missing or is not a text")
    value.encode()  # JSON can name half a character; that is no text
    return value
