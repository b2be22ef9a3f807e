"""What kind of mail it is: a person's, a list's, or a machine's; and what a bounce reports."""

import time

import pytest

from app.mime import MailType, parse_message

DSN = """From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: help@example.com
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I could not deliver your mail.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; ada@example.net
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--b
Content-Type: message/rfc822

From: help@example.com
To: ada@example.net
Message-ID: <first-1@example.com>
Subject: Your lamp

Hello
--b--
"""
PROSE = """Return-Path: <>
From: MAILER-DAEMON@mx.example.com
To: help@example.com
Subject: failure notice

Hi. This is the program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.

<ada@example.net>:
192.0.2.1 does not like recipient.
Remote host said: {reply}

--- Below this line is a copy of the message.

Message-ID: <first-1@example.com>
To: ada@example.net
"""


def create_mail(subject="Lamp", body="The lamp is broken.", sender="Ada <ada@example.net>", **headers):
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"From: {sender}\nTo: help@example.com\nSubject: {subject}\n{head}\n{body}".encode()


def dsn(action="failed", status="5.1.1", diagnostic="550 5.1.1 User unknown"):
    return parse_message(DSN.format(action=action, status=status, diagnostic=diagnostic).encode())


def test_bounce_names_recipient_status_reason_and_the_mail_that_bounced():
    mail = dsn()
    (recipient,) = mail.bounce.recipients
    assert mail.is_bounce
    assert not mail.is_auto_reply
    assert (recipient.address, recipient.status, recipient.permanent) == ("ada@example.net", "5.1.1", True)
    assert recipient.diagnostic == "550 5.1.1 User unknown"
    assert mail.bounce.original_message_id == "first-1@example.com"


@pytest.mark.parametrize(
    ("status", "diagnostic", "wanted", "permanent"),
    [
        ("5.0.0", "550 5.1.1 no such user", "5.1.1", True),
        ("5.0.0", "550 mailbox full", "5.2.2", False),
        ("5.7.1", "550 5.7.1 rejected as spam", "5.7.1", False),
        ("4.4.1", "connection timed out", "4.4.1", False),
        ("5.4.4", "Host or domain name not found", "5.4.4", True),
        ("5.1.8", "501 5.1.8 Sender address rejected", "5.1.8", False),
    ],
)
def test_bounce_tells_dead_addresses_from_passing_trouble(status, diagnostic, wanted, permanent):
    (recipient,) = dsn(status=status, diagnostic=diagnostic).bounce.recipients
    assert (recipient.status, recipient.permanent) == (wanted, permanent)


def test_delayed_mail_is_a_passing_bounce():
    (recipient,) = dsn(action="delayed", status="4.0.0", diagnostic="").bounce.recipients
    assert recipient.status[0] == "4"
    assert not recipient.permanent


def test_report_of_success_is_no_bounce():
    assert dsn(action="delivered", status="2.0.0").mail_type is MailType.AUTO_GENERATED


@pytest.mark.parametrize(
    ("reply", "status", "permanent"),
    [
        ("550 5.1.1 unknown", "5.1.1", True),
        ("550 no such user here", "5.1.1", True),
        ("452 over quota", "4.2.2", False),
        ("554 refused, listed by a blocklist", "5.7.1", False),
    ],
)
def test_bounce_is_read_from_prose(reply, status, permanent):
    mail = parse_message(PROSE.format(reply=reply).encode())
    assert [(one.address, one.status, one.permanent) for one in mail.bounce.recipients] == [
        ("ada@example.net", status, permanent)
    ]
    assert mail.bounce.original_message_id == "first-1@example.com"


def test_failed_recipients_of_the_header_are_used():
    raw = create_mail(
        "Mail delivery failed",
        "A message could not be delivered.",
        "MAILER-DAEMON@x.example",
        X_Failed_Recipients="a@x.example, b@x.example",
    )
    assert [one.address for one in parse_message(raw).bounce.recipients] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Delivery failed", "My parcel could not be delivered, the address was rejected. Order 55012."),
        ("Returned lamp", "I returned the lamp, it was rejected by the shop."),
        ("Error in my invoice", "The following address is wrong: ada@example.net"),
        ("Undeliverable parcel", "The courier was unable to deliver it. Please send it again."),
        ("Mailbox full", "My mailbox is full of your newsletters!"),
        ("Re: out of stock?", "When will it be back?"),
        ("Automatic doors", "Do you sell them?"),
    ],
)
def test_person_who_writes_about_deliveries_is_no_bounce(subject, body):
    assert parse_message(create_mail(subject, body)).mail_type is MailType.NORMAL


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Away", {"Auto_Submitted": "auto-replied (vacation)"}),
        ("Away", {"X_Autoreply": "yes"}),
        ("Away", {"Precedence": "auto_reply"}),
        ("Automatic reply: Lamp", {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"}),
        ("Out of Office: Lamp", {}),
        ("Abwesenheitsnotiz: Lampe", {}),
        ("Réponse automatique : Lampe", {}),
        ("Respuesta automática: lámpara", {}),
        ("Risposta automatica: lampada", {}),
        ("Resposta automática: lâmpada", {}),
        ("Automatisch antwoord: lamp", {}),
        ("Automatyczna odpowiedź: lampa", {}),
        ("Автоответ: лампа", {}),
        ("自動応答: ランプ", {}),
    ],
)
def test_absence_note_is_an_auto_reply(subject, headers):
    mail = parse_message(create_mail(subject, **headers))
    assert mail.is_auto_reply
    assert not mail.is_bounce


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-generated"}, MailType.AUTO_GENERATED),
        ({"Auto_Submitted": "no"}, MailType.NORMAL),
        ({"List_Id": "<lamps.example.org>"}, MailType.LIST),
        ({"Precedence": "bulk"}, MailType.LIST),
        ({"List_Unsubscribe": "<mailto:u@example.org>"}, MailType.LIST),
        ({}, MailType.NORMAL),
    ],
)
def test_kind_is_told_by_headers(headers, kind):
    assert parse_message(create_mail(**headers)).mail_type is kind


