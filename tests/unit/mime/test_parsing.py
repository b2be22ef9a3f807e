"""What a mail says: headers in every disorder, bodies in every structure, nothing lost and nothing raised."""

import base64
import binascii
import gzip
import struct
from datetime import UTC, datetime

import pytest
from charset_normalizer import from_bytes

from app.mime import MailType, parse_message


def create_mail(body="Hello", **headers):
    fields = {"From": "Ada <ada@example.com>", "To": "help@example.com", "Subject": "Lamp"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    raw_body = body if isinstance(body, bytes) else body.encode("utf-8")
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + raw_body


def create_multipart(*parts, kind="mixed"):
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    return create_mail(body, MIME_Version="1.0", Content_Type=f"multipart/{kind}; boundary=b")


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\nHello"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>"


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("ada@example.com", [("", "ada@example.com")]),
        ("Ada Lovelace <ada@example.com>", [("Ada Lovelace", "ada@example.com")]),
        ('"Lovelace, Ada" <ada@example.com>', [("Lovelace, Ada", "ada@example.com")]),
        ("Lovelace, Ada <ada@example.com>", [("Lovelace, Ada", "ada@example.com")]),
        ("ada@example.com (Ada Lovelace)", [("Ada Lovelace", "ada@example.com")]),
        ("=?utf-8?q?Zo=C3=AB?= <z@example.com>", [("Zoë", "z@example.com")]),
        ('"=?utf-8?q?Zo=C3=AB?=" <z@example.com>', [("Zoë", "z@example.com")]),
        ("Team: ada@example.com, Ben <b@example.com>;", [("", "ada@example.com"), ("Ben", "b@example.com")]),
        ("undisclosed-recipients:;", []),
        ("a@example.com; b@example.com", [("", "a@example.com"), ("", "b@example.com")]),
        ("<@relay.example:ada@example.com>", [("", "ada@example.com")]),
        ("Ada <ada@example.com", [("Ada", "ada@example.com")]),
        ('"odd name"@example.com', [("", '"odd name"@example.com')]),
        ("Zoë <zoë@exämple.com>", [("Zoë", "zoë@exämple.com")]),
        ("nobody", []),
    ],
)
def test_addresses_are_read_in_every_form(value, people):
    assert [(one.name, one.email) for one in parse_message(create_mail(To=value)).to] == people


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=", "Grüße aus Köln"),
        ("=?UTF-8?B?R3LDvMOfZQ==?= =?UTF-8?B?IGF1cyBLw7ZsbiE=?=", "Grüße aus Köln!"),
        ("=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ==?=", "Grüße"),
        ("=?iso-8859-1?q?Gr=FC=DFe?= =?utf-8?q?_=F0=9F=8E=89?=", "Grüße 🎉"),
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe", "Grüße"),
        ("=?utf-8?q?two words?=", "two words"),
        ("=?x-nonsense?q?plain?=", "plain"),
        ("=?iso-2022-jp?b?GyRCRnxLXDhsGyhC?=", "日本語"),
        ("[SPAM]=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "[SPAM] Grüße"),
        ("Grüße", "Grüße"),
        ("Gr\udcfc\udcdfe", "Grüße"),
        ("a\r\n folded\r\n\tline", "a folded line"),
        ("1 =? 2", "1 =? 2"),
        ("", ""),
    ],
)
def test_subject_is_decoded(value, subject):
    assert parse_message(create_mail(Subject=value)).subject == subject


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Tue, 5 Mar 2024 10:00:00 +0100", datetime(2024, 3, 5, 9, tzinfo=UTC)),
        ("5 Mar 2024 10:00 EST", datetime(2024, 3, 5, 15, tzinfo=UTC)),
        ("Tue, 05 Mar 24 10:00:00 GMT", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("Tue, 5 Mar 2024 10:00:00 -0000 (comment (nested))", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("Tue Mar  5 10:00:00 2024", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("2024-03-05T10:00:00Z", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("2024-03-05 10:00:00+02:00", datetime(2024, 3, 5, 8, tzinfo=UTC)),
        ("Tue, 5 Mar 2024 10.00.00 +0000", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("Di, 5 Mär 2024 10:00:00 +0100", datetime(2024, 3, 5, 9, tzinfo=UTC)),
        ("Tue, 5 Mar 2024 10:00:60 +0000", datetime(2024, 3, 5, 10, 0, 59, tzinfo=UTC)),
        ("Tue, 5 Mar 2024 10:00:00", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("Tue, 5 Mar 2024 10:00:00 +9999", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("Fri, 99 Foo 99999 99:99:99 +9999", None),
        ("Mon, 1 Jan 0001 00:00:00 +0000", None),
        ("soon", None),
    ],
)
def test_date_is_read_in_every_disorder(value, moment):
    assert parse_message(create_mail(Date=value)).date == moment


def test_ids_are_read_with_and_without_brackets():
    mail = parse_message(
        create_mail(
            Message_ID="m1@example.com", In_Reply_To="<r2@example.com> (my mail)", References="<r1@x><r2@x>\r\n <r1@x>"
        )
    )
    assert (mail.message_id, mail.in_reply_to, mail.references) == (
        "m1@example.com",
        "r2@example.com",
        ("r1@x", "r2@x"),
    )


def test_sender_falls_back_when_there_is_no_from():
    raw = b"Sender: Ben <ben@example.com>\r\nReturn-Path: <x@example.com>\r\n\r\nHi"
    assert parse_message(raw).sender.email == "ben@example.com"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Grüße".encode(), None, "Grüße"),
        ("Grüße – schön".encode("cp1252"), None, "Grüße – schön"),
        ("Grüße – schön".encode("cp1252"), "iso-8859-1", "Grüße – schön"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Größe und Stück".encode("latin-1"), "utf-8", "Größe und Stück"),
        ("Привет, как дела? Лампа не работает.".encode("koi8-r"), "koi8-r", "Привет, как дела? Лампа не работает."),
        (
            "Привет, лампа снова не работает, помогите пожалуйста".encode("cp1251"),
            None,
            "Привет, лампа снова не работает, помогите пожалуйста",
        ),
        ("日本語のメール".encode("iso-2022-jp"), "iso-2022-jp", "日本語のメール"),
        ("日本語のメール".encode("iso-2022-jp"), None, "日本語のメール"),
        ("简体中文".encode("gb18030"), "gb2312", "简体中文"),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어"),
        (b"caf\xe9", "x-nonsense", "café"),
        ("Zażółć".encode("cp1250"), "windows-1250", "Zażółć"),
    ],
)
def test_text_is_decoded_whatever_the_label(data, charset, text):
    content_type = f"text/plain; charset={charset}" if charset else "text/plain"
    assert parse_message(create_mail(data, Content_Type=content_type)).text == text


@pytest.mark.parametrize(
    "name", ["zlib", "rot13", "base64", "hex", "bz2", "quopri", "uu", "undefined", "idna", "punycode"]
)
def test_codecs_of_python_that_are_no_charset_are_not_taken_for_one(name):
    mail = parse_message(create_mail("Grüße", Content_Type=f"text/plain; charset={name}", Subject=f"=?{name}?q?Lamp?="))
    assert (mail.text, mail.subject) == ("Grüße", "Lamp")


def test_thousands_of_words_without_a_charset_are_guessed_some_hundred_times_and_read_to_the_end(monkeypatch):
    guessed = []

    def counted(*args, **options):
        guessed.append(1)
        return from_bytes(*args, **options)

    monkeypatch.setattr("app.mime.charsets.from_bytes", counted)
    words = "Пожалуйста, пришлите счёт за прошлый месяц"
    lines = b"".join(b"X-Line: %s %d\r\n" % (words.encode("koi8-r"), number) for number in range(3000))
    mail = parse_message(b"From: a@example.com\r\n" + lines + b"\r\nHello")
    assert mail.header_all("x-line") == tuple(f"{words} {number}" for number in range(3000))
    assert 0 < len(guessed) <= 600


def test_alternative_gives_text_and_html_once():
    mail = parse_message(create_multipart(TEXT, HTML, kind="alternative"))
    assert (mail.text, mail.html, mail.attachments) == ("Hello", "<p>Hello</p>", ())


def test_text_is_made_from_html_when_there_is_none():
    html = HTML.replace("<p>Hello</p>", "<p>Hello</p><ul><li>one<li><a href='https://example.com/a'>two</a></ul>")
    assert parse_message(create_multipart(html)).text == "Hello\n\n- one\n- two <https://example.com/a>"


def test_all_texts_of_a_mixed_mail_are_kept():
    mail = parse_message(create_multipart(TEXT, HTML.replace("Hello", "More"), TEXT.replace("Hello", "Footer")))
    assert mail.text == "Hello\nMore\nFooter"
    assert all(word in mail.html for word in ("Hello", "More", "Footer"))


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename=my report.pdf", "my report.pdf"),
        ("attachment; filename*=utf-8''%C3%BCber%20uns.pdf", "über uns.pdf"),
        ("attachment; filename*0*=utf-8''%C3%BCber; filename*1=\" uns.pdf\"", "über uns.pdf"),
        ('attachment; filename="=?utf-8?q?=C3=BCber_uns.pdf?="', "über uns.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\evil.exe"', "evil.exe"),
        ('attachment\r\n filename="report.pdf"', "report.pdf"),
        ('attachment; filename=".."', None),
    ],
)
def test_attachment_has_a_safe_name(disposition, name):
    part = f"Content-Type: application/pdf\r\nContent-Disposition: {disposition}\r\n\r\ndata"
    (attachment,) = parse_message(create_multipart(TEXT, part)).attachments
    assert (attachment.filename, attachment.data, attachment.size) == (name, b"data", 4)


def test_image_that_the_html_shows_is_inline():
    image = "Content-Type: image/png; name=l.png\r\nContent-ID: <l@x>\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA"
    mail = parse_message(create_multipart(HTML.replace("Hello", '<img src="cid:l@x">'), image, kind="related"))
    assert [(one.inline, one.content_id, one.data) for one in mail.attachments] == [(True, "l@x", b"\0\0\0")]


def test_attached_mail_and_invitation_are_attachments():
    mail = parse_message(
        create_multipart(
            TEXT,
            "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx",
            "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR",
        )
    )
    assert [one.content_type for one in mail.attachments] == ["message/rfc822", "text/calendar"]
    assert mail.text == "Hello"


def test_flowed_text_is_joined():
    body = "A long line that \r\ngoes on.\r\n> quoted \r\n> words\r\n-- \r\nAda"
    mail = parse_message(create_mail(body, Content_Type="text/plain; format=flowed"))
    assert mail.text == "A long line that goes on.\n> quoted words\n-- \nAda"


def test_uuencoded_file_is_taken_out_of_the_text():
    data = bytes(range(200))
    lines = b"".join(binascii.b2a_uu(data[i : i + 45]) for i in range(0, 200, 45))
    mail = parse_message(
        create_mail(b"See:\r\nbegin 644 a b.bin\r\n" + lines.replace(b"\n", b"\r\n") + b"`\r\nend\r\nBye")
    )
    assert mail.text == "See:\nBye"
    assert [(one.filename, one.data) for one in mail.attachments] == [("a b.bin", data)]


def test_yenc_file_is_taken_out_of_the_text():
    data = bytes(range(256))
    shifted = ((b + 42) % 256 for b in data)
    coded = b"".join(b"=" + bytes([(b + 64) % 256]) if b in (0, 10, 13, 61) else bytes([b]) for b in shifted)
    mail = parse_message(
        create_mail(b"See:\r\n=ybegin line=300 size=256 name=a.bin\r\n" + coded + b"\r\n=yend size=256\r\nBye")
    )
    assert mail.text == "See:\nBye"
    assert [(one.filename, one.data) for one in mail.attachments] == [("a.bin", data)]


def create_tnef():
    def attribute(level, number, value):
        return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    long_name = "Preis übersicht.txt\0".encode("utf-16-le")
    padded = long_name + b"\0" * (-len(long_name) % 4)
    properties = struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(long_name)) + padded
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x00069002, b"\0" * 14)
        + attribute(1, 0x00018010, b"PREIS~1.TXT\0")
        + attribute(1, 0x0006800F, b"12,50")
        + attribute(1, 0x00069005, properties)
    )


