"""From a stored submission to the message that agents read. Pure: no host, no clock."""

from collections.abc import Iterator, Sequence

from forms.definitions import Answer, Becomes, Kind, Routing
from plugins.webform.checking.marks import TAG, THREAD, is_test
from plugins.webform.guarding.signals import SIGNALS_FIELD, is_spam_by, reasons_of
from plugins.webform.visiting.submission import Submission, decode
from tidings import MAIL, SPAM_REASON, ContactFacts, InboundAttachment, InboundMessage, Participant, translatable

__all__ = ["LANGUAGE", "VISITOR", "message_of", "translate_payload"]

VISITOR = "visitor"
"""The kind of address of somebody who left none: each showing of a form is a person of its own, and nobody can be written to there."""
VISITOR_DIGITS = 12

SUBJECT_LENGTH = 70
LONGEST_FACT = 1000
MOST_FACTS = 80
"""What is longer or beyond that stands in the text, where nothing is cut."""

LANGUAGE = translatable("Language")
_CONTEXT = {"page": translatable("Page"), "referrer": translatable("Came from"), "language": LANGUAGE}
_BESIDE = frozenset({Becomes.FACT, Becomes.PHONE, Becomes.COMPANY})
"""What stands beside the message; the rest has a place of its own."""


def translate_payload(payload: bytes) -> InboundMessage:
    """Raises `UnrecognisedPayload` for bytes that are no stored form."""
    return message_of(decode(payload))


def message_of(submission: Submission) -> InboundMessage:
    """One message: what the visitor wrote, with the other answers beside it, and as fields where and how it was sent."""
    text, beside = _told(submission.answers)
    is_spam, is_tested = is_spam_by(submission.signals), is_test(submission.nonce)
    routing = Routing(tags=(TAG,)) if is_tested else submission.routing
    return InboundMessage(
        external_id=submission.external_id,
        sender=_sender(submission),
        subject=submission.subject or _first_words(text),
        text=text,
        reply_text=text,
        sent_at=submission.received_at,
        content_key=submission.content_key,
        thread_key=THREAD if is_tested else None,
        attachments=tuple(InboundAttachment(f.filename, f.content_type, f.data) for f in submission.files),
        is_spam=is_spam,
        accepts_auto_reply=not is_spam,
        fields=_circumstances(submission),
        answers=beside,
        tags=routing.tags,
        priority=routing.priority.value if routing.priority else "",
        contact=ContactFacts(company=_said(submission, Becomes.COMPANY), phone=_number(submission)),
        is_test=is_tested,
    )


def _sender(submission: Submission) -> Participant:
    name, address = _said(submission, Becomes.NAME), _said(submission, Becomes.EMAIL).lower()
    if address:
        return Participant(MAIL, address, name)
    return Participant(VISITOR, f"{VISITOR}-{submission.nonce[:VISITOR_DIGITS]}", name)


def _told(answers: Sequence[Answer]) -> tuple[str, dict[str, str]]:
    """The text: the message and what is too long to stand beside it; and what stands beside it. Without a text the list of all that was
    answered is the text."""
    facts, long_facts = _sorted_facts(answers)
    messages = [answer.text for answer in answers if answer.becomes is Becomes.MESSAGE]
    pieces = [*messages, *(f"{answer.label}:\n{answer.text}" for answer in long_facts)]
    if pieces:
        return "\n\n".join(pieces), _told_apart(facts)
    return "\n".join(f"{answer.label}: {answer.text}" for answer in facts), {}


def _sorted_facts(answers: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """(what stands beside the message, what is too long or too much for that). Files are attached instead."""
    facts = [one for one in answers if one.becomes in _BESIDE and one.kind is not Kind.FILE]
    short = [one for one in facts if len(one.text) <= LONGEST_FACT][:MOST_FACTS]
    return short, [one for one in facts if one not in short]


def _told_apart(facts: Sequence[Answer]) -> dict[str, str]:
    """By label; a label that is there already gets a number."""
    told: dict[str, str] = {}
    for answer in facts:
        label = answer.label or answer.field_id
        told[next(one for one in _numbered(label) if one not in told)] = answer.text
    return told


def _numbered(label: str) -> Iterator[str]:
    yield label
    for number in range(2, MOST_FACTS + 2):
        yield f"{label} ({number})"


def _circumstances(submission: Submission) -> dict[str, str]:
    """Where and how it was sent; the signals on their way to the filter, which weighs them together with what was written."""
    fields = {label: submission.context[key] for key, label in _CONTEXT.items() if submission.context.get(key)}
    if submission.signals:
        fields[SIGNALS_FIELD] = " ".join(submission.signals)
    if is_spam_by(submission.signals):
        fields[SPAM_REASON] = "; ".join(reasons_of(submission.signals))
    return fields


def _said(submission: Submission, what: Becomes) -> str:
    """The first answer that becomes this, in one line."""
    found = next((answer.text for answer in submission.answers if answer.becomes is what), "")
    return " ".join(found.split())


def _number(submission: Submission) -> str:
    """The first phone number, as programs write it."""
    field_id = next((one.field_id for one in submission.answers if one.becomes is Becomes.PHONE), "")
    return str(submission.values.get(field_id, ""))


def _first_words(text: str) -> str:
    """The first line of a message without a subject, cut at a word."""
    line = " ".join(text.split("\n", 1)[0].split())
    if len(line) <= SUBJECT_LENGTH:
        return line
    return (line[:SUBJECT_LENGTH].rsplit(" ", 1)[0] or line[:SUBJECT_LENGTH]) + "…"
