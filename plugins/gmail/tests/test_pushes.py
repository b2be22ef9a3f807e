"""Promises about news at once: who may bring it, what it does, and that announcements go on for ever."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from plugins.gmail.channel import GmailChannel
from plugins.gmail.tests import mailboxes
from plugins.gmail.watches import keep_watches, watch_state
from tidings import BadSignature, Temporary, UnsupportedEvent, WebhookRequest

PUSHED = {"topic": mailboxes.TOPIC, "push_sender": mailboxes.SIGNER}


@pytest.fixture
def mailbox(connect):
    return connect(PUSHED)


def push(host, gmail, address="", **claims):
    about = json.dumps({"emailAddress": address or gmail.mailbox, "historyId": 1234}).encode()
    body = json.dumps({"message": {"data": base64.b64encode(about).decode(), "messageId": "1"}}).encode()
    token = gmail.office.push_token(host.shared_webhook_url(), **claims)
    headers = {"Authorization": f"Bearer {token}"}
    return WebhookRequest("POST", host.shared_webhook_url(), headers, {}, body, host.now())


def test_a_push_has_its_mailbox_fetched(mailbox, fake_gmail):
    request = push(mailbox.host, fake_gmail, address=fake_gmail.mailbox.upper())
    mailbox.channel.verify_shared_webhook(request)

    reply = mailbox.channel.receive_shared_webhook(request)

    assert (reply.status, reply.events) == (204, ())
    assert mailbox.host.woken == [1]


def test_a_push_about_nobody_here_is_answered(mailbox, fake_gmail):
    reply = mailbox.channel.receive_shared_webhook(push(mailbox.host, fake_gmail, address="else@example.com"))

    assert reply.status == 204
    assert mailbox.host.woken == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"message": {"data": "e30="}}', b"[" * 50_000])
def test_what_is_no_push_of_gmail_is_left_alone(mailbox, fake_gmail, body):
    with pytest.raises(UnsupportedEvent):
        mailbox.channel.receive_shared_webhook(replace(push(mailbox.host, fake_gmail), body=body))


@pytest.mark.parametrize(
    "claims", [{"aud": "https://else.example.com"}, {"email": "else@example.com"}, {"iss": "https://evil.example"}]
)
def test_a_push_that_is_not_ours_is_refused(mailbox, fake_gmail, claims):
    with pytest.raises(BadSignature):
        mailbox.channel.verify_shared_webhook(push(mailbox.host, fake_gmail, **claims))


def test_pushes_are_refused_while_nobody_has_set_them_up(connect, fake_gmail):
    for settings in ({}, {"topic": mailboxes.TOPIC}, {"push_sender": mailboxes.SIGNER}):
        mailbox = connect(settings)
        with pytest.raises(BadSignature, match="not set up"):
            mailbox.channel.verify_shared_webhook(push(mailbox.host, fake_gmail))


def test_an_audience_of_ones_own_is_taken(connect, fake_gmail):
    mailbox = connect({**PUSHED, "push_audience": "https://audience.example.com"})

    mailbox.channel.verify_shared_webhook(push(mailbox.host, fake_gmail, aud="https://audience.example.com"))
    with pytest.raises(BadSignature):
        mailbox.channel.verify_shared_webhook(push(mailbox.host, fake_gmail))


def test_googles_certificates_are_fetched_once(mailbox, fake_gmail):
    for _ in range(5):
        mailbox.channel.verify_shared_webhook(push(mailbox.host, fake_gmail))

    assert sum(1 for asked in fake_gmail.asked if asked.path == "/oauth2/v1/certs") == 1


def test_a_push_is_to_come_again_while_certificates_cannot_be_had(mailbox, fake_gmail, monkeypatch):
    monkeypatch.setattr("connectors.gmail.pushes.PAUSE_S", 0.0)
    request = push(mailbox.host, fake_gmail)
    with fake_gmail.fault("server_trouble"), pytest.raises(Temporary):
        mailbox.channel.verify_shared_webhook(request)

    mailbox.channel.verify_shared_webhook(request)


# ---- announcements
def watches(gmail):
    return sum(1 for asked in gmail.asked if asked.path.endswith("/watch"))


def test_announcements_are_asked_for_and_renewed_every_day(mailbox, fake_gmail):
    for _ in range(3):
        keep_watches(mailbox.host)
    assert (watches(fake_gmail), fake_gmail.watching) == (1, mailboxes.TOPIC)
    assert watch_state(mailbox.host, 1).is_alive(mailbox.host.now() + timedelta(days=6))

    mailbox.host.clock.tick(25 * 3600)
    keep_watches(mailbox.host)
    assert watches(fake_gmail) == 2


def test_announcements_end_when_the_settings_say_so(mailbox, fake_gmail):
    keep_watches(mailbox.host)
    mailbox.host.save_settings(1, {**mailbox.account.settings, "is_pushed": False})

    keep_watches(mailbox.host)

    assert fake_gmail.watching == ""
    assert watch_state(mailbox.host, 1) is None
    assert dict(mailbox.channel.health(mailbox.account).rows)["Pushes"]


def test_trouble_with_announcements_is_shown_and_tried_again(mailbox, fake_gmail):
    with fake_gmail.fault("refused"):
        keep_watches(mailbox.host)
        keep_watches(mailbox.host)
    state = watch_state(mailbox.host, 1)
    assert not state.is_alive(mailbox.host.now())
    assert "Mail service not enabled" in dict(mailbox.channel.health(mailbox.account).rows)["Pushes"]
    assert watches(fake_gmail) == 1

    mailbox.host.clock.tick(3600)
    keep_watches(mailbox.host)
    assert watch_state(mailbox.host, 1).is_alive(mailbox.host.now())
    assert "announced until" in dict(mailbox.channel.health(mailbox.account).rows)["Pushes"]


def test_one_mailbox_in_trouble_does_not_keep_the_others_from_being_announced(fake_gmail):
    good = mailboxes.create_account(fake_gmail, 2)
    bad = replace(mailboxes.create_account(fake_gmail, 1), secrets={})
    host = mailboxes.create_host(fake_gmail, bad, good, **PUSHED)

    keep_watches(host)

    assert watch_state(host, 1).trouble
    assert watch_state(host, 2).is_alive(host.now())


def test_without_a_topic_nothing_is_announced(connect, fake_gmail):
    mailbox = connect()
    keep_watches(mailbox.host)

    assert watches(fake_gmail) == 0
    assert GmailChannel(mailbox.host).poll_interval_s == 60
