"""The mail inside an S/MIME part that is signed but not encrypted (RFC 8551 §3.5.2), without checking the signature.

A small reader of the BER/DER structure ``ContentInfo → SignedData → encapContentInfo → eContent`` (RFC 5652).
"""

from __future__ import annotations

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_SEQUENCE, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x04, 0x24, 0xA0
_MAX_DEPTH = 8


def signed_content(data: bytes) -> bytes | None:
    """The signed bytes, or None when `data` is something else (encrypted, for example)."""
    if _SIGNED_DATA not in data[:60]:
        return None
    try:
        return _content(data)
    except (IndexError, ValueError):
        return None


def _content(data: bytes) -> bytes | None:
    outer = _children(data, *_inside(data, 0)[1:])
    signed = _children(data, *_inside(data, outer[1][1])[1:])  # [0] EXPLICIT
    fields = _children(data, *_inside(data, signed[0][1])[1:])  # version, algorithms, encapContentInfo, …
    wrapped = next((at for tag, at in fields if tag == _SEQUENCE), -1)
    if wrapped < 0:
        return None
    encapsulated = _children(data, *_inside(data, wrapped)[1:])
    if len(encapsulated) < 2 or encapsulated[1][0] != _EXPLICIT:
        return None  # detached signature
    return b"".join(_octets(data, *_inside(data, encapsulated[1][1])[1:], depth=0)) or None


def _octets(data: bytes, start: int, end: int, *, depth: int) -> list[bytes]:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    out: list[bytes] = []
    for tag, at in _children(data, start, end):
        _, inner, stop = _inside(data, at)
        if tag == _OCTETS:
            out.append(data[inner:stop])
        elif tag == _OCTETS_IN_PIECES:
            out.extend(_octets(data, inner, stop, depth=depth + 1))
    return out


def _children(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """(tag, position) of each element between two positions."""
    found = []
    at = start
    while at < end and data[at : at + 2] != b"\0\0":
        tag, _, stop = _inside(data, at)
        found.append((tag, at))
        at = stop if data[at + 1] != 0x80 else stop + 2
    return found


def _inside(data: bytes, at: int, depth: int = 0) -> tuple[int, int, int]:
    """(tag, where the content begins, where it ends) of the element at a position."""
    if depth > 4 * _MAX_DEPTH:
        raise ValueError("nested too deep")
    tag, length = data[at], data[at + 1]
    at += 2
    if length == 0x80:
        return tag, at, _end_of_indefinite(data, at, depth + 1)
    if length > 0x80:
        size = length & 0x7F
        if size > 5:
            raise ValueError("not a length")
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    if at + length > len(data):
        raise ValueError("cut short")
    return tag, at, at + length


def _end_of_indefinite(data: bytes, at: int, depth: int) -> int:
    """Where the two zero bytes stand that end content of unknown length."""
    while data[at : at + 2] != b"\0\0":
        start = at
        _, _, at = _inside(data, at, depth)
        if data[start + 1] == 0x80:
            at += 2
    return at
