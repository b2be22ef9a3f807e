"""Status and tags here, labels in Gmail: what is done on one side is so on the other, and neither side runs after its own tail."""

import pytest
from sqlalchemy import select

from app.models import Tag, conversation_tag
from app.plugin_api.testing.providers import FakeGmail
from app.services import conversations
from tests.integration.gmail.desk import Desk, mail

SETTINGS = {
    "maps_labels": True,
    "archives_resolved": True,
    "pending_label": "Waiting",
    "spam_label": "SPAM",
    "tag_prefix": "Tidings/",
}


@pytest.fixture
def mapped(desk: Desk, gmail: FakeGmail) -> Desk:
    """A desk with one conversation, whose labels mean something."""
    desk.settle(**SETTINGS)
    gmail.labels["Label_99"] = "Tidings/Billing"
    gmail.deliver(mail(1), labels=["INBOX", "Label_99"])
    desk.fetch()
    return desk


def state(desk: Desk) -> tuple[str, list[str]]:
    """The status and the tags of the one conversation."""
    (conversation,) = desk.conversations()
    of_it = conversation_tag.c.conversation_id == conversation.id
    tags = desk.core.session.scalars(select(Tag.name).join(conversation_tag).where(of_it).order_by(Tag.name))
    return conversation.status, list(tags)


def labels(gmail: FakeGmail) -> set[str]:
    (message,) = gmail.messages.values()
    return {gmail.labels[label] for label in message.labels}


def test_labels_of_gmail_are_status_and_tags(mapped: Desk, gmail: FakeGmail):
    assert state(mapped) == ("open", ["billing"])
    (message,) = gmail.messages.values()

    gmail.relabel(message, remove=["INBOX", "Label_99"])
    mapped.fetch()
    assert state(mapped) == ("resolved", [])
    gmail.relabel(message, add=["INBOX"])
    mapped.fetch()
    assert state(mapped) == ("open", [])
    gmail.relabel(message, add=["SPAM"], remove=["INBOX"])
    mapped.fetch()
    assert state(mapped) == ("spam", [])

    before = len(gmail.asked)
    mapped.run_jobs()
    assert not [asked for asked in gmail.asked[before:] if asked.path.endswith("/modify")]


def test_status_and_tags_are_labels_of_gmail(mapped: Desk, gmail: FakeGmail):
    (conversation,) = mapped.conversations()
    conversations.add_tag(mapped.core, mapped.agent, [conversation.id], "Orders")
    mapped.resolve(conversation)
    mapped.run_jobs()
    assert labels(gmail) == {"Tidings/Billing", "Tidings/orders"}

    mapped.fetch()
    assert state(mapped) == ("resolved", ["billing", "orders"])
    conversations.set_pending(mapped.core, mapped.agent, [conversation.id])
    mapped.run_jobs()
    mapped.fetch()

    assert labels(gmail) == {"INBOX", "Waiting", "Tidings/Billing", "Tidings/orders"}
    assert state(mapped) == ("pending", ["billing", "orders"])


def test_a_new_mail_opens_the_conversation_and_the_thread(mapped: Desk, gmail: FakeGmail):
    (question,) = gmail.messages.values()
    mapped.resolve(mapped.conversations()[0])
    mapped.run_jobs()
    mapped.fetch()

    gmail.deliver(mail(2, answers="1@mail.example.org"))
    mapped.fetch()
    mapped.run_jobs()
    mapped.fetch()

    assert state(mapped)[0] == "open"
    assert "INBOX" in question.labels
    assert len(mapped.messages()) == 2
