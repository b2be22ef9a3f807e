"""What is fuzzed: how a case is made, and which promises must hold for it.

A case is bytes; where a target takes several values they stand one after the other, parted by `SEPARATOR`. A promise that is
broken is an AssertionError, as any other exception a finding.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

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
    text_to_html,
)
from app.plugin_api.errors import UnrecognisedPayload
from app.plugin_api.mail import inbound_from_mail
from tests.fuzz import pieces
from tests.fuzz.mutating import mutate, put_together

SEPARATOR = b"\n%%%% next %%%%\n"
_FORBIDDEN_TAGS = {
    "script", "iframe", "frame", "object", "embed", "applet", "style", "base", "meta", "form", "input", "button", "link", "svg", "math",
    "template", "noscript",
}  # fmt: skip
_FORBIDDEN_ATTRIBUTES = {"srcdoc", "formaction", "id", "class"}
_FORBIDDEN_STYLES = ("url(", "expression", "@import", "javascript", "position:", "behavior", "-moz-binding")
_SCHEMES = ("http:", "https:", "mailto:", "tel:", "cid:", "data:image/")
NOW = datetime(2026, 3, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Target:
    """`make` gives a case out of seeds, `run` tries it; `promise` says in a few words what is tried."""

    promise: str
    make: Callable[[Random, Sequence[bytes]], bytes]
    run: Callable[[bytes], None]


# ---- making cases
def _mail(rng: Random, seeds: Sequence[bytes]) -> bytes:
    if rng.random() < 0.15:
        return put_together(rng, pieces.MAIL)
    return mutate(rng, rng.choice(seeds), seeds, pieces.MAIL)


def _text(rng: Random, seeds: Sequence[bytes]) -> bytes:
    text = parse_message(rng.choice(seeds)).text or ""
    return (
        mutate(rng, text.encode("utf-8", "replace"), seeds, pieces.TEXT)
        if rng.random() < 0.85
        else put_together(rng, pieces.TEXT)
    )


def _markup(rng: Random, seeds: Sequence[bytes]) -> bytes:
    mail = parse_message(rng.choice(seeds))
    html = mail.html or text_to_html(mail.text or "")
    if rng.random() < 0.2:
        return put_together(rng, pieces.MARKUP)
    return mutate(rng, html.encode("utf-8", "replace"), seeds, pieces.MARKUP)


def _reply(rng: Random, seeds: Sequence[bytes]) -> bytes:
    name = rng.choice((b"", b"Ada Reader", rng.randbytes(6), b"(" * 500))
    return SEPARATOR.join((_text(rng, seeds), _markup(rng, seeds) if rng.random() < 0.5 else b"", name))


def _draft(rng: Random, seeds: Sequence[bytes]) -> bytes:
    name, subject = (mutate(rng, b"Re: Ada \xc3\xa9", seeds, (*pieces.MAIL, *pieces.TEXT))[:2_000] for _ in range(2))
    return SEPARATOR.join((name, subject, _text(rng, seeds), _markup(rng, seeds), _mail(rng, seeds)))


# ---- trying them
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
    text, html, name = (part.decode("utf-8", "replace") for part in _values(data, 3))
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


def _composed(data: bytes) -> None:
    name, subject, text, html = (part.decode("utf-8", "replace") for part in _values(data, 5)[:4])
    original = _values(data, 5)[4]
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


def _values(data: bytes, count: int) -> list[bytes]:
    parts = data.split(SEPARATOR, count - 1)
    return [*parts, *[b""] * (count - len(parts))]


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
            low = "".join(value.split()).lower()
            assert not name.startswith("on"), f"{name} is left"
            assert name not in _FORBIDDEN_ATTRIBUTES, f"{name} is left"
            assert name not in ("href", "src") or low.startswith(_SCHEMES), f"{name} leads to {low[:30]}"
            assert name != "style" or not any(word in low for word in _FORBIDDEN_STYLES), (
                f"the style {low[:60]} is left"
            )


TARGETS = {
    "parse": Target("any bytes are read and reported", _mail, _parsed),
    "intake": Target("any mail is a message or refused by name", _mail, _taken_in),
    "reply": Target("the words of a person are found", _reply, _split),
    "sanitise": Target("markup is made harmless", _markup, _sanitised),
    "text": Target("markup is read as text", _markup, _read_as_text),
    "compose": Target("what is written reads back", _draft, _composed),
}
