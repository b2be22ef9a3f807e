"""Promises about tokens: refreshed when due, kept while good, renewed when refused, and the owner asked only when nothing helps."""

import json
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from plugins.mailbox.channel import MailboxChannel
from plugins.mailbox.tests.accounts import create_account, create_host
from plugins.mailbox.tests.test_sending import MESSAGE
from tidings import Account, NeedsReauth, Permanent, Temporary


@dataclass
class TokenServer:
    """A provider's token address: hands out numbered tokens and has the mail server believe them."""

    authority: object
    username: str
    asked: list = field(default_factory=list)
    answer: tuple = ()
    rotates: bool = False
    url: str = ""

    def respond(self, form):
        self.asked.append(form)
        if self.answer:
            return self.answer
        token = f"token-{len(self.asked)}"
        self.authority.accept(token, self.username)
        body = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        if self.rotates:
            body["refresh_token"] = f"refresh-{len(self.asked)}"
        return 200, body


@pytest.fixture
def provider(mail_user, dovecot):
    provider = TokenServer(dovecot.tokens, mail_user.address)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, body = provider.respond({key: values[0] for key, values in form.items()})
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        provider.url = f"http://127.0.0.1:{server.server_address[1]}/token"
        yield provider
        server.shutdown()


@pytest.fixture
def account(mail_user, provider, create_smtp_server, dovecot) -> Account:
    smtp = create_smtp_server(tokens=dovecot.tokens)
    settings = {"auth": "xoauth2", "smtp_auth": "same", "oauth_token_url": provider.url, "oauth_client_id": "desk"}
    account = create_account(mail_user, smtp, **settings)
    return replace(account, secrets={"oauth_client_secret": "client-secret", "oauth_refresh_token": "refresh-0"})


def test_one_token_serves_reading_and_sending_until_it_expires(account, provider):
    host = create_host(account)
    channel = MailboxChannel(host)

    list(channel.fetch(account))
    channel.send(account, MESSAGE)
    assert len(provider.asked) == 1
    host.clock.tick(3500)
    list(channel.fetch(account))

    assert len(provider.asked) == 2
    assert provider.asked[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-0",
        "client_id": "desk",
        "client_secret": "client-secret",
    }


def test_a_kept_token_that_the_server_refuses_is_replaced_at_once(account, provider, dovecot):
    channel = MailboxChannel(create_host(account))
    list(channel.fetch(account))
    dovecot.tokens.revoke("token-1")

    list(channel.fetch(account))

    assert len(provider.asked) == 2


def test_a_refresh_token_that_the_provider_replaces_is_kept(account, provider):
    provider.rotates = True
    host = create_host(account)
    list(MailboxChannel(host).fetch(account))
    host.clock.tick(4000)
    list(MailboxChannel(host).fetch(account))

    assert [form["refresh_token"] for form in provider.asked] == ["refresh-0", "refresh-1"]
    assert host.account(account.id).secrets["oauth_refresh_token"] == "refresh-2"


def test_a_new_refresh_token_makes_the_kept_access_token_worthless(account, provider):
    host = create_host(account)
    list(MailboxChannel(host).fetch(account))
    host.put_account(replace(account, secrets={**host.account(1).secrets, "oauth_refresh_token": "another"}))

    list(MailboxChannel(host).fetch(account))

    assert [form["refresh_token"] for form in provider.asked] == ["refresh-0", "another"]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((400, {"error": "invalid_grant"}), NeedsReauth, "no longer accepts the sign-in"),
        ((200, {"error": "invalid_grant"}), NeedsReauth, "no longer accepts the sign-in"),
        ((302, {}), Permanent, "302"),
        ((401, {"error": "invalid_client"}), NeedsReauth, "invalid_client"),
        ((200, {"token_type": "Bearer"}), Temporary, "not understood"),
        ((200, ["nonsense"]), Temporary, "not understood"),
        ((503, {}), Temporary, "503"),
    ],
)
def test_what_the_token_address_answers_becomes_what_the_host_understands(account, provider, answer, error, words):
    provider.answer = answer

    with pytest.raises(error, match=words) as caught:
        list(MailboxChannel(create_host(account)).fetch(account))
    assert "refresh-0" not in str(caught.value)
    assert "client-secret" not in str(caught.value)


def test_a_fresh_token_that_is_refused_needs_the_owner(account, provider):
    provider.answer = (200, {"access_token": "nobodys", "expires_in": 3600})

    with pytest.raises(NeedsReauth):
        list(MailboxChannel(create_host(account)).fetch(account))
    assert len(provider.asked) == 1


def test_an_account_that_is_only_tested_stores_nothing(account, provider):
    host = create_host()
    candidate = replace(account, id=0)

    assert MailboxChannel(host).test_connection(candidate).is_ok
    assert len(provider.asked) == 2


def test_the_test_of_a_lost_consent_says_to_sign_in_again(account, provider):
    provider.answer = (400, {"error": "invalid_grant"})

    report = MailboxChannel(create_host(account)).test_connection(account)

    assert "enter the new refresh token" in report.problem
