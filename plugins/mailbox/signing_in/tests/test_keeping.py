"""Promises about sign-ins that nobody looks at: renewed ahead of their end, never lost to a race or a power cut, and told when lost."""

import json
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.errors import AuthExpired
from connectors.mail_oauth import MICROSOFT
from plugins.mailbox.channel import MailboxChannel
from plugins.mailbox.health import account_health, forget_sign_in
from plugins.mailbox.settings import MailboxSettings
from plugins.mailbox.signing_in import tokens
from plugins.mailbox.signing_in.keeping import renew_sign_ins
from plugins.mailbox.signing_in.tokens import AccessToken
from tidings import Account
from tidings.testing import Answer, FakeHost, FakeProvider


class Provider(FakeProvider):
    """A token address that takes each refresh token once and gives the next, as Microsoft's does at its strictest."""

    def __init__(self) -> None:
        super().__init__()
        self.number, self.lasts_s, self.delay_s = 0, 0, 0.0
        self.refusal = ""
        self.on("/token", "POST")(self._token)

    def _token(self, asked):
        sent = dict(part.split("=") for part in asked.body.decode().split("&"))
        if self.refusal or sent["refresh_token"] != f"refresh-{self.number}":
            return Answer(400, {"error": self.refusal or "invalid_grant"})
        self.number += 1
        time.sleep(self.delay_s)
        answer = {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}"}
        return answer | ({"refresh_token_expires_in": self.lasts_s} if self.lasts_s else {})


@pytest.fixture
def provider():
    with Provider() as provider:
        yield provider


@pytest.fixture
def account() -> Account:
    settings = {"address": "help@example.com", "auth": "microsoft"}
    return Account(
        1, "mailbox", "Support", "help@example.com", settings, secrets={"microsoft_refresh_token": "refresh-0"}
    )


@pytest.fixture
def host(account, provider) -> FakeHost:
    settings = {"microsoft_client_id": "desk", "microsoft_client_secret": "client-secret"}
    config = {"microsoft_token_url": f"{provider.address}/token"}
    return FakeHost("mailbox", [account], settings=settings, config=config, package="plugins.mailbox")


def access(host, account) -> AccessToken:
    return AccessToken(host, account, MailboxSettings.of(account))


def stored(host) -> str:
    return host.account(1).secrets["microsoft_refresh_token"]


def test_a_sign_in_is_renewed_once_a_day_when_nobody_uses_it(host, provider):
    host.paused.add(1)
    for hours, number in ((0, 1), (1, 1), (22, 1), (1, 2), (24, 3)):
        host.clock.tick(hours * 3600)
        renew_sign_ins(host)
        assert (provider.number, stored(host)) == (number, f"refresh-{number}")
    assert host.notices == {}


def test_one_that_ends_sooner_is_renewed_when_a_fifth_of_its_life_is_left(host, provider):
    provider.lasts_s = 10 * 3600
    renew_sign_ins(host)
    host.clock.tick(7.9 * 3600)
    renew_sign_ins(host)
    assert provider.number == 1
    host.clock.tick(0.2 * 3600)
    renew_sign_ins(host)
    assert provider.number == 2


def test_accounts_come_back_by_themselves_once_a_new_client_secret_was_entered(host, account, provider):
    renew_sign_ins(host)
    provider.refusal = "invalid_client"
    host.clock.tick(4000)
    with pytest.raises(AuthExpired):
        access(host, account)()
    provider.refusal = ""
    renew_sign_ins(host)
    assert stored(host) == "refresh-2"
    assert "Renewing fails since" not in dict(account_health(host, account).rows)


def test_accounts_with_passwords_and_those_nobody_signed_in_to_are_left_alone(account, provider):
    others = [replace(account, settings={"auth": "password"}), replace(account, id=2, secrets={})]
    renew_sign_ins(FakeHost("mailbox", others, package="plugins.mailbox"))
    assert provider.asked == []


def test_a_power_cut_after_the_answer_costs_nothing(host, account, provider, monkeypatch):
    save, saved = host.save_secret, []

    def die_afterwards(account_id, key, value):
        save(account_id, key, value)
        saved.append(key)
        raise SystemExit("the power is gone")

    monkeypatch.setattr(host, "save_secret", die_afterwards)
    with pytest.raises(SystemExit):
        access(host, account)()
    assert saved == ["microsoft_refresh_token"], "what cannot be had again is written first"
    monkeypatch.setattr(host, "save_secret", save)
    assert access(host, account)() == "access-2"


