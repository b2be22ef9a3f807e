"""The compression that Outlook gives to the formatted body of a message (Microsoft's MS-OXRTFCP)."""

from __future__ import annotations

import struct

__all__ = ["decompress_rtf"]

_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096
_LARGEST = 8_000_000
_BEGINNING = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    b"\\b\\i\\u\\tab\\tx"
)
"""What both sides know before the first byte."""


def decompress_rtf(data: bytes) -> bytes:
    """The RTF, at most 8 MB of it; what is damaged ends it, and what is no compressed RTF gives nothing."""
    if len(data) < 16:
        return b""
    _packed_size, size, kind, _checksum = struct.unpack_from("<II4sI", data)
    most = min(size, _LARGEST)
    if kind == _PLAIN:
        return data[16 : 16 + most]
    return _unpacked(data, most) if kind == _COMPRESSED else b""


def _unpacked(data: bytes, most: int) -> bytes:
    """Runs of eight tokens below a byte that says of each whether it is a byte or a place in what was there already."""
    out = bytearray(_BEGINNING)
    end, at = len(_BEGINNING) + most, 16
    while at < len(data) and len(out) < end:
        control, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data) or len(out) >= end:
                break
            if not control >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            token, at = int.from_bytes(data[at : at + 2], "big"), at + 2
            distance = (len(out) - (token >> 4)) % _WINDOW
            if distance == 0:
                return bytes(out[len(_BEGINNING) : end])
            _repeat(out, distance, (token & 15) + 2)
    return bytes(out[len(_BEGINNING) : end])


def _repeat(out: bytearray, distance: int, length: int) -> None:
    """Append what stands `distance` back; it may run into itself. Before the beginning there are zeros."""
    for _ in range(length):
        out.append(out[-distance] if distance <= len(out) else 0)
