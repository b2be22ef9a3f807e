"""QR codes of web addresses as SVG and PNG. The library says which squares are dark, both pictures are drawn here: no imaging library."""

import struct
import zlib

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

__all__ = ["qr_png", "qr_svg"]

QUIET = 4
"""Light squares around the code that ISO/IEC 18004 asks for."""
PIXELS = 16
"""A side of one square in the PNG: sharp in print up to about 5 cm."""
_PNG = b"\x89PNG\r\n\x1a\n"


def qr_svg(address: str) -> str:
    """The code as a picture of any size: dark squares on white, whatever it is put on."""
    rows = _squares(address)
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(_runs(rows))}"/></svg>\n'
    )


def qr_png(address: str) -> bytes:
    """The code as a picture of one bit a pixel (RFC 2083, greyscale, 0 is dark)."""
    rows = _squares(address)
    side = len(rows) * PIXELS
    lines = b"".join(_line(row) * PIXELS for row in rows)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _PNG + b"".join(_chunk(name, data) for name, data in chunks)


def _squares(address: str) -> list[list[bool]]:
    """Rows from the top, True is dark."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(address)
    code.make(fit=True)
    return [[bool(square) for square in row] for row in code.get_matrix()]


def _runs(rows: list[list[bool]]) -> list[str]:
    """Neighbouring dark squares of a row as one rectangle each."""
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = 0
            while x + width < len(row) and row[x + width]:
                width += 1
            if width:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += max(width, 1)
    return runs


def _line(row: list[bool]) -> bytes:
    """One line of pixels: the filter (none), then the bits, light is 1."""
    bits = "".join(("0" if square else "1") * PIXELS for square in row)
    return b"\x00" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
