"""Two copies of one mail are known as the same; two mails under one id are not."""

from app.mime import content_hash, parse_message

MAIL = (
    b"Message-ID: <m@example.com>\r\nFrom: Ada <ada@example.com>\r\nSubject: Lamp\r\n"
    b"Date: Tue, 5 Mar 2024 10:00:00 +0000\r\n\r\nHello\r\nthere\r\n"
)


def test_copies_that_came_by_other_ways_are_the_same():
    other = b"Received: from relay\r\nX-Spam: no\r\nDelivered-To: x\r\n" + MAIL.replace(b"\r\n", b"\n") + b"\n"
    assert content_hash(parse_message(MAIL)) == content_hash(parse_message(other))


def test_other_words_under_the_same_id_are_another_mail():
    for old, new in (
        (b"Hello", b"Hullo"),
        (b"Lamp", b"Lamps"),
        (b"10:00:00", b"10:00:01"),
        (b"ada@", b"ben@"),
        (b"<m@", b"<n@"),
    ):
        assert content_hash(parse_message(MAIL)) != content_hash(parse_message(MAIL.replace(old, new)))