def test_winmail_dat_is_unpacked():
    part = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    mail = parse_message(create_multipart(TEXT, part + base64.encodebytes(create_tnef()).decode()))
    assert [(one.filename, one.data) for one in mail.attachments] == [("Preis übersicht.txt", b"12,50")]


@pytest.mark.parametrize(
    "data", [b"", b"junk", create_tnef()[:-40], gzip.compress(b"x", mtime=0)], ids=["empty", "junk", "cut", "gzip"]
)
def test_damaged_winmail_dat_is_kept_or_partly_read(data):
    part = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    mail = parse_message(create_multipart(TEXT, part + base64.encodebytes(data).decode()))
    assert mail.text == "Hello"
    assert mail.attachments


def test_clear_signed_text_is_marked_and_shown_without_its_armour():
    body = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n- -- \nAda\n"
        "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
    )
    mail = parse_message(create_mail(body))
    assert mail.is_signed
    assert mail.text == "Hello\n-- \nAda\n"


def der(tag, *contents):
    content = b"".join(contents)
    size = len(content).to_bytes(2, "big")
    return bytes([tag, 0x82]) + size + content


def test_opaque_signed_mail_is_read():
    inner = der(0x30, bytes.fromhex("06092a864886f70d010701"), der(0xA0, der(0x04, TEXT.encode())))
    signed = der(0x30, b"\x02\x01\x01", der(0x31), inner)
    data = der(0x30, bytes.fromhex("06092a864886f70d010702"), der(0xA0, signed))
    mail = parse_message(
        create_mail(
            base64.encodebytes(data),
            Content_Type="application/pkcs7-mime; smime-type=signed-data",
            Content_Transfer_Encoding="base64",
        )
    )
    assert (mail.text, mail.is_signed, mail.is_encrypted) == ("Hello", True, False)


