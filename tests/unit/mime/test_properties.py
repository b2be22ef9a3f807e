"""Promises that hold for every input, tried with generated ones."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.mime import (
    Address,
    MailDraft,
    UnsendableMail,
    as_contract,
    block_remote_images,
    compose_message,
    content_hash,
    html_to_text,
    parse_message,
    sanitize_html,
    split_reply,
)
from tests.fuzz import pieces

TRIED = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PIECES = st.sampled_from(pieces.MAIL)
MAILS = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=40).map(b"".join)
)
WORDS = st.text(max_size=60)


@TRIED
@given(MAILS)
def test_any_bytes_are_read_and_reported(raw):
    mail = parse_message(raw)
    json.dumps(as_contract("x", mail), ensure_ascii=False).encode("utf-8")
    content_hash(mail)
    assert "\0" not in (mail.text or "") + (mail.html or "") + "".join(value for _, value in mail.headers)
    assert all("/" not in (one.filename or "") for one in mail.attachments)
    if (mail.text or "").strip():
        assert mail.reply_text


@TRIED
@given(st.text(max_size=400), WORDS)
def test_reply_is_never_empty_when_the_text_is_not(text, name):
    parts = split_reply(text, sender_name=name)
    assert bool(parts.reply) == bool(text.strip())


@TRIED
@given(
    st.lists(
        st.sampled_from(
            ["> a", "", "words", "-- ", "On 5 Mar 2024, Ada wrote:", "From: a", "Sent: b", "Subject: c", "Regards,"]
        ),
        max_size=25,
    )
)
def test_no_line_of_a_mail_is_lost_between_reply_and_rest(lines):
    parts = split_reply("\n".join(lines))
    words = [word for line in lines for word in line.split()]
    found = f"{parts.reply}\n{parts.rest}".split()
    assert sorted(words) == sorted(found)


@TRIED
@given(
    st.lists(
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(
                ["<p>", "</p>", "<a href='", "'>", "<b", "<!--", "-->", "&", "<blockquote>", "<table>", "style='"]
            ),
        ),
        max_size=40,
    )
)
def test_any_markup_is_sanitised_and_read(pieces):
    html = "".join(pieces)
    clean = sanitize_html(html)
    block_remote_images(clean)
    html_to_text(html)
    assert "<script" not in clean.lower()


@TRIED
@given(WORDS, WORDS, st.text(max_size=300))
def test_whatever_is_composed_reads_back_or_is_refused(name, subject, text):
    draft = MailDraft(
        sender=Address("Help", "help@example.com"),
        to=(Address(name, "ada@example.com"),),
        subject=subject,
        message_id="m@example.com",
        date=datetime(2024, 3, 5, tzinfo=UTC),
        text=text,
    )
    try:
        raw = compose_message(draft)
    except UnsendableMail:
        return
    mail = parse_message(raw)
    assert [one.email for one in mail.to] == ["ada@example.com"]
    assert set(dict(mail.headers)) == {
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
    assert mail.subject.split() == subject.split()
    assert raw.isascii()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("head", "piece"),
    [
        ("Content-Type: multipart/mixed; boundary=x\n\n", "--x\n\na\n"),
        ("Subject: ", "=?utf-8?q?a"),
        ("To: ", "=?utf-8?q?a "),
        ("To: ", '"\\"'),
        ("To: ", "("),
        ("From: ", "a@"),
        ("Content-Type: text/plain; ", 'a="'),
        ("Content-Type: text/plain;", " "),
        ("References: ", "<"),
        ("\n", "begin 644 x\nMAA\n"),
        ("\n", "=ybegin line=1 name=x\n"),
        ("\n", "-----BEGIN PGP SIGNED MESSAGE-----\n"),
        ("From: mailer-daemon@x.example\nSubject: failure\n\n", "a@b."),
        ("From: mailer-daemon@x.example\nSubject: failure\n\n", "host mailbox 5.1. exceed "),
        ("From: mailer-daemon@x.example\nSubject: failure\n\n", "-- "),
        ("Content-Type: text/html\n\n", "<div class=gmail_signature>"),
        ("Content-Transfer-Encoding: base64\n\n", "A===\n"),
        ("", "A: b\n"),
        ("", "zzz\n"),
    ],
)
def test_reading_takes_linear_time(head, piece):
    def seconds(count):
        raw = (head + piece * count + "\n\nx").encode()
        best = []
        for _ in range(2):
            start = time.thread_time()
            parse_message(raw)
            best.append(time.thread_time() - start)
        return min(best)

    assert seconds(16_000) < 40 * max(seconds(2_000), 0.002)
