"""Bending bytes at random: cut, swapped, repeated, nested, spliced, in charsets and encodings that they are not in.

Each mutation is a function of (random numbers, bytes, other bytes to take from) and gives bytes; all of chance comes from the
`Random` given, so that a seed and a number name a case.
"""

import re
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz import pieces

MOST_BYTES = 400_000
_LABELS = (
    (re.compile(rb"(charset\s*=\s*\"?)[^\s\";]*", re.I), pieces.CHARSETS),
    (re.compile(rb"(=\?)[^?\s]{1,40}", re.I), pieces.CHARSETS),
    (re.compile(rb"(Content-Transfer-Encoding:\s*)[^\s]*", re.I), pieces.ENCODINGS),
    (re.compile(rb"(Content-Type:\s*)[^\s;]*", re.I), pieces.TYPES),
)
_TIMES = (2, 10, 100, 1_000, 10_000)
Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]


def mutate(rng: Random, data: bytes, others: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """`data` after one to six mutations; `words` are the pieces to put in. At most `MOST_BYTES` long."""
    for _ in range(rng.randint(1, 6)):
        kind = rng.choice(_MUTATIONS)
        data = _insert(rng, data, words) if kind is None else kind(rng, data, others)
        data = data[:MOST_BYTES]
    return data


def put_together(rng: Random, words: Sequence[bytes]) -> bytes:
    """Pieces and a few loose bytes, nothing besides."""
    chosen = (
        rng.choice(words) if rng.random() < 0.8 else rng.randbytes(rng.randint(1, 8)) for _ in range(rng.randint(1, 60))
    )
    return b"".join(chosen)


def _span(rng: Random, data: bytes, most: int = 2_000) -> tuple[int, int]:
    start = rng.randint(0, len(data))
    return start, min(len(data), start + int(most ** rng.random()))


def _insert(rng: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice(words) * rng.choice((1, 1, 1, *_TIMES)) + data[at:]


def _cut_end(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    return data[: rng.randint(0, len(data))]


def _cut_out(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _flip(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    bent = bytearray(data)
    for _ in range(rng.choice((1, 3, 30)) if bent else 0):
        bent[rng.randrange(len(bent))] = rng.choice(
            (0, 10, 13, 27, 34, 40, 60, 61, 63, 127, 128, 255, rng.randrange(256))
        )
    return bytes(bent)


def _repeat(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    start, end = _span(rng, data, 200)
    return data[:end] + data[start:end] * rng.choice(_TIMES) + data[end:]


def _shuffle_lines(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Two lines change places; or one comes twice, or begins like another."""
    lines = data.split(b"\n", 2_000)
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.randrange(3)
    if how == 0:
        lines[a], lines[b] = lines[b], lines[a]
    elif how == 1:
        lines.insert(a, lines[b])
    else:
        lines[a] = lines[b].partition(b":")[0] + b":" + lines[a].partition(b":")[2]
    return b"\n".join(lines)


def _nest(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """The mail as a part of a mail of a part, up to 200 deep."""
    for level in range(rng.choice((1, 2, 70, 200))):
        kind = rng.choice((b"mixed", b"alternative", b"related", b"digest", b"report"))
        part = b"Content-Type: message/rfc822\n\n" if rng.random() < 0.5 else b""
        head = b"Content-Type: multipart/%s; boundary=n%d\n\n--n%d\n" % (kind, level, level)
        data = head + part + data + (b"\n--n%d--\n" % level if rng.random() < 0.8 else b"")
        if len(data) > MOST_BYTES:
            break
    return data


def _relabel(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    pattern, labels = rng.choice(_LABELS)
    most = rng.choice((0, 1))
    return pattern.sub(lambda match: match[1] + rng.choice(labels), data, count=most)


def _splice(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The beginning of one and the end of another, or a stretch of another in the middle."""
    other = rng.choice(others)
    start, end = _span(rng, other)
    at = rng.randint(0, len(data))
    return data[:at] + (other[start:] if rng.random() < 0.5 else other[start:end] + data[at:])


def _other_line_ends(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    unix = data.replace(b"\r\n", b"\n")
    return unix.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\r\r\n", b"\n\n", b"\n \n")))


def _recode(rng: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """The same words in bytes of another charset than the mail says."""
    codec = rng.choice(("utf-16", "utf-7", "cp1251", "iso2022_jp", "utf-8-sig", "cp037"))
    return data.decode("utf-8", "replace").encode(codec, "replace")


_MUTATIONS: tuple[Mutation | None, ...] = (
    None, None, None, _cut_end, _cut_out, _flip, _flip, _repeat, _shuffle_lines, _shuffle_lines, _nest, _relabel, _relabel,
    _splice, _splice, _other_line_ends, _recode,
)  # fmt: skip
