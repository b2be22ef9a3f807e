"""Both pictures of a QR code show the squares that the library says."""

import re
import struct
import zlib

import pytest
from qrcode.main import QRCode

from plugins.webform.sharing.qr import PIXELS, QUIET, qr_png, qr_svg

ADDRESS = "https://inbox.example.com/s/contact"


@pytest.fixture(scope="module")
def squares() -> list[list[bool]]:
    code = QRCode(error_correction=0, border=QUIET)
    code.add_data(ADDRESS)
    code.make(fit=True)
    return code.get_matrix()


def test_the_svg_draws_each_dark_square_once(squares):
    svg = qr_svg(ADDRESS)
    side = len(squares)
    assert f'viewBox="0 0 {side} {side}"' in svg
    drawn = [[False] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        for at in range(int(x), int(x) + int(width)):
            assert not drawn[int(y)][at]
            drawn[int(y)][at] = True
    assert drawn == squares


def test_the_png_draws_the_same_with_sharp_edges(squares):
    png = qr_png(ADDRESS)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks = dict(chunks_of(png))
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (width, height, depth, colour) == (len(squares) * PIXELS, len(squares) * PIXELS, 1, 0)
    lines, stride = zlib.decompress(chunks[b"IDAT"]), width // 8 + 1
    for y in range(height):
        line = lines[y * stride : (y + 1) * stride]
        bits = f"{int.from_bytes(line[1:], 'big'):0{width}b}"
        assert line[0] == 0
        assert [bit == "0" for bit in bits] == [dark for dark in squares[y // PIXELS] for _ in range(PIXELS)]


def chunks_of(png: bytes):
    """(name, data) of each chunk, its checksum checked."""
    at = 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(name + data)
        yield name, data
        at += 12 + length
