"""From a stored submission to the message that agents read. Pure: no host, no clock."""

from plugins.webform.visiting.submission import Submission, decode
from tidings import MAIL, InboundAttachment, InboundMessage, Participant, translatable

__all__ = ["LANGUAGE", "SPAM_REASON", "message_of", "translate_payload"]

SPAM_REASON = translatable("Why in Spam")
SUBJECT_LENGTH = 70

_SIGNALS = {
    "honeypot": "a field that people do not see was filled in",
    "too_fast": "sent sooner than a person can type",
}
LANGUAGE = translatable("Language")
_CONTEXT = {"page": translatable("Page"), "referrer": translatable("Came from"), "language": LANGUAGE}


def translate_payload(payload: bytes) -> InboundMessage:
    """Raises `UnrecognisedPayload` for bytes that are no stored form."""
    return message_of(decode(payload))


def message_of(submission: Submission) -> InboundMessage:
    """One message: what the visitor wrote, and as fields where and how it was sent."""
    values = submission.values
    text = values.get("message", "")
    return InboundMessage(
        external_id=submission.external_id,
        sender=Participant(MAIL, values.get("email", "").lower(), values.get("name", "")),
        subject=values.get("subject") or _first_words(text),
        text=text,
        reply_text=text,
        sent_at=submission.received_at,
        content_key=submission.content_key,
        attachments=tuple(InboundAttachment(f.filename, f.content_type, f.data) for f in submission.files),
        is_spam=bool(submission.signals),
        accepts_auto_reply=not submission.signals,
        fields=_fields(submission),
    )


def _fields(submission: Submission) -> dict[str, str]:
    fields = {label: submission.context[key] for key, label in _CONTEXT.items() if submission.context.get(key)}
    if submission.signals:
        fields[SPAM_REASON] = "; ".join(_SIGNALS.get(signal, signal) for signal in submission.signals)
    return fields


def _first_words(text: str) -> str:
    """The first line of a message without a subject, cut at a word."""
    line = " ".join(text.split("\n", 1)[0].split())
    if len(line) <= SUBJECT_LENGTH:
        return line
    return (line[:SUBJECT_LENGTH].rsplit(" ", 1)[0] or line[:SUBJECT_LENGTH]) + "…"
