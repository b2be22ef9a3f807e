"""Promises about confirmations of receipt: one for a conversation, in the admin's words, and of a stranger's only plain ones."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

import plugins.mailbox as mailbox
from plugins.mailbox.confirming import filled, unknown_placeholders
from plugins.mailbox.forms import MailboxSettingsForm
from plugins.mailbox.settings import MailboxSettings
from plugins.mailbox.tests.accounts import create_host
from plugins.mailbox.tests.test_forms import filled as filled_form
from plugins.mailbox.tests.test_forms import settings_of
from tidings import Account, ConversationSummary, MessageSummary

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONVERSATION = ConversationSummary(7, 12, "Lamp", "open", "mailbox", 1, 3, "Ada", "ada@example.com", NOW)
MESSAGE = MessageSummary(
    9, CONVERSATION, "inbound", "normal", "a@example.com", "Hi", True, False, True, None, NOW, 1
)  # fmt: skip


def create_account(**settings):
    return Account(1, "mailbox", "Support", "help@example.com", settings)


def confirmed(account, conversation=CONVERSATION, message=MESSAGE):
    host = create_host(account)
    mailbox.conversation_created(host, conversation, message)
    return host.automatic


def test_a_mailbox_that_confirms_answers_the_first_message_of_a_conversation():
    account = create_account(confirms="always", confirmation="Hello {name}, “{subject}” is number {number}.")

    assert confirmed(account) == [(7, "Hello Ada, “Lamp” is number 12.")]


WORDS = {"confirms": "always", "confirmation": "We have it."}


@pytest.mark.parametrize(
    ("settings", "conversation", "message"),
    [
        ({}, CONVERSATION, MESSAGE),
        ({**WORDS, "confirms": "off"}, CONVERSATION, MESSAGE),
        ({**WORDS, "confirmation": ""}, CONVERSATION, MESSAGE),
        (WORDS, CONVERSATION, None),
        (WORDS, CONVERSATION, replace(MESSAGE, accepts_auto_reply=False)),
        (WORDS, CONVERSATION, replace(MESSAGE, account_id=99)),
        (WORDS, replace(CONVERSATION, channel="webform"), MESSAGE),
    ],
)
def test_nothing_is_confirmed_that_nobody_asked_for(settings, conversation, message):
    assert confirmed(create_account(**settings), conversation, message) == []


def test_somebody_without_a_name_is_called_by_their_address():
    account = create_account(confirms="always", confirmation="Hello {name}")

    assert confirmed(account, replace(CONVERSATION, contact_name="")) == [(7, "Hello ada@example.com")]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("[You won](https://win.test/x) now", "(You won)(… now"),
        ("see www.win.test now", "see … now"),
        ("pay at win.test/now", "pay at win. test/now"),
        ("win.test/a@b.test", "win. test/a@b. test"),
        ("Lamp 12.5 of 3.4.2026", "Lamp 12.5 of 3.4.2026"),
        ("![x](//win.test/a.png)", "!(x)(//win. test/a. png)"),
        ("**loud** <b>bold</b> `code`", "loud bbold/b code"),
        ("one\nline", "one line"),
        ("[Ticket 12] Lamp", "(Ticket 12) Lamp"),
    ],
)
def test_a_strangers_words_stay_plain_words(subject, words):
    assert filled("“{subject}”", {"subject": subject}) == f"“{words}”"


def test_a_value_is_not_searched_for_placeholders_and_is_cut():
    assert filled("{subject}", {"subject": "{number}", "number": "1"}) == "{number}"
    assert len(filled("{subject}", {"subject": "a" * 900})) == 150


def test_a_placeholder_that_nothing_fills_is_refused_when_it_is_saved():
    form = filled_form(confirms="always", confirmation="Hello {first_name}")

    assert unknown_placeholders("{name} {first_name} {subject}") == ["first_name"]
    assert not form.validate()
    assert "{first_name}" in form.errors["confirmation"][0]


def test_a_mailbox_that_confirms_needs_words():
    assert not filled_form(confirms="always", confirmation=" ").validate()
    assert settings_of(filled_form(confirms="off", confirmation=""))["confirms"] == "off"


def test_a_new_mailbox_is_silent_and_has_words_ready():
    settings = MailboxSettings.read(settings_of(filled_form(confirmation=MailboxSettingsForm().confirmation.data)))

    assert settings.confirms == "off"
    assert "{number}" in settings.confirmation
