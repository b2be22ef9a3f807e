"""Text to header fields and bodies that any mail server carries: folding, RFC 2047, RFC 2231, transfer encodings.

Every function returns lines that end in CRLF (bodies) or are joined by CRLF and a blank (folded headers), and
none lets a line break of its input through into a header.
"""

from __future__ import annotations

import base64
import binascii
import re

from .message import Address

CRLF = "\r\n"
_LINE_LENGTH = 76
_LONGEST_WORD = 45  # bytes of text in one encoded-word, so that the word stays below 75 characters
_LONGEST_LINE = 998  # RFC 5322 §2.1.1
_LONGEST_BLANK = 60
"""A line may not be broken within blanks: what would go on with nothing else is no line."""
_ATEXT_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ADDRESS = re.compile(
    r'(?:[^\s<>()\[\]:;@\\,"]+|"(?:[^"\\\s]|\\.)+")@[^\s<>()\[\]:;@\\,"]+|[^\s<>()\[\]:;@\\,"]+@\[[\w.:]+\]'
)
_TOKEN_CHARS = re.compile(r"[A-Za-z0-9!#$&+.^_`|~-]+")
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


class UnsendableMail(ValueError):
    """The draft cannot become a mail: a line break in a header value, or an address that is none."""


def checked(name: str, value: str) -> str:
    """`value` if it can stand in header `name`; a line break or control character is refused."""
    if _UNSAFE.search(value):
        raise UnsendableMail(f"{name} holds a line break or a control character")
    return value.strip()


def header_line(name: str, value: str) -> str:
    """An unstructured field, folded; other than plain ASCII becomes encoded-words."""
    value = checked(name, value)
    if _is_plain(value):
        return _fold(name, value.split(" "))
    return _fold(name, encoded_words(value))


def tokens_line(name: str, tokens: list[str]) -> str:
    """A field of ready-made tokens (addresses, ids), folded between them only."""
    return _fold(name, [checked(name, token) for token in tokens])


def address_list(name: str, people: tuple[Address, ...]) -> str:
    tokens = [token for person in people for token in _mailbox(name, person)]
    return tokens_line(name, tokens[:-1] + [tokens[-1].removesuffix(",")])


def wire_address(email: str) -> str:
    """The address as it is written on the wire: a foreign domain in its ASCII form if the rest is ASCII."""
    email = checked("address", email)
    if not _ADDRESS.fullmatch(email) or len(email) > 320:
        raise UnsendableMail("not a mail address: " + email[:100])
    local, _, domain = email.rpartition("@")
    if domain.isascii() or not local.isascii():
        return email
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise UnsendableMail("not a mail address: " + email[:100]) from error


def encoded_words(text: str) -> list[str]:
    """RFC 2047 words of UTF-8, each cut between characters."""
    chunks, current = [], b""
    for character in text:
        piece = character.encode("utf-8", "replace")
        if len(current) + len(piece) > _LONGEST_WORD:
            chunks.append(current)
            current = b""
        current += piece
    chunks.append(current)
    return ["=?utf-8?b?" + base64.b64encode(chunk).decode("ascii") + "?=" for chunk in chunks]


def parameter(name: str, value: str) -> list[str]:
    """A parameter as header tokens: quoted, or in RFC 2231 pieces when it is long or not ASCII."""
    value = checked(name, value)
    if value.isascii() and len(value) <= 60:
        return [name + '="' + re.sub(r'(["\\])', r"\\\1", value) + '"']
    encoded = _percent(value)
    if len(encoded) <= 55:
        return [f"{name}*=utf-8''{encoded}"]
    pieces, rest = [], "utf-8''" + encoded
    while rest:
        cut = _cut(rest, 55)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [f"{name}*{i}*={piece}" for i, piece in enumerate(pieces)]


def text_body(text: str, *, allow_8bit: bool) -> tuple[str, bytes]:
    """(transfer encoding, body) of a text: CRLF, no line too long, no line that a mailbox format would change."""
    data = CRLF.join(re.split(r"\r\n|\r|\n", text)).encode("utf-8", "replace")
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    short = max(map(len, data.split(b"\r\n"))) <= _LONGEST_LINE
    if short and b"\0" not in data and not re.search(rb"^From ", data, re.M):
        if data.isascii():
            return "7bit", data
        if allow_8bit:
            return "8bit", data
    if sum(1 for b in data if b > 127) * 5 > len(data):
        return "base64", base64_lines(data)
    quoted = binascii.b2a_qp(data, istext=True)
    return "quoted-printable", re.sub(rb"(?m)^From ", b"=46rom ", quoted)


def base64_lines(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def fits_7bit(data: bytes) -> bool:
    """True when bytes can stand in a mail as they are."""
    return data.isascii() and b"\0" not in data and max(map(len, data.split(b"\n"))) <= _LONGEST_LINE


def fits_8bit(data: bytes) -> bool:
    """True when bytes can stand in a mail that goes to a server with 8BITMIME (RFC 6152)."""
    return b"\0" not in data and max(map(len, data.split(b"\n"))) <= _LONGEST_LINE


def _is_plain(value: str) -> bool:
    is_foldable = max(map(len, value.split(" "))) <= 400 and " " * _LONGEST_BLANK not in value
    return value.isascii() and "=?" not in value and is_foldable


def _fold(name: str, tokens: list[str]) -> str:
    lines, line = [], name + ":"
    for token in tokens:
        if len(line) + 1 + len(token) > _LINE_LENGTH and line.strip() and line != name + ":" and token:
            lines.append(line)
            line = ""
        line += " " + token
    lines.append(line)
    return CRLF.join(lines)


def _mailbox(name: str, person: Address) -> list[str]:
    email = wire_address(person.email)
    display = checked(name, person.name)
    if not display:
        return [email + ","]
    if not display.isascii() or "=?" in display or len(display) > 200:
        words = encoded_words(display)
    elif _ATEXT_PHRASE.fullmatch(display):
        words = display.split(" ")
    else:
        words = ('"' + re.sub(r'(["\\])', r"\\\1", display) + '"').split(" ")
    return [*words, f"<{email}>,"]


def _percent(value: str) -> str:
    return "".join(
        chr(b) if b < 128 and _TOKEN_CHARS.fullmatch(chr(b)) else f"%{b:02X}" for b in value.encode("utf-8", "replace")
    )


def _cut(text: str, length: int) -> int:
    """A cut that is not inside a %XX."""
    if len(text) <= length:
        return len(text)
    for back in (1, 2):
        if text[length - back] == "%":
            return length - back
    return length
