"""What is fuzzed: how a case is made, and which promises must hold for it.

How the cases are made is in `cases`. A promise that is broken is an AssertionError, as any other exception a finding.
"""

import contextlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from app.cli.mail import mail_of
from app.domain.dangerous_files import danger_of_file
from app.domain.thread_batch import group
from app.mime import (
    Address,
    MailDraft,
    OutgoingFile,
    UnsendableMail,
    as_contract,
    block_remote_images,
    compose_message,
    content_hash,
    count_tracking_pixels,
    html_to_text,
    parse_message,
    sanitize_html,
    split_reply,
)
from app.mime.authentication import LookupFailed, Trail, judge
from app.mime.calendar import read_calendar
from app.mime.compressed_rtf import decompress_rtf
from app.mime.rtf import read_rtf
from app.mime.tnef import unpack_tnef
from app.plugin_api.errors import UnrecognisedPayload
from app.plugin_api.mail import inbound_from_mail
from connectors.errors import Rejected
from connectors.mail_discovery.autoconfig import read_autoconfig
from tests.fuzz.cases import (
    SEPARATOR,
    batch_case,
    document_case,
    draft_case,
    file_case,
    hidden_case,
    mail_case,
    markup_case,
    reply_case,
    values,
    vouching_case,
)

_FORBIDDEN_TAGS = {
    "script", "iframe", "frame", "object", "embed", "applet", "style", "base", "meta", "form", "input", "button", "link", "svg", "math",
    "template", "noscript",
}  # fmt: skip
_FORBIDDEN_ATTRIBUTES = {"srcdoc", "formaction", "id", "class"}
_FORBIDDEN_STYLES = ("url(", "expression", "@import", "javascript")
_FORBIDDEN_PROPERTIES = {"position", "behavior", "-moz-binding", "content", "z-index"}
_VERDICTS = {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"}
_SCHEMES = ("http:", "https:", "mailto:", "tel:", "cid:", "data:image/")
_CONTROLS = "".join(map(chr, range(33)))
"""What browsers leave out at the beginning of an address (https://url.spec.whatwg.org/#url-parsing)."""
NOW = datetime(2026, 3, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Target:
    """`make` gives a case out of seeds, `run` tries it; `promise` says in a few words what is tried."""

    promise: str
    make: Callable[[Random, Sequence[bytes]], bytes]
    run: Callable[[bytes], None]


def _parsed(raw: bytes) -> None:
    mail = parse_message(raw)
    json.dumps(as_contract("x", mail), ensure_ascii=False).encode("utf-8")
    content_hash(mail)
    _check_characters(mail.text, mail.html, mail.reply_text, mail.subject, *(value for _, value in mail.headers))
    assert all("/" not in (one.filename or "") for one in mail.attachments), "a file name holds a path"
    assert not (mail.text or "").strip() or mail.reply_text, "the reply is empty and the text is not"


def _taken_in(raw: bytes) -> None:
    try:
        message = inbound_from_mail(raw, NOW)
    except UnrecognisedPayload:
        return
    assert message.sender.value, "somebody without an address wrote it"
    assert message.sent_at.tzinfo is not None, "a time without its zone"
    if message.html:
        _check_markup(sanitize_html(message.html))


def _split(data: bytes) -> None:
    text, html, name = (part.decode("utf-8", "replace") for part in values(data, 3))
    parts = split_reply(text, html or None, sender_name=name)
    assert parts.reply or not text.strip(), "the reply is empty and the text is not"


def _sanitised(data: bytes) -> None:
    clean = sanitize_html(data.decode("utf-8", "replace"))
    _check_markup(clean)
    blocked, count = block_remote_images(clean)
    assert count or blocked == clean, "changed, and nothing was blocked"
    count_tracking_pixels(clean)


def _read_as_text(data: bytes) -> None:
    _check_characters(html_to_text(data.decode("utf-8", "replace")))


def _found_inside(data: bytes) -> None:
    for event in read_calendar(data.decode("utf-8", "replace")):
        assert "\n" not in event.summary + event.location + event.organizer, "words of an event are on several lines"
        assert event.starts is None or event.ends is None or event.starts <= event.ends, (
            "an event ends before it begins"
        )
    found = read_rtf(data)
    _check_characters(found.text, found.html, read_rtf(decompress_rtf(data)).text)
    tnef = unpack_tnef(data)
    assert tnef is None or all("/" not in (one.filename or "") for one in tnef.files), "a file name holds a path"


def _threaded(data: bytes) -> None:
    mails = [mail_of(parse_message(raw)) for raw in data.split(SEPARATOR)]
    found = group(mails)
    assert len(found) == len(mails), "a mail without an exchange"
    assert group(mails[::-1])[::-1] == found, "the order changes the exchanges"
    mixed = group(mails[1::2] + mails[::2])
    half = len(mails) // 2
    assert mixed[:half] == found[1::2], "the order changes the exchanges"
    assert mixed[half:] == found[::2], "the order changes the exchanges"


def _composed(data: bytes) -> None:
    name, subject, text, html = (part.decode("utf-8", "replace") for part in values(data, 5)[:4])
    original = values(data, 5)[4]
    draft = MailDraft(
        sender=Address(name, "help@example.com"),
        to=(Address(name, "ada@example.com"),),
        subject=subject,
        message_id="m@example.com",
        date=NOW,
        text=text,
        html=html or None,
        attachments=(
            OutgoingFile("original.eml", "message/rfc822", original),
            OutgoingFile(name, "image/png", original),
        ),
    )
    try:
        raw = compose_message(draft)
    except UnsendableMail:
        return
    mail = parse_message(raw)
    assert [one.email for one in mail.to] == ["ada@example.com"], "another recipient"
    assert _words(mail.subject or "") == _words(subject), "another subject"
    assert not {"bcc", "cc", "x-injected"} & {key for key, _ in mail.headers}, "a header that nobody wrote"
    assert original in [one.data for one in mail.attachments], "a file came back changed"
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "a line longer than RFC 5322 allows"


def _words(line: str) -> list[str]:
    """Without byte order marks, which an encoded-word may lose."""
    return line.replace("\ufeff", "").split()


def _vouched(data: bytes) -> None:
    raw, answers = values(data, 2)
    records = [line.decode("latin-1") for line in answers.split(b"\n")]

    def ask(name: str, kind: str) -> tuple[str, ...]:
        record = records[zlib.crc32(f"{name} {kind}".encode()) % len(records)]
        if record == "!":
            raise LookupFailed(name)
        return (record,) if record else ()

    try:
        message = inbound_from_mail(raw, NOW, ["mx.example.com"])
    except UnrecognisedPayload:
        return
    facts = message.mail
    assert facts is not None, "a mail without its facts"
    trail = Trail(facts.results, facts.border, facts.return_path)
    found = judge(facts.raw, facts.authors, trail, facts.trusted_hosts, ask)
    assert {found.spf, found.dkim, found.dmarc} <= _VERDICTS, "a verdict that nobody knows"
    is_told = any(b"mx.example.com" in line for line in raw.split(b"\n"))
    assert is_told or not found.by or found.by == "Tidings", "the word of a host that is not trusted"


def _looked_into(data: bytes) -> None:
    name, content = values(data, 2)
    danger_of_file(name.decode("utf-8", "replace"), content)


def _read_document(data: bytes) -> None:
    with contextlib.suppress(Rejected):
        found = read_autoconfig(data, "ada@example.com")
        for server in (found.imap, found.smtp):
            assert server is None or server.security in ("tls", "starttls"), "an unencrypted server"


def _check_characters(*texts: str | None) -> None:
    for text in texts:
        (text or "").encode("utf-8")
        assert "\0" not in (text or ""), "a null byte"


def _check_markup(clean: str) -> None:
    """As a reader's browser would take it: nothing that runs, loads a document, or leads where only attackers go."""
    if not clean.strip():
        return
    for element in document_fromstring(f"<div>{clean}</div>", parser=HTMLParser(huge_tree=True)).iter(etree.Element):
        assert element.tag not in _FORBIDDEN_TAGS, f"<{element.tag}> is left"
        for name, value in element.attrib.items():
            low = "".join(value.split()).lower().lstrip(_CONTROLS)
            assert not name.startswith("on"), f"{name} is left"
            assert name not in _FORBIDDEN_ATTRIBUTES, f"{name} is left"
            assert name not in ("href", "src") or low.startswith(_SCHEMES), f"{name} leads to {low[:30]}"
            if name == "style":
                assert not any(word in low for word in _FORBIDDEN_STYLES), f"the style {low[:60]} is left"
                used = {declaration.partition(":")[0] for declaration in low.split(";")}
                assert not used & _FORBIDDEN_PROPERTIES, f"the style {low[:60]} is left"


TARGETS = {
    "parse": Target("any bytes are read and reported", mail_case, _parsed),
    "intake": Target("any mail is a message or refused by name", mail_case, _taken_in),
    "reply": Target("the words of a person are found", reply_case, _split),
    "sanitise": Target("markup is made harmless", markup_case, _sanitised),
    "text": Target("markup is read as text", markup_case, _read_as_text),
    "thread": Target("exchanges do not hang on the order", batch_case, _threaded),
    "compose": Target("what is written reads back", draft_case, _composed),
    "vouch": Target("who vouches for a mail is found out", vouching_case, _vouched),
    "file": Target("what a file holds is looked into", file_case, _looked_into),
    "inside": Target("what Outlook and calendars hide is read", hidden_case, _found_inside),
    "document": Target("servers are read from a provider's document", document_case, _read_document),
}
