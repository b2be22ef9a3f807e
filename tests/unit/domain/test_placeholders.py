"""Promises of places in texts: they are filled with words, never with markup, and a name that nothing fills is noticed."""

import struct

import pytest

from app.domain.markup import markdown_to_html
from app.domain.pictures import picture_size
from app.domain.placeholders import PLACEHOLDERS, filled_html, filled_text, placeholders_in, unknown_placeholders

VALUES = {
    "agent.name": "Ada *L* <b>",
    "agent.first_name": "Ada",
    "conversation.number": "1047",
    "contact.name": "javascript:x\ny",
}


def test_places_are_found_and_unknown_ones_named():
    assert placeholders_in("{{ agent.name }} {{team}}", "{{x}} {y} {{a\nb}}") == {"agent.name", "team", "x"}
    assert unknown_placeholders("{{agent.nme}}", " ".join("{{" + name + "}}" for name in PLACEHOLDERS)) == (
        "agent.nme",
    )


def test_text_gets_one_line_each_and_nothing_for_what_is_not_known():
    assert filled_text("{{agent.name}}, {{contact.name}}{{team}}.", VALUES) == "Ada *L* <b>, javascript:x y."


def test_html_gets_words_and_no_markup():
    html = filled_html("**{{agent.name}}** {{agent.first_name}}, placeholder0x", VALUES, markdown_to_html)
    assert html == "<p><strong>Ada *L* &lt;b&gt;</strong> Ada, placeholder0x</p>\n"


def test_the_address_of_a_link_gets_part_of_a_path():
    html = filled_html("[a](https://x.example/{{conversation.number}}) [b]({{contact.name}})", VALUES, markdown_to_html)
    assert 'href="https://x.example/1047"' in html
    assert 'href="javascript%3Ax%20y"' in html


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 300, 80), (300, 80)),
        (b"GIF89a" + struct.pack("<HH", 30, 8) + b"\0" * 6, (30, 8)),
        (b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08" + struct.pack(">HH", 80, 300) + b"\0" * 9, (300, 80)),
        (b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + b"\x2b\x01\0\x4f\0\0", (300, 80)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0/" + struct.pack("<I", 299 | 79 << 14), (300, 80)),
        (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 300, 80), (300, 80)),
        (b"\x89PNG\r\n\x1a\n\0\0", None),
        (b"\xff\xd8\xff" + b"\xff" * 1000, None),
        (b"<svg>", None),
    ],
    ids=["png", "gif", "jpeg", "extended webp", "lossless webp", "lossy webp", "cut", "endless", "svg"],
)  # fmt: skip
def test_the_size_of_a_picture_is_read_from_its_head(data, size):
    assert picture_size(data) == size