def test_threads_that_need_a_token_at_once_get_one_between_them(host, account, provider):
    provider.delay_s = 0.05
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(access(host, account)())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["access-1"] * 4
    assert len(provider.asked) == 1


def test_a_refusal_is_not_believed_while_another_process_may_have_been_quicker(host, account, provider, monkeypatch):
    provider.number = 1  # another process has used refresh-0, and is about to store what it got
    pauses = []

    def other_process_stores(pause_s):
        pauses.append(pause_s)
        if len(pauses) == 2:
            host.save_secret(1, "microsoft_refresh_token", "refresh-1")
            kept = tokens.packed_token(tokens.Tokens("access-1", 3600), "refresh-1", host.now())
            host.save_secret(1, "access_token", kept)

    monkeypatch.setattr(tokens.time, "sleep", other_process_stores)
    assert access(host, account)() == "access-1"
    assert account_health(host, account).rows == ()


def test_what_somebody_signed_in_with_meanwhile_is_not_overwritten(host, account, provider, monkeypatch):
    exchange = tokens.refresh

    def signs_in_meanwhile(*arguments):
        found = exchange(*arguments)
        host.save_secret(1, "microsoft_refresh_token", "refresh-of-the-new-sign-in")
        return found

    monkeypatch.setattr(tokens, "refresh", signs_in_meanwhile)
    assert access(host, account)() == "access-1"
    assert stored(host) == "refresh-of-the-new-sign-in"


def test_a_sign_in_lost_while_paused_is_told_once_and_over_when_it_works_again(host, account, provider, monkeypatch):
    monkeypatch.setattr(tokens, "PAUSES_S", ())
    host.paused.add(1)
    provider.refusal = "invalid_grant"
    renew_sign_ins(host)
    assert list(host.notices) == ["sign_in_1"]
    assert "paused account Support is no longer accepted" in host.notices["sign_in_1"]
    host.notices.clear()
    host.clock.tick(3600)
    renew_sign_ins(host)
    assert host.notices == {}, "it was told"
    assert dict(account_health(host, account).rows)["Renewing fails since"].startswith("20")
    provider.refusal = ""
    renew_sign_ins(host)
    assert "Renewing fails since" not in dict(account_health(host, account).rows)
    assert stored(host) == "refresh-1"


def test_a_provider_out_of_reach_is_asked_once_an_hour_not_once_an_account(host, account, provider):
    for number in (2, 3):
        host.put_account(replace(account, id=number))
    with provider.fault("server_trouble"):
        renew_sign_ins(host)
    assert len(provider.asked) == 1
    assert host.notices == {}


def test_what_nobody_renews_ends_after_its_idle_days(host, account, provider):
    renew_sign_ins(host)
    assert account_health(host, account).token_expires_at is None, "it is renewed each day"
    renewed_at = host.now()
    host.clock.tick(5 * 86_400)
    assert account_health(host, account).token_expires_at == renewed_at + timedelta(days=MICROSOFT.idle_days)
    forget_sign_in(host, 1)
    assert account_health(host, account).token_expires_at is None


def test_another_way_to_sign_in_begins_anew(host, account, provider):
    renew_sign_ins(host)
    google = replace(account, settings={**account.settings, "auth": "google"})
    assert account_health(host, google).rows == ()
    with pytest.raises(AuthExpired, match="Nobody has signed in"):
        access(host, google)()


def test_the_application_is_asked_for_where_it_is_missing(account, provider):
    host = FakeHost("mailbox", [account], package="plugins.mailbox")
    with pytest.raises(AuthExpired, match="No application of Microsoft"):
        access(host, account)()


def test_only_accounts_that_sign_in_have_a_page_for_it(host, account):
    channel = MailboxChannel(host)
    assert channel.sign_in_path(account) == "/sign-in/1"
    assert channel.sign_in_path(replace(account, settings={"auth": "password"})) == ""
    assert channel.sign_in_path(replace(account, settings={"auth": "xoauth2"})) == ""


def test_what_is_kept_of_a_sign_in_holds_no_secret(host, account, provider):
    renew_sign_ins(host)
    kept = json.dumps(host.store.values)
    assert "refresh-1" not in kept
    assert "access-1" not in kept
