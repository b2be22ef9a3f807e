"""Confirmed addresses: the mail, the page behind its link, and what its button does."""

import re

import pytest

from plugins import webform
from plugins.webform.guarding import verification
from plugins.webform.guarding.verification import CONTENT_TYPE, WEEK_S
from plugins.webform.tests.factories import PageHost, Visitor
from tidings import ConversationUpdate, RawEvent, UnrecognisedPayload

MESSAGE = "form.n1.abc@webform.invalid"


@pytest.fixture
def host() -> PageHost:
    return PageHost(verifies_email=True)


@pytest.fixture
def visitor(host) -> Visitor:
    return Visitor(host)


def mailed_path(host: PageHost, language: str = "") -> str:
    """Has a mail sent; gives the path of the link in it, on the plugin's own pages."""
    account = host.account(1)
    assert account is not None
    assert verification.ask(host, account, 7, MESSAGE, language)
    conversation_id, text = host.automatic[-1]
    assert conversation_id == 7
    link = re.search(r"https://\S+", text)
    assert link is not None
    return link.group().partition("/plugins/webform")[2]


def test_the_link_shows_a_button_and_changes_nothing(host, visitor):
    answer = visitor.ask(mailed_path(host))
    assert answer.status_code == 200
    assert host.page.state == "ask"
    assert '<form method="post"' in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert host.received == []


def test_the_button_lets_the_message_out_of_spam_once(host, visitor):
    path = mailed_path(host)
    for _ in range(2):
        assert visitor.ask(path, "POST").status_code == 200
        assert host.page.state == "done"
    ((account_id, event),) = host.received
    assert (account_id, event.content_type) == (1, CONTENT_TYPE)
    update = verification.translate(event)
    assert isinstance(update, ConversationUpdate)
    assert (update.external_id, update.status, update.at) == (MESSAGE, "open", host.now())
    assert update.activity


def test_the_channel_reads_confirmations(host, visitor):
    visitor.ask(mailed_path(host), "POST")
    (channel,) = webform.register_channels(host)
    (update,) = channel.translate(host.account(1), host.received[0][1])
    assert update.status == "open"


def test_a_late_link_offers_a_new_mail(host, visitor):
    path = mailed_path(host)
    host.clock.tick(WEEK_S + 60)
    visitor.ask(path)
    assert host.page.state == "late"
    visitor.ask(path, "POST")
    assert host.page.state == "sent"
    assert host.received == []
    assert len(host.automatic) == 2


def test_new_mails_are_not_sent_without_end(host, visitor):
    path = mailed_path(host)
    host.clock.tick(WEEK_S + 60)
    for _ in range(5):
        visitor.ask(path, "POST")
    assert host.page.state == "wait"
    assert len(host.automatic) == 4


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_forged_link_leads_nowhere(host, visitor, method):
    token = host.sign({"form": "another", "nonce": "n1"})
    for path in ("/confirm/nothing", f"/confirm/{token}"):
        assert visitor.ask(path, method).status_code == 404
    assert host.received == []


def test_the_mail_and_its_page_are_in_the_visitors_language(host, visitor):
    host.translations["de"] = {verification._MAIL: "Bitte bestätigen: %(link)s"}
    path = mailed_path(host, "de")
    assert host.automatic[-1][1].startswith("Bitte bestätigen: https://")
    assert path.endswith("?lang=de")
    visitor.ask(path)
    assert host.page.action.endswith("?lang=de")


def test_nothing_of_the_message_stands_in_the_mail(host):
    mailed_path(host)
    assert "Where is it" not in host.automatic[-1][1]


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"at": "x", "external_id": "y"}', b'{"at": 1}'])
def test_what_is_no_confirmation_is_refused(payload):
    with pytest.raises(UnrecognisedPayload):
        verification.translate(RawEvent(payload, content_type=CONTENT_TYPE))
