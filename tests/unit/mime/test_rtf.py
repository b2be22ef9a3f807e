"""Promises of reading what Outlook packs into winmail.dat beside plain files: formatted bodies and whole messages."""

import base64
import struct
import time

import pytest

from app.mime import parse_message
from app.mime.compressed_rtf import decompress_rtf
from app.mime.rtf import read_rtf
from app.mime.tnef import unpack_tnef

EXAMPLE = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
OVERLAPPING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
FROM_HTML = rb"""{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fswiss\fcharset161 Arial;}}
{\*\htmltag18 <html>}{\*\htmltag84 <p>}\htmlrtf \par \htmlrtf0 Hello {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 b
 \'cf\'f0\'e8 {\f1 \'e1} \u-10179?\u-8704? \{x\}{\*\mhtmltag84 <img>}{\*\htmltag92 </p>}{\*\htmltag27 </html>}}"""
PLAIN = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x;}\pard Hello \b Ada\b0\par Gr\'fc\'dfe\line "
    rb"{\pict\bin3 }}}} \u8364\'80 \emdash  end}"
)


def uncompressed(rtf):
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


def attribute(level, number, value):
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*each):
    """(type, id, value) as a list of MAPI properties."""
    listed = b""
    for kind, name, value in each:
        is_fixed = kind == 0x40
        listed += struct.pack("<HH", kind, name) + (b"" if is_fixed else struct.pack("<II", 1, len(value)))
        listed += value + (b"" if is_fixed else b"\0" * (-len(value) % 4))
    return struct.pack("<I", len(each)) + listed


def create_tnef(*message, attached=()):
    """A winmail.dat of a message's properties and of messages in it."""
    files = b"".join(
        attribute(2, 0x00069002, b"\0" * 14) + attribute(2, 0x00069005, properties((0x0D, 0x3701, b"\0" * 16 + inner)))
        for inner in attached
    )
    return struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00069003, properties(*message)) + files


def create_mail(tnef, text=""):
    return (
        "From: ada@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        "--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(tnef).decode()}\r\n--b--\r\n"
    ).encode()


def test_compressed_rtf_is_unpacked():
    """The two examples of MS-OXRTFCP, section 3."""
    assert decompress_rtf(EXAMPLE) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress_rtf(OVERLAPPING) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert decompress_rtf(b"") == decompress_rtf(b"junk" * 10) == b""
    assert decompress_rtf(EXAMPLE[:22]) == b"{\\rtf1\\ansi\\ansic"


def test_html_that_was_put_into_rtf_comes_out_again():
    assert read_rtf(FROM_HTML).html == "<html><p>Hello &lt;b При α 😀 {x}</p></html>"
    assert read_rtf(FROM_HTML).text is None


def test_other_rtf_becomes_text():
    assert read_rtf(PLAIN).text == "Hello Ada\nGrüße\n € — end"
    assert read_rtf(b"junk").text is None


def test_the_formatted_body_of_a_winmail_dat_is_shown():
    mail = parse_message(create_mail(create_tnef((0x102, 0x1009, uncompressed(FROM_HTML)))))
    assert mail.text.strip() == "Hello <b При α 😀 {x}"
    assert "<p>" in mail.html
    assert parse_message(create_mail(create_tnef((0x102, 0x1009, EXAMPLE)))).text.strip() == "hello world"
    assert parse_message(create_mail(create_tnef((0x102, 0x1009, EXAMPLE)), "Own words")).text.strip() == "Own words"


def test_a_message_in_a_winmail_dat_is_an_attached_mail():
    inner = create_tnef(
        (0x1F, 0x0037, "Grüße\0".encode("utf-16-le")),
        (0x1F, 0x0C1A, "Ben\0".encode("utf-16-le")),
        (0x1F, 0x0C1F, "ben@example.com\0".encode("utf-16-le")),
        (0x40, 0x0039, (0x01DCAC5A_00000000).to_bytes(8, "little")),
        (0x1F, 0x1000, "Inside\0".encode("utf-16-le")),
    )
    mail = parse_message(create_mail(create_tnef(attached=[inner]), "See below"))
    (file,) = mail.attachments
    assert (file.filename, file.content_type) == ("Grüße.eml", "message/rfc822")
    attached = parse_message(file.data)
    assert (attached.sender.name, attached.sender.email) == ("Ben", "ben@example.com")
    assert (attached.subject, attached.text.strip(), attached.date.year) == ("Grüße", "Inside", 2026)


def test_messages_in_one_another_are_unpacked_five_deep():
    tnef = create_tnef((0x1F, 0x0037, "x\0".encode("utf-16-le")))
    for _ in range(8):
        tnef = create_tnef(attached=[tnef])
    depth, files = 0, unpack_tnef(tnef).files
    while files and files[0].content_type == "message/rfc822":
        depth, files = depth + 1, parse_message(files[0].data).attachments
    assert depth == 5
    assert files[0].data.startswith(b"\x78\x9f\x3e\x22")


@pytest.mark.parametrize(
    "hostile",
    [b"{" * 500_000, b"{}" * 2_000_000, b"\\'80" * 1_500_000, b"\\u1234 ?" * 900_000, b"\\bin999999999 ", b"\\f1 x" * 900_000],
    ids=["deep", "groups", "codes", "units", "binary", "fonts"],
)  # fmt: skip
def test_hostile_rtf_takes_no_time(hostile):
    started = time.monotonic()
    read_rtf(b"{\\rtf1\\fromhtml1 " + hostile)
    assert time.monotonic() - started < 4
