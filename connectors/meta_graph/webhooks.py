"""Meta's webhooks, without any I/O: is the signature right, is this the question of the dashboard, what does the body tell.

Pages: https://developers.facebook.com/docs/graph-api/webhooks/getting-started,
https://developers.facebook.com/docs/messenger-platform/reference/webhook-events. How single events are read is in
webhook_messaging.py, webhook_comments.py and webhook_whatsapp.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping

from connectors.meta_graph.events import Event, Unknown
from connectors.meta_graph.json_fields import Fields, fields, items, text, time
from connectors.meta_graph.webhook_comments import read_comment, read_instagram_comment
from connectors.meta_graph.webhook_messaging import read_messaging
from connectors.meta_graph.webhook_whatsapp import read_whatsapp

SIGNATURE_HEADER = "X-Hub-Signature-256"


class UnreadableWebhook(ValueError):
    """The body is no webhook of Meta: no JSON, no `object`, or no list of entries."""


def sign(body: bytes, app_secret: str) -> str:
    """Return the header that Meta sends for this body: "sha256=" and the hex HMAC-SHA256 of the bytes as they are."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, header: str | None, app_secrets: Iterable[str]) -> bool:
    """Whether `header` signs the raw `body` with one of the secrets (several while one is replaced). Takes equally long for each."""
    given = (header or "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(sign(body, secret).encode(), given) for secret in app_secrets if secret]
    return any(matches)


def challenge_answer(query: Mapping[str, str], verify_token: str) -> str | None:
    """Return what to answer to Meta's question when the webhook is set up, None where it is not that or the token is another."""
    given = query.get("hub.verify_token", "")
    is_ours = bool(verify_token) and hmac.compare_digest(given.encode("utf-8", "replace"), verify_token.encode())
    return query.get("hub.challenge") if query.get("hub.mode") == "subscribe" and is_ours else None


def read_signed_request(signed_request: str, app_secret: str) -> Fields | None:
    """Return what a person's removal of the app or wish for deletion says (`user_id` …), None where the signature is not right.

    https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
    """
    signature, _, payload = signed_request.partition(".")
    try:
        given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error):
        return None
    right = hmac.compare_digest(hmac.new(app_secret.encode(), payload.encode(), hashlib.sha256).digest(), given)
    return fields(content) if right and app_secret else None


def parse(body: bytes) -> tuple[Event, ...]:
    """Return the events of a webhook in the order they stand there; what is not understood becomes `Unknown`, so nothing is lost.

    Look at the signature first. Raises UnreadableWebhook.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableWebhook("The body is not JSON.") from None
    kind, entries = text(fields(content).get("object")), fields(content).get("entry")
    if not kind or not isinstance(entries, list):
        raise UnreadableWebhook("The body has no object or no list of entries.")
    return tuple(event for entry in items(entries) for event in _events(kind, entry))


def _events(kind: str, entry: Fields) -> Iterator[Event]:
    entry_id = text(entry.get("id"))
    for name in ("messaging", "standby"):
        for item in items(entry.get(name)):
            yield read_messaging(kind, entry_id, item, is_standby=name == "standby")
    for change in items(entry.get("changes")):
        yield from _changes(kind, entry, text(change.get("field")), change)


def _changes(kind: str, entry: Fields, name: str, change: Fields) -> Iterable[Event]:
    entry_id, value, at = text(entry.get("id")), fields(change.get("value")), time(entry.get("time"))
    if kind == "whatsapp_business_account":
        return read_whatsapp(entry_id, name, value, at)
    if kind == "page" and name == "feed" and value.get("item") == "comment":
        return (read_comment(entry_id, value, at),)
    if kind == "instagram" and name in ("comments", "live_comments"):
        return (read_instagram_comment(entry_id, value, at),)
    if kind == "instagram" and "sender" in value:  # the dashboard's test button sends messages as changes
        return (read_messaging(kind, entry_id, value, is_standby=False),)
    return (Unknown(object=kind, entry_id=entry_id, at=at, raw=change, kind=_name(name, value)),)


def _name(name: str, value: Fields) -> str:
    return ".".join(part for part in (name, text(value.get("item")), text(value.get("verb"))) if part) or "unreadable"
