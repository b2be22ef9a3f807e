"""Requests of Twilio, verified and read outside of an installation, with the code that the driver uses."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from connectors.twilio_voice import is_signed
from plugins.voip.twilio_driver import SIGNATURE
from plugins.voip.twilio_texts import fields_of
from tidings import BadSignature, WebhookEvent, WebhookReader, WebhookRequest

__all__ = ["twilio_reader"]


def twilio_reader() -> WebhookReader:
    """The reader for the provider "twilio"; its secret is the auth token."""
    return WebhookReader("twilio", verify=_verify, read=_read)


def _verify(secret: str, request: WebhookRequest) -> None:
    kind, given = request.headers.get("content-type", ""), request.headers.get(SIGNATURE, "")
    if not is_signed(secret, url=request.url, content_type=kind, body=request.body, signature=given):
        raise BadSignature("Twilio did not sign this.")


def _read(request: WebhookRequest) -> Sequence[WebhookEvent]:
    """One event for each request: a text, how far a text came, or a step of a call."""
    fields = fields_of(request.body or urlsplit(request.url).query.encode())
    sender, recipient = fields.get("From", ""), fields.get("To", "")
    is_ours = fields.get("Direction", "").startswith("outbound")
    contact = recipient if is_ours else sender
    if "MessageStatus" in fields:
        kind = "read" if fields["MessageStatus"] == "read" else "other"
        return [WebhookEvent(kind, fields.get("MessageSid", ""), recipient, sender)]
    if "MessageSid" in fields:
        count = fields.get("NumMedia", "")
        return [
            WebhookEvent(
                "message",
                fields["MessageSid"],
                contact,
                sender,
                text=fields.get("Body", ""),
                attachments=int(count) if count.isdecimal() else 0,
                is_echo=is_ours,
            )
        ]
    if "CallSid" in fields:
        return [WebhookEvent("call", fields["CallSid"], contact, sender, fields.get("CallerName", ""), is_echo=is_ours)]
    return [WebhookEvent("other")]