def test_mail_from_a_no_reply_address_is_made_by_a_machine():
    assert parse_message(create_mail(sender="no-reply@shop.example")).mail_type is MailType.AUTO_GENERATED


@pytest.mark.parametrize(
    ("kind", "part", "wanted"),
    [
        ("feedback-report", "message/feedback-report", MailType.FEEDBACK),
        ("disposition-notification", "message/disposition-notification", MailType.AUTO_GENERATED),
    ],
)
def test_other_reports_are_told_apart(kind, part, wanted):
    body = f"--b\n\nA report.\n--b\nContent-Type: {part}\n\nFeedback-Type: abuse\n--b--"
    raw = create_mail("A report", body, Content_Type=f"multipart/report; report-type={kind}; boundary=b")
    assert parse_message(raw).mail_type is wanted


def test_a_bounce_tells_every_id_and_the_subject_of_the_returned_mail():
    raw = DSN.format(action="failed", status="5.1.1", diagnostic="550 no").replace(
        "Subject: Your lamp\n",
        "Subject: =?utf-8?q?Your_l=C3=A4mp?=\nIn-Reply-To: <b@x.org>\nReferences: <a@x.org>\n <b@x.org>\n",
    )
    bounce = parse_message(raw.encode()).bounce

    assert bounce.ids == ("first-1@example.com", "b@x.org", "a@x.org")
    assert bounce.subject == "Your lämp"


def test_ids_and_subject_are_found_in_prose_too():
    raw = PROSE.format(reply="550 5.1.1 no such user").replace(
        "To: ada@example.net\n", "Subject: Your lamp\nReferences: <a@x.org>\n <b@x.org>\n"
    )
    bounce = parse_message(raw.encode()).bounce

    assert bounce.ids == ("first-1@example.com", "b@x.org", "a@x.org")
    assert bounce.subject == "Your lamp"


@pytest.mark.parametrize(
    ("action", "status", "is_delayed"),
    [("delayed", "4.4.1", True), ("failed", "4.4.7", False), ("failed", "5.1.1", False)],
)
def test_a_delay_is_told_from_a_server_that_gave_up(action, status, is_delayed):
    raw = DSN.format(action=action, status=status, diagnostic="no answer")
    (recipient,) = parse_message(raw.encode()).bounce.recipients

    assert recipient.is_delayed is is_delayed
    assert not (is_delayed and recipient.permanent)


@pytest.mark.parametrize(
    ("reply", "is_delayed"),
    [
        ("451 4.4.1 no answer. I will keep trying for five days.", True),
        ("451 4.4.1 Delivery delayed", True),
        ("451 4.4.1 I'm not going to try again; this message has been in the queue too long.", False),
        ("550 5.1.1 no such user, your mail was delayed before", False),
    ],
)
def test_a_delay_is_told_in_prose_too(reply, is_delayed):
    (recipient,) = parse_message(PROSE.format(reply=reply).encode()).bounce.recipients

    assert recipient.is_delayed is is_delayed


@pytest.mark.parametrize("count", [150, 20_000])
def test_a_report_of_very_many_recipients_costs_little(count):
    """None of them stands in its long text."""
    others = "".join(
        f"Final-Recipient: rfc822; user{number}@example.net\nAction: failed\nStatus: 5.0.0\n\n"
        for number in range(count)
    )
    raw = DSN.format(action="failed", status="5.0.0", diagnostic="no").replace(
        "Final-Recipient:", f"{others}Final-Recipient:"
    )
    started = time.perf_counter()
    bounce = parse_message(raw.replace("I could not deliver your mail.", "could not deliver " * 3_000).encode()).bounce

    assert len(bounce.recipients) == min(count + 1, 200)
    assert time.perf_counter() - started < 6
