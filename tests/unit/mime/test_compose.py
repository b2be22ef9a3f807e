"""Writing mail: what is written can be read again, by us and by the standard library, and nothing is smuggled in."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest

from app.mime import (
    Address,
    MailDraft,
    OutgoingFile,
    UnsendableMail,
    compose_message,
    needs_smtputf8,
    no_answer_because,
    parse_message,
    written_text,
)

ADA = Address("Ada Lovelace", "ada@example.com")
BEN = Address("Ben, the Boss", "ben@example.com")


def create_draft(**changes):
    draft = MailDraft(
        sender=Address("Help Desk", "help@example.com"),
        to=(ADA,),
        subject="Re: Lamp",
        message_id="m1@example.com",
        date=datetime(2024, 3, 5, 10, tzinfo=UTC),
        text="It works.\n",
    )
    return replace(draft, **changes)


def test_mail_reads_back_as_it_was_written():
    draft = create_draft(
        sender=Address("Zoë vom Hilfetisch", "help@example.com"),
        to=(ADA, BEN),
        cc=(Address("", "c@example.com"),),
        reply_to=(Address("Antwort", "reply@example.com"),),
        subject="Größe & Stückzahl der Lampe " * 8,
        text="Grüße\nFrom here it goes on\n.\n" + "x" * 3000,
        html="<p>Grüße</p>",
        in_reply_to="r1@example.com",
        references=("r0@example.com", "r1@example.com"),
        date=datetime(2024, 3, 5, 10, tzinfo=timezone(timedelta(hours=2))),
    )
    mail = parse_message(compose_message(draft))
    assert (mail.sender, mail.to, mail.cc, mail.reply_to) == (draft.sender, draft.to, draft.cc, draft.reply_to)
    assert mail.subject == draft.subject.strip()
    assert mail.text.rstrip("\n") == draft.text
    assert mail.html.strip() == draft.html
    assert (mail.message_id, mail.in_reply_to, mail.references) == (
        "m1@example.com",
        "r1@example.com",
        draft.references,
    )
    assert mail.date == draft.date
    assert mail.defects == ()


def test_standard_library_reads_the_same():
    raw = compose_message(create_draft(to=(BEN, Address("Zoë", "z@example.com")), subject="Größe", html="<p>x</p>"))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["subject"] == "Größe"
    assert [one.display_name for one in message["to"].addresses] == ["Ben, the Boss", "Zoë"]
    assert message.get_body(("plain",)).get_content().strip() == "It works."
    assert not [defect for part in message.walk() for defect in part.defects]


def test_lines_end_in_crlf_and_stay_short_and_plain():
    raw = compose_message(
        create_draft(
            text="Grüße " * 500,
            html="<p>" + "x" * 5000,
            references=tuple(f"{i}-{'r' * 50}@example.com" for i in range(100)),
            to=tuple(Address(f"Person {i} mit Ümlaut", f"p{i}@example.com") for i in range(100)),
            attachments=(OutgoingFile("ü" * 100 + ".bin", "application/octet-stream", bytes(range(256))),),
        )
    )
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 100


def test_long_chain_of_references_keeps_the_first_and_the_newest():
    mail = parse_message(
        compose_message(
            create_draft(references=tuple(f"r{i}@x.example" for i in range(90)), in_reply_to="last@x.example")
        )
    )
    assert len(mail.references) == 20
    assert (mail.references[0], mail.references[-1]) == ("r0@x.example", "last@x.example")


def test_files_are_attached_and_images_shown_inline():
    files = (
        OutgoingFile("Übersicht der Preise und Stückzahlen für das ganze Jahr.pdf", "application/pdf", b"%PDF"),
        OutgoingFile("l.png", "image/png", b"png", inline=True, content_id="l@x"),
    )
    mail = parse_message(compose_message(create_draft(html='<img src="cid:l@x">', attachments=files)))
    found = {(one.filename, one.content_type, one.data, one.inline, one.content_id) for one in mail.attachments}
    assert found == {
        (files[0].filename, "application/pdf", b"%PDF", False, None),
        ("l.png", "image/png", b"png", True, "l@x"),
    }


def test_forwarded_mail_is_attached_unharmed():
    data = b"Subject: x\n\nplain"
    files = (OutgoingFile("original.eml", "message/rfc822", data),)
    (attachment,) = parse_message(compose_message(create_draft(attachments=files))).attachments
    assert attachment.data.replace(b"\r\n", b"\n") == data
    assert attachment.filename == "original.eml"


LATIN = b"From: x@y.example\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe"


def forwarded(data, **options):
    draft = create_draft(attachments=(OutgoingFile("original.eml", "message/rfc822", data),))
    return compose_message(draft, **options)


def test_a_forwarded_mail_of_8_bits_stays_as_it_is_where_the_server_takes_it():
    raw = forwarded(LATIN, allow_8bit=True)
    outer = email.message_from_bytes(raw)
    assert LATIN in raw
    assert outer["Content-Transfer-Encoding"] == "8bit"
    assert outer.get_payload()[-1].get_content_type() == "message/rfc822"


def test_elsewhere_it_is_written_anew_in_7_bits_and_reads_the_same():
    raw = forwarded(LATIN)
    part = email.message_from_bytes(raw).get_payload()[-1]
    assert raw.isascii()
    assert part.get_content_type() == "message/rfc822"
    assert part.get_payload(0).get_payload(decode=True).decode("iso-8859-1") == "Grüße"


def test_what_is_signed_in_8_bits_is_a_file_rather_than_written_anew():
    signed = (
        b"Content-Type: multipart/signed; boundary=b; protocol=x/y\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n--b\r\nContent-Type: x/y\r\n\r\nsig\r\n--b--\r\n"
    )
    (attachment,) = parse_message(forwarded(signed)).attachments
    assert (attachment.content_type, attachment.data) == ("application/octet-stream", signed)


def written_anew(data):
    """The mail that was attached to one of 7 bits, as its reader finds it; None when it is a file only."""
    (part,) = [one for one in email.message_from_bytes(forwarded(data)).walk() if one.get_filename() == "original.eml"]
    return part.get_payload(0).as_bytes() if part.get_content_type() == "message/rfc822" else None


def said_by(data):
    mail = parse_message(data)
    files = [(one.filename, one.content_type, one.data) for one in mail.attachments]
    return mail.subject, mail.sender, mail.to, (mail.text or "").rstrip(), files


def create_mail(body, content_type="text/plain; charset=utf-8", encoding="8bit", more=""):
    head = f"From: x@y.example\r\n{more}Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + (body.encode() if isinstance(body, str) else body)


PARTS = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n--b\r\n{}\r\n--b--\r\nthe end\r\n"
MIXED = "multipart/mixed; boundary=b"


@pytest.mark.parametrize(
    "data",
    [
        *[
            LATIN.replace(b"iso-8859-1", charset)
            for charset in (b"no-such-charset", b"us-ascii", b"utf-8", b"shift_jis")
        ],
        create_mail("Grüße", "text/plain"),
        create_mail("ｱｲｳ".encode("shift_jis"), "text/plain; charset=shift_jis"),
        create_mail("Grüße \r\nweiter\r\n-- \r\nAda", "text/plain; charset=utf-8; format=flowed"),
        b"Subject: x\n\n\xff\xfe",
        b"Subject: x\n\n" + b"y" * 2000,
        create_mail("hi\0"),
        create_mail("hi", more="Subject: Größe =?utf-8?q?=C3=BC?=\r\n  der Lampe\r\n"),
        b"From someone Mon Mar 4\n" + create_mail("Grüße").replace(b"\r\n", b"\n"),
        create_mail(PARTS.format("Content-Disposition: attachment; filename=a.csv\r\n\r\nü;1"), MIXED),
        create_mail(PARTS.format("Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\nü\n\r"), MIXED),
        create_mail(f"{'x' * 73}--b\r\nGrüße {'x' * 66}--b--"),
    ],
)
def test_a_mail_written_anew_reads_the_same(data):
    assert said_by(written_anew(data)) == said_by(data)


def test_a_mail_in_a_mail_is_written_anew_too():
    inner = create_mail("Grüße", more="Subject: inner\r\n")
    outer = create_mail(b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n", MIXED)
    ((_, content_type, data),) = said_by(written_anew(outer))[-1]
    assert (content_type, said_by(data)) == ("message/rfc822", said_by(inner))


@pytest.mark.parametrize(
    "data",
    [
        LATIN.replace(b"iso-8859-1", b"iso-8859\xe91"),
        create_mail("Gr=C3=BC ß", encoding="quoted-printable"),
        create_mail("R3LDvMOfZQ==ß", encoding="base64"),
        create_mail("Grüße", more='To: "Jürgen, M" <j@m.example>, b@c.example\r\n'),
        create_mail(PARTS.format("Content-Disposition: attachment; filename=Größe.txt\r\n\r\nx"), MIXED),
        create_mail("--b\r\n\r\nGrüße", MIXED),
        b": nothing\r\n" + create_mail("Grüße"),
        create_mail("Grüße", more="X-Note: a\rBcc: b@example.com\r\n"),
        create_mail("Grüße", "message/delivery-status"),
    ],
)
def test_a_mail_that_would_read_otherwise_is_a_file(data):
    (attachment,) = parse_message(forwarded(data)).attachments
    assert (attachment.content_type, attachment.data) == ("application/octet-stream", data)


@pytest.mark.parametrize(
    "field", [b"; a=b" * 200_000, b";\r\n a=b" * 200_000, b"\xe4; " * 200_000], ids=["plain", "folded", "other"]
)
def test_a_mail_with_an_endless_field_is_forwarded_in_time(field):
    original = LATIN.replace(b"; charset", field + b"; charset")
    started = process_time()
    (attachment,) = parse_message(forwarded(original)).attachments
    assert b"Gr" in attachment.data or b"Content-Transfer-Encoding: base64" in attachment.data
    assert process_time() - started < 3


def test_a_subject_of_hundreds_of_blanks_has_lines_a_server_takes_and_reads_the_same():
    draft = create_draft(subject="Lamp" + " " * 990 + "blue")
    raw = compose_message(draft)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert parse_message(raw).subject.split() == ["Lamp", "blue"]


def test_a_picture_in_the_text_is_named_in_the_text_part():
    image = OutgoingFile("image-1.png", "image/png", b"png", inline=True, content_id="l@x")
    text = written_text("See [The plan] here", '<p>See <img src="cid:l@x" alt="The plan"> here</p>')
    assert text.strip() == "See [The plan] here"
    assert b"multipart/related" in compose_message(create_draft(html='<img src="cid:l@x">', attachments=(image,)))


def test_bcc_is_in_the_envelope_only():
    draft = create_draft(bcc=(Address("", "secret@example.com"),))
    assert draft.recipients == ("ada@example.com", "secret@example.com")
    assert b"secret" not in compose_message(draft)


def test_automatic_mail_says_so():
    mail = parse_message(compose_message(create_draft(auto_submitted="auto-replied")))
    assert mail.header("auto-submitted") == "auto-replied"
    assert (mail.header("x-loop"), mail.header("precedence")) == (mail.sender.email, "auto_reply")
    assert mail.is_auto_reply


@pytest.mark.parametrize("field", ["auto-submitted", "x-loop", "x-auto-response-suppress"])
def test_each_sign_of_an_automatic_mail_alone_keeps_us_from_answering_it(field):
    """Servers and programs on the way drop some of them."""
    raw = compose_message(create_draft(auto_submitted="auto-generated"))
    lines = [
        line for line in raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n") if not line.lower().startswith((b"auto-", b"x-"))
    ]
    kept = next(line for line in raw.split(b"\r\n") if line.lower().startswith(field.encode()))

    assert no_answer_because(parse_message(b"\r\n".join([*lines, kept, b"", b"Hello"])))
    assert not no_answer_because(parse_message(b"\r\n".join([*lines, b"", b"Hello"])))


def test_what_a_person_wrote_carries_none_of_the_signs():
    mail = parse_message(compose_message(create_draft()))

    assert (
        not {"auto-submitted", "x-loop", "precedence", "x-auto-response-suppress", "list-unsubscribe"}
        & dict(mail.headers).keys()
    )


def test_same_draft_gives_the_same_bytes():
    draft = create_draft(html="<p>x</p>", attachments=(OutgoingFile("a.txt", "text/plain", b"a"),))
    assert compose_message(draft) == compose_message(draft)


EVIL = "x\r\nBcc: victim@example.com"


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": EVIL},
        {"subject": "x\nBcc: victim@example.com"},
        {"subject": "x\rBcc: victim@example.com"},
        {"sender": Address(EVIL, "help@example.com")},
        {"to": (Address("", "a@example.com\r\nBcc: v@example.com"),)},
        {"to": (Address("", "a@example.com, v@example.com"),)},
        {"to": (Address("", "no address"),)},
        {"bcc": (Address("", "a b@example.com"),)},
        {"message_id": "a>\r\nBcc: v@example.com"},
        {"in_reply_to": "a b"},
        {"auto_submitted": EVIL},
        {"extra_headers": {"X-A": EVIL}},
        {"extra_headers": {"X-A: b\r\nBcc": "v@example.com"}},
        {"extra_headers": {"Bcc": "v@example.com"}},
        {"attachments": (OutgoingFile(EVIL, "text/plain", b""),)},
        {"attachments": (OutgoingFile("a", "text/plain\r\nX: y", b""),)},
        {"attachments": (OutgoingFile("a", "image/png", b"", inline=True, content_id="a>\r\nX: y"),), "html": ""},
        {"date": datetime(2024, 3, 5)},  # without a zone
    ],
)
def test_nothing_is_smuggled_into_a_header(changes):
    with pytest.raises(UnsendableMail):
        compose_message(create_draft(**changes))


def test_boundary_cannot_be_foreseen_by_the_text():
    raw = compose_message(create_draft(html="<p>x</p>"))
    boundary = parse_message(raw).header("content-type").partition('boundary="')[2].rstrip('"')
    mail = parse_message(compose_message(create_draft(html="<p>x</p>", text=f"--{boundary}--\nafter")))
    assert "after" in mail.text
    assert mail.html.strip() == "<p>x</p>"


def test_foreign_domain_is_written_in_its_ascii_form():
    draft = create_draft(to=(Address("", "ada@exämple.com"),))
    assert not needs_smtputf8(draft)
    assert b"ada@xn--exmple-cua.com" in compose_message(draft)


def test_foreign_local_part_needs_smtputf8():
    draft = create_draft(to=(Address("", "zoë@exämple.com"),))
    assert needs_smtputf8(draft)
    assert parse_message(compose_message(draft)).to[0].email == "zoë@exämple.com"


def test_8bit_text_is_sent_as_it_is_where_the_server_takes_it():
    assert "Grüße".encode() in compose_message(create_draft(text="Grüße"), allow_8bit=True)
