"""Promises about access: a token is used while it is good, renewed once when it is refused, and its end is the owner's concern."""

import json
from dataclasses import replace

import pytest

from plugins.gmail.access import ACCESS_TOKEN, REFRESH_TOKEN
from plugins.gmail.channel import GmailChannel
from plugins.gmail.tests import mailboxes
from plugins.gmail.tests.mailboxes import create_mail, create_message, numbers
from tidings import NeedsReauth, Temporary


def refreshes(gmail):
    return sum(1 for asked in gmail.asked if asked.path == "/token")


def test_a_token_is_kept_and_used_until_shortly_before_its_end(connect, fake_gmail):
    mailbox = connect()
    for _ in range(3):
        mailbox.fetch()
    assert refreshes(fake_gmail) == 1

    mailbox.host.clock.tick(3500)
    mailbox.fetch()
    assert refreshes(fake_gmail) == 2


def test_a_token_that_is_refused_before_its_time_is_renewed_once(connect, fake_gmail):
    mailbox = connect()
    fake_gmail.deliver(create_mail(1))
    fake_gmail.office.expire_access_tokens()

    assert numbers(mailbox.fetch()) == [1]
    assert refreshes(fake_gmail) == 2


def test_a_sending_whose_token_was_refused_is_done_once(connect, fake_gmail):
    mailbox = connect()
    fake_gmail.office.expire_access_tokens()

    mailbox.channel.send(mailbox.account, create_message())

    assert len(fake_gmail.sent) == 1


def test_access_that_was_taken_away_needs_the_owner(connect, fake_gmail):
    mailbox = connect()
    stored = mailbox.host.account(1).secrets[ACCESS_TOKEN]
    fake_gmail.office.revoke_everything()

    for use in (mailbox.fetch, lambda: mailbox.channel.send(mailbox.account, create_message())):
        with pytest.raises(NeedsReauth):
            use()

    assert mailbox.host.account(1).secrets[ACCESS_TOKEN] == stored  # saving one would mean that the account works again
    assert not mailbox.channel.test_connection(mailbox.account).is_ok


def test_the_end_of_a_sign_in_is_known_where_google_tells_it(connect, fake_gmail):
    mailbox = connect()
    assert mailbox.channel.health(mailbox.account).token_expires_at is None

    fake_gmail.office.refresh_life_s = 604_799
    fake_gmail.office.expire_access_tokens()
    mailbox.fetch()

    left = mailbox.channel.health(mailbox.account).token_expires_at - mailbox.host.now()
    assert left.total_seconds() == 604_799


def test_a_right_that_is_missing_needs_the_owner(connect, fake_gmail):
    mailbox = connect()

    with fake_gmail.fault("missing_scope"), pytest.raises(NeedsReauth):
        mailbox.fetch()


@pytest.mark.parametrize(
    ("fault", "wait_s"),
    [("rate_limited", 37), ("daily_limit", 3600), ("user_rate_limited", None), ("quota_exceeded", None)],
)
def test_limits_say_when_to_come_back_where_google_says_so(connect, fake_gmail, fault, wait_s):
    mailbox = connect()

    with fake_gmail.fault(fault), pytest.raises(Temporary) as caught:
        mailbox.fetch()

    retry_at = caught.value.retry_at
    assert (retry_at and (retry_at - mailbox.host.now()).total_seconds()) == wait_s


def test_a_new_sign_in_takes_effect_at_once(connect, fake_gmail):
    mailbox = connect()
    fake_gmail.office.revoke_everything()
    refresh_token, _ = fake_gmail.office.grant()

    mailbox.host.save_secret(1, REFRESH_TOKEN, refresh_token)
    fake_gmail.deliver(create_mail(1))

    assert numbers(mailbox.fetch()) == [1]


def test_a_stored_token_that_cannot_be_read_is_replaced(connect, fake_gmail):
    mailbox = connect()
    for nonsense in ("nonsense", "{}", json.dumps({"token": "x", "expires_at": 7}), "[]"):
        mailbox.host.save_secret(1, ACCESS_TOKEN, nonsense)
        mailbox.fetch()
        assert json.loads(mailbox.host.account(1).secrets[ACCESS_TOKEN])["token"] not in ("", "x")


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"client_id": ""}, "No Google client"), ({"client_secret": "wrong"}, "invalid_client")],
)
def test_a_client_that_is_missing_or_wrong_is_described(fake_gmail, settings, words):
    account = mailboxes.create_account(fake_gmail)
    channel = GmailChannel(mailboxes.create_host(fake_gmail, account, **settings))

    with pytest.raises(NeedsReauth, match=words):
        list(channel.fetch(account))


def test_nobody_has_signed_in_yet(fake_gmail):
    account = replace(mailboxes.create_account(fake_gmail), secrets={})
    channel = GmailChannel(mailboxes.create_host(fake_gmail, account))

    with pytest.raises(NeedsReauth, match="Nobody has signed in"):
        list(channel.fetch(account))
    assert not channel.test_connection(account).is_ok
    new = channel.test_connection(replace(account, id=0))
    assert new.is_ok
    assert new.needs_sign_in


# ---- service accounts
def delegated(gmail, *people):
    account = replace(mailboxes.create_account(gmail, sign_in="delegated"), secrets={})
    host = mailboxes.create_host(gmail, account, **mailboxes.delegate(gmail, *people))
    channel = GmailChannel(host)
    return host, channel, account


def test_a_service_account_opens_the_mailbox_without_anybody_signing_in(fake_gmail):
    host, channel, account = delegated(fake_gmail, fake_gmail.mailbox)
    account = mailboxes.looked(channel, account)
    fake_gmail.deliver(create_mail(1))
    fake_gmail.office.expire_access_tokens()

    assert numbers(mailboxes.fetched(channel, account)[0]) == [1]
    assert channel.test_connection(account).is_ok
    assert host.account(1).secrets[ACCESS_TOKEN]


def test_a_domain_that_does_not_trust_the_service_account_is_described(fake_gmail):
    _, channel, account = delegated(fake_gmail)
    fake_gmail.office.delegated.clear()

    with pytest.raises(NeedsReauth, match="unauthorized"):
        list(channel.fetch(account))
    report = channel.test_connection(account)
    assert "admin of the domain" in report.problem


def test_a_key_that_is_missing_is_described(fake_gmail):
    _, _, account = delegated(fake_gmail)
    for settings, words in (({}, "Enter one"), ({"service_account_key": "nonsense"}, "not a JSON file")):
        channel = GmailChannel(mailboxes.create_host(fake_gmail, account, **settings))
        with pytest.raises(NeedsReauth, match=words):
            list(channel.fetch(account))


def test_a_token_of_another_way_in_is_never_taken(connect, fake_gmail):
    mailbox = connect()
    changed = replace(mailbox.host.account(1), settings={**mailbox.account.settings, "sign_in": "delegated"})

    with pytest.raises(NeedsReauth, match="no key"):
        list(mailbox.channel.fetch(changed))
