"""Which mails are never answered by a machine, and that a person's mail always may be."""

import pytest

from app.mime import is_robot, no_answer_because, parse_message
from tests.unit.mime.test_kinds import DSN, create_mail


def because(**headers):
    return no_answer_because(parse_message(create_mail(**headers)))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No ; comment"},
        {"Precedence": "first-class"},
        {"X_Auto_Response_Suppress": "DR, RN, NRN"},
        {"X_Autoreply": "no"},
        {"Return_Path": "<ada@example.net>"},
        {"Reply_To": "ada@example.org"},
        {"sender": "Noreen Reply <noreen@example.net>"},
        {"sender": "owner@example.net"},
        {"sender": "request@example.net"},
    ],
)
def test_a_person_may_be_answered(headers):
    assert because(**headers) == ""


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"Precedence": "junk"}, "precedence"),
        ({"Precedence": " JUNK "}, "precedence"),
        ({"X_Loop": "help@elsewhere.example"}, "x-loop"),
        ({"Return_Path": "<>"}, "return-path"),
        ({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, "x-auto-response-suppress"),
        ({"X_Vacation": "yes"}, "machine"),
        ({"X_Cron_Env": "<LANG=C>"}, "machine"),
        ({"Reply_To": "no-reply@shop.example"}, "sender"),
        ({"sender": "owner-talk@lists.example"}, "sender"),
        ({"sender": "talk-bounces@lists.example"}, "sender"),
        ({"sender": "postmaster@example.net"}, "sender"),
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated; owner-email=ada@example.net"}, "auto_generated"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"subject": "Out of office: Lamp"}, "auto_reply"),
        ({"Precedence": "bulk"}, "list"),
        ({"List_Unsubscribe": "<https://x.example>"}, "list"),
        ({"List_Id": "<talk.example>"}, "list"),
        ({"sender": "noreply@shop.example"}, "auto_generated"),
    ],
)
def test_a_machine_is_not_answered(headers, word):
    assert because(**headers) == word


def test_a_report_is_not_answered():
    raw = DSN.format(action="failed", status="5.1.1", diagnostic="550 no").encode()

    assert no_answer_because(parse_message(raw)) == "bounce"


def test_a_second_field_is_looked_at_too_and_a_lone_null_path_below_another_is_not():
    twice = b"Auto-Submitted: no\nAuto-Submitted: auto-notified\n" + create_mail()
    moved = b"Return-Path: <ada@example.net>\nReturn-Path: <>\n" + create_mail()

    assert no_answer_because(parse_message(twice)) == "auto-submitted"
    assert no_answer_because(parse_message(moved)) == ""


def test_a_mail_that_goes_round_in_circles_is_not_answered():
    hops = b"".join(b"Received: from a by b; Mon, 2 Mar 2026 08:55:00 +0000\n" for _ in range(26))

    assert no_answer_because(parse_message(hops + create_mail())) == "hops"
    assert no_answer_because(parse_message(hops[: len(hops) // 26 * 25] + create_mail())) == ""


def test_a_mail_without_a_sender_is_not_answered():
    assert no_answer_because(parse_message(b"Subject: Lamp\n\nBroken")) == "sender"


@pytest.mark.parametrize(
    "address", ["noreply+17@shop.example", "DoNotReply@x.example", "no_reply@x.example", "bounce-12=a@x.example"]
)
def test_addresses_of_robots_are_known_by_their_name(address):
    assert is_robot(address)


@pytest.mark.parametrize(
    "address",
    ["ada@example.net", "bouncer@example.net", "norepl@example.net", "reply@example.net", "shop-owner@example.net"],
)
def test_addresses_of_people_are_not(address):
    assert not is_robot(address)
