"""Raw mails for the ingest bench: plain, with HTML, with quoted history, with a file, in the encodings that mail programs use."""

import base64
import quopri
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bench.words import COMPANIES, FIRST_NAMES, LAST_NAMES, paragraphs, subject

__all__ = ["create_mails"]

_START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_ANSWERS = 0.4
_UNKNOWN_SENDERS = 50_000


def create_mails(count: int, *, series: str, to: str) -> Iterator[bytes]:
    """`count` mails, other ones for each `series`. Four of ten answer an earlier one of the same series and quote it."""
    rng = random.Random(series)
    earlier: list[tuple[str, str, str, int]] = []
    for number in range(count):
        number_of_text = rng.randrange(10**9)
        message_id = f"{series}.{number}.{rng.getrandbits(48):x}@mail.example.net"
        parent = rng.choice(earlier[-200:]) if earlier and rng.random() < _ANSWERS else None
        sender = parent[1] if parent else _sender(rng)
        head = _head(rng, number, message_id, sender, to, parent)
        yield b"\r\n".join([*head, *_body(rng, number, number_of_text, parent), b""])
        earlier.append((message_id, sender, parent[2] if parent else subject(number_of_text), number_of_text))


def _sender(rng: random.Random) -> str:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    address = f"{first}.{last}.{rng.randrange(_UNKNOWN_SENDERS)}@{rng.choice(COMPANIES)}.example.org".lower()
    name = f"{first} {last}" if rng.random() < 0.8 else _encoded_word(f"Zoë {last}")
    return f"{name} <{address}>"


def _encoded_word(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _head(
    rng: random.Random, number: int, message_id: str, sender: str, to: str, parent: tuple[str, str, str, int] | None
) -> list[bytes]:
    sent_at = _START + timedelta(seconds=30 * number)
    title = parent[2] if parent else subject(number * 31 + 7)
    domain = sender.rpartition("@")[2].rstrip(">")
    lines = [f"Return-Path: <bounces-{number}@{domain}>"]
    for hop in range(3):
        host = f"mx{hop}.{domain}"
        lines += [
            f"Received: from {host} ({host} [192.0.2.{hop + 1}])",
            f"\tby in{hop}.example.com (Postfix) with ESMTPS id {rng.getrandbits(40):X}",
            f"\tfor <{to}>; {format_datetime(sent_at)}",
        ]
    lines += [
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail; h=from:to:subject:date:message-id;",
        f"\tbh={base64.b64encode(rng.randbytes(32)).decode()};",
        *(f"\t{base64.b64encode(rng.randbytes(45)).decode()}" for _ in range(4)),
        f"From: {sender}",
        f"To: Support <{to}>",
        f"Subject: {'Re: ' if parent else ''}{_encoded_word(title) if number % 4 == 0 else title}",
        f"Date: {format_datetime(sent_at)}",
        f"Message-ID: <{message_id}>",
        "MIME-Version: 1.0",
        "User-Agent: Some Mail Program 12.4",
    ]
    if parent:
        lines += [f"In-Reply-To: <{parent[0]}>", f"References: <{parent[0]}>"]
    return [line.encode() for line in lines]


def _body(rng: random.Random, number: int, text_number: int, parent: tuple[str, str, str, int] | None) -> list[bytes]:
    said = ["Hello,", *paragraphs(text_number, rng.randint(1, 3)), "Kind regards – see you"]
    quoted = paragraphs(parent[3], 2) if parent else []
    shape = rng.random()
    if shape < 0.4:
        return [
            b"Content-Type: text/plain; charset=utf-8",
            b"Content-Transfer-Encoding: 8bit",
            b"",
            _text(said, quoted),
        ]
    boundary = f"=_{rng.getrandbits(64):x}".encode()
    parts = [
        _part(b"text/plain", b"quoted-printable", _text(said, quoted)),
        _part(b"text/html", b"base64", _html(said, quoted)),
    ]
    kind = b"alternative"
    if shape > 0.9:
        kind = b"mixed"
        parts = [parts[0], _file(rng, number)]
    lines = [
        b'Content-Type: multipart/%s; boundary="%s"' % (kind, boundary),
        b"",
        b"This is a message in several parts.",
    ]
    for part in parts:
        lines += [b"--" + boundary, part]
    return [*lines, b"--" + boundary + b"--"]


def _text(said: list[str], quoted: list[str]) -> bytes:
    lines = [*said, *(["On Monday Support wrote:", *(f"> {line}" for line in quoted)] if quoted else [])]
    return "\r\n\r\n".join(lines).encode()


def _html(said: list[str], quoted: list[str]) -> bytes:
    own = "".join(f'<p style="margin:0 0 1em">{line}</p>\r\n' for line in said)
    history = "".join(f"<p>{line}</p>\r\n" for line in quoted)
    tail = f'<div class="gmail_quote"><blockquote type="cite">{history}</blockquote></div>' if quoted else ""
    return f"<html><head><meta charset=utf-8></head>\r\n<body>{own}{tail}</body></html>".encode()


def _part(kind: bytes, encoding: bytes, data: bytes) -> bytes:
    coded = base64.encodebytes(data).replace(b"\n", b"\r\n") if encoding == b"base64" else quopri.encodestring(data)
    return b"Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n%s" % (kind, encoding, coded)


def _file(rng: random.Random, number: int) -> bytes:
    coded = base64.encodebytes(rng.randbytes(20_000)).replace(b"\n", b"\r\n")
    head = (
        b'Content-Type: image/jpeg; name="photo-%d.jpg"\r\nContent-Disposition: attachment; filename="photo-%d.jpg"\r\n'
        % (number, number)
    )
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + coded
