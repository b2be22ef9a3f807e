"""What a test types into a form: an answer for each field that its definition accepts, as a browser posts it. Pure."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from forms.definitions import Becomes, FieldDefinition, FormDefinition, Kind, say
from forms.definitions.cleaning import read_day, read_number
from forms.definitions.fields import YES
from forms.definitions.patterns import matches
from plugins.webform.checking.example_text import example_of

__all__ = ["NoExample", "Sender", "Typed", "answers_for"]

PHONE = "+49 30 901820"
COMPANY = "Test"
_FILLING = "This is a test. "
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat"
_ZIP = b"PK\x05\x06" + b"\0" * 18


@dataclass(frozen=True, slots=True)
class Sender:
    """Who tests: name and address of an agent; and subject and text of the message."""

    name: str
    email: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What is posted: `values` by field id, `files` as (field, file name, content type, bytes)."""

    values: Mapping[str, str | Sequence[str]]
    files: tuple[tuple[str, str, str, bytes], ...]


class NoExample(ValueError):
    """A field has to be filled in, and nobody told with what: `label` is the field's."""

    def __init__(self, label: str) -> None:
        super().__init__(f"no example for {label}")
        self.label = label


def answers_for(definition: FormDefinition, sender: Sender, today: date) -> Typed:
    """Everything filled in; the server keeps what its conditions show. Raises `NoExample` for a field that cannot be guessed."""
    values: dict[str, str | Sequence[str]] = {}
    files = []
    for field in definition.fields:
        if field.kind is Kind.FILE:
            files += [(field.id, *_file(field))] if field.is_required else []
        elif field.kind.is_asked:
            answer = _answer(field, sender, today, definition.languages[0])
            if answer:
                values[field.id] = answer
            elif field.is_required:
                raise NoExample(say(field.label, definition.languages[0], definition.languages[0]) or field.id)
    return Typed(values, tuple(files))


def _answer(field: FieldDefinition, sender: Sender, today: date, language: str) -> str | Sequence[str] | None:
    match field.kind:
        case Kind.CHOICE:
            return field.choices[0].value if field.choices else None
        case Kind.CHOICES:
            least = max(int(field.minimum or 1), 1)
            return [one.value for one in field.choices[:least]]
        case Kind.NUMBER:
            return _number(field)
        case Kind.DATE:
            return (read_day(field.minimum, today) or read_day(field.maximum, today) or today).isoformat()
        case Kind.RATING:
            return "1"
        case Kind.CONSENT:
            return YES
        case _:
            return _text(field, sender, say(field.placeholder, language, language))


def _number(field: FieldDefinition) -> str:
    least, most = read_number(field.minimum), read_number(field.maximum)
    number = least if least is not None else min(Decimal(1), most if most is not None else Decimal(1))
    return f"{number:f}"


def _text(field: FieldDefinition, sender: Sender, placeholder: str) -> str | None:
    """The first of what may be meant that fits length and pattern."""
    usual = {
        Becomes.NAME: sender.name,
        Becomes.EMAIL: sender.email,
        Becomes.PHONE: PHONE,
        Becomes.COMPANY: COMPANY,
        Becomes.SUBJECT: sender.subject,
        Becomes.MESSAGE: sender.text,
    }.get(field.becomes, "")
    of_kind = {Kind.EMAIL: sender.email, Kind.PHONE: PHONE}.get(field.kind, _FILLING.strip())
    least, most = _lengths(field)
    guesses = (usual, field.default, placeholder, of_kind, _filled(usual or of_kind, least, most))
    fitting = (one for one in guesses if one and least <= len(one) <= most)
    fitting = (one for one in fitting if not field.pattern or matches(field.pattern, one))
    return next(fitting, None) or (example_of(field.pattern, least) if field.pattern else None)


def _filled(text: str, least: int, most: int) -> str:
    """A text made longer, or cut, until it fits."""
    repeated = text + " " + _FILLING * (least // len(_FILLING) + 1) if len(text) < least else text
    return repeated[: max(least, min(most, len(repeated)))].strip().ljust(least, ".")


def _lengths(field: FieldDefinition) -> tuple[int, int]:
    if field.kind not in (Kind.TEXT, Kind.LONG_TEXT):
        return 0, 1_000
    return int(field.minimum or 0), int(field.maximum or 1_000)


def _file(field: FieldDefinition) -> tuple[str, str, bytes]:
    """(name, content type, bytes) of the smallest file of a kind that the field takes."""
    files = {
        "image": ("test.png", "image/png", _png()),
        "pdf": ("test.pdf", "application/pdf", _PDF),
        "document": ("test.txt", "text/plain", _FILLING.encode()),
        "archive": ("test.zip", "application/zip", _ZIP),
        "audio": ("test.wav", "audio/wav", _wav()),
        "video": ("test.mp4", "video/mp4", _MP4),
    }
    return next((files[one] for one in field.accepts if one in files), files["document"])


def _wav() -> bytes:
    """No sound at all: 8,000 samples a second of 8 bits, none of them there."""
    return (
        b"RIFF"
        + struct.pack("<I", 36)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
        + b"data\0\0\0\0"
    )


def _png() -> bytes:
    """One dark pixel."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    )
    body = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body
