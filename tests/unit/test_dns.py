"""Promises of the resolver, asked against a real name server."""

import time

import pytest

from app import dns
from app.config import Config, load_config
from app.dns import NoResolver, ServerResolver, resolver_of
from app.errors import ConfigError
from app.mime.authentication import LookupFailed


@pytest.fixture
def ask(dns_server):
    return ServerResolver(("127.0.0.1", dns_server.port)).for_a_mail()


def test_answers_are_plain_values(dns_server, ask):
    dns_server.put("example.com", "TXT", "v=spf1 -all", 'a "quoted" word', "x" * 400)
    dns_server.put("example.com", "MX", "20 mx2.example.com.", "10 mx1.example.com.")
    dns_server.put("example.com", "A", "192.0.2.7")
    dns_server.put("example.com", "AAAA", "2001:db8::7")
    dns_server.put("7.2.0.192.in-addr.arpa", "PTR", "mail.example.com.")

    assert set(ask("example.com", "TXT")) == {"v=spf1 -all", 'a "quoted" word', "x" * 400}
    assert ask("example.com", "MX") == ("mx1.example.com", "mx2.example.com")
    assert ask("example.com", "A") == ("192.0.2.7",)
    assert ask("example.com", "AAAA") == ("2001:db8::7",)
    assert ask("192.0.2.7", "PTR") == ("mail.example.com",)


@pytest.mark.parametrize(
    "name", ["nothing.example.com", "a..b", "x" * 300, ".", "", "\u00e4\u00f6 .test", "a" * 64 + ".test"]
)
def test_names_that_nobody_has_have_no_records(ask, name):
    assert ask(name, "TXT") == ()


def test_a_name_without_records_of_the_kind_has_none(dns_server, ask):
    dns_server.put("example.com", "A", "192.0.2.7")

    assert ask("example.com", "TXT") == ()


def test_what_was_answered_is_not_asked_again(dns_server):
    dns_server.put("example.com", "A", "192.0.2.7")
    resolver = ServerResolver(("127.0.0.1", dns_server.port))
    for _ in range(3):
        resolver.for_a_mail()("example.com", "A")
        resolver.for_a_mail()("nothing.example.com", "A")

    assert sorted(dns_server.questions) == [("example.com", "A"), ("nothing.example.com", "A")]


@pytest.mark.parametrize("values", [[str(number) for number in range(200)], ["x" * 9_000]])
def test_answers_that_are_too_large_are_not_kept(dns_server, values):
    dns_server.put("example.com", "TXT", *values)
    resolver = ServerResolver(("127.0.0.1", dns_server.port))

    assert [set(resolver.for_a_mail()("example.com", "TXT")) for _ in range(2)] == [set(values)] * 2
    assert resolver._library.cache.data == {}


def test_silence_is_told_in_time_and_remembered(dns_server, monkeypatch):
    monkeypatch.setattr(dns, "QUESTION_S", 0.3)
    dns_server.is_silent = True
    resolver = ServerResolver(("127.0.0.1", dns_server.port))
    started = time.perf_counter()
    with pytest.raises(LookupFailed):
        resolver.for_a_mail()("example.com", "A")
    assert time.perf_counter() - started < 1.5
    dns_server.behave()
    with pytest.raises(LookupFailed):
        resolver.for_a_mail()("example.com", "A")
    assert resolver.for_a_mail()("other.example.com", "A") == ()


def test_senders_who_let_us_wait_do_not_hold_up_others_for_long(dns_server, monkeypatch):
    monkeypatch.setattr(dns, "QUESTION_S", 0.6)
    monkeypatch.setattr(dns, "LOST_S", 1.0)
    monkeypatch.setattr(dns, "HURRIED_S", 0.05)
    dns_server.is_silent = True
    resolver = ServerResolver(("127.0.0.1", dns_server.port))
    times = []
    for number in range(6):
        started = time.perf_counter()
        with pytest.raises(LookupFailed):
            resolver.for_a_mail()(f"s{number}.example.com", "TXT")
        times.append(time.perf_counter() - started)

    assert min(times[:2]) > 0.5
    assert max(times[2:]) < 0.5
    dns_server.behave()
    monkeypatch.setattr(dns, "REMEMBERED_S", 0.0)
    assert resolver.for_a_mail()("other.example.com", "A") == ()


def test_a_mail_has_only_so_much_time(dns_server, monkeypatch):
    monkeypatch.setattr(dns, "MAIL_S", 0.6)
    dns_server.delay_s = 0.25
    ask, started = ServerResolver(("127.0.0.1", dns_server.port)).for_a_mail(), time.perf_counter()
    with pytest.raises(LookupFailed):
        [ask(f"n{number}.example.com", "A") for number in range(50)]

    assert time.perf_counter() - started < 3


def test_servers_in_trouble_know_nothing(dns_server, ask):
    dns_server.is_broken = True
    with pytest.raises(LookupFailed):
        ask("example.com", "A")


def test_off_asks_nobody():
    resolver = resolver_of(Config(dns="off"))

    assert isinstance(resolver, NoResolver)
    assert not resolver.can_ask
    with pytest.raises(LookupFailed):
        resolver.for_a_mail()("example.com", "A")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("::1", ("::1", 53)),
        ("[::1]:5353", ("::1", 5353)),
        ("system", None),
    ],
)
def test_a_server_is_named_by_its_address(text, server):
    assert load_config({"TIDINGS_DNS": text}, env_file=None).nameserver == server


@pytest.mark.parametrize("text", ["ns.example.com", "192.0.2.1:x", "192.0.2.1:0", "192.0.2.1:99999", "on", "1.2.3"])
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError, match="TIDINGS_DNS"):
        load_config({"TIDINGS_DNS": text}, env_file=None)
