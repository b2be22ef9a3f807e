"""Where mails were delivered to, as servers note it."""

import pytest

from app.mime import parse_message
from app.mime.delivered_to import delivered_to

WRITTEN = "From: Ada <ada@mail.example.org>\nTo: list@lists.example.org\nSubject: Hello\n\nHello\n"


@pytest.mark.parametrize(
    ("noted", "found"),
    [
        ("Delivered-To: Help@example.com\n", ("help@example.com",)),
        ("Envelope-to: help@example.com, sales@example.com\n", ("help@example.com", "sales@example.com")),
        ("X-Original-To: sales@example.com\nDelivered-To: help@example.com\n", ("sales@example.com", "help@example.com")),
        (
            "Delivered-To: box@mail.example.net\nReceived: by mail.example.net; Mon, 02 Mar 2026 08:55:00 +0000\n"
            "X-Envelope-To: <help+r-token@example.com>\n",
            ("box@mail.example.net", "help+r-token@example.com"),
        ),
        ("Delivered-To: help@example.com\nDelivered-To: help@example.com\n", ("help@example.com",)),
        ("Delivered-To: nobody\n", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_servers_note_for_whom_a_mail_came(noted, found):
    assert delivered_to(parse_message((noted + WRITTEN).encode()).headers) == found


def test_what_the_sender_wrote_below_the_own_header_does_not_count():
    raw = WRITTEN.replace("Subject:", "Delivered-To: boss@example.com\nSubject:")

    assert delivered_to(parse_message(raw.encode()).headers) == ()


def test_ten_addresses_are_read():
    noted = "".join(f"Delivered-To: {number}@example.com\n" for number in range(99))

    assert len(delivered_to(parse_message((noted + WRITTEN).encode()).headers)) == 10