def test_encrypted_mail_is_shown_as_such():
    mail = parse_message(
        create_multipart(
            "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
            "Content-Type: application/octet-stream\r\n\r\nx",
            kind="encrypted",
        )
    )
    assert mail.is_encrypted
    assert len(mail.attachments) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"\0" * 100, b"no header", b"Subject: only", b"Content-Type: multipart/mixed\n\nx",
        b"Content-Type: multipart/mixed; boundary=\n\n--\n\nx\n----", b"Content-Type: text/plain; charset=\xff\n\n\xff",
        b"From: \xff\xfe\nTo: ,,,;:<>()\"\\\nDate: \xff\n\nx", b"Content-Transfer-Encoding: base64\n\n=", b"A" * 5000,
        b"Content-Type: message/rfc822\n\n" * 500, b"Subject: =?utf-7?q?+2AA-?=\n\n+2AA-",
    ],
)  # fmt: skip
def test_broken_mails_are_read_all_the_same(raw):
    mail = parse_message(raw)
    assert mail.mail_type in MailType
    str(mail).encode("utf-8")


def test_defects_are_recorded():
    raw = create_mail("--b\r\n\r\nHello", Content_Type="multipart/mixed; boundary=b")
    assert parse_message(raw).defects == ("multipart without its end",)
    assert parse_message(create_mail("Hello")).defects == ()


def test_deep_nesting_ends_somewhere():
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(400))
    mail = parse_message(raw + b"Content-Type: text/plain\n\ndeep\n")
    assert "deep" in mail.text
    assert "nested too deep" in mail.defects


def test_headers_are_found_by_name():
    mail = parse_message(create_mail(X_Tag="=?utf-8?q?gr=C3=BCn?="))
    assert mail.header("x-TAG") == "grün"
    assert mail.header_all("X-None") == ()
