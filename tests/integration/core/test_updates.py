"""Promises about what providers say of messages that are there: done once, in any order, and waited for when it comes too early."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cli.export import exported_conversations
from app.domain.text import preview_of
from app.models import Activity, Attachment, Conversation, EventState, InboundEvent, Message, MessageReaction, Status
from app.plugin_api.messages import InboundAttachment, Participant
from app.plugin_api.updates import (
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    MessageEdit,
    MessageRemoval,
    Reaction,
)
from app.queries.search import search
from app.queries.search_text import parse_search
from app.services import conversations
from app.services.intake import process_event
from app.services.journal import due_events
from tests.integration.core.saying import CEM, NINE, provider, written  # noqa: F401 - a fixture is found by name

READ, DELIVERED, FAILED = DeliveryWord.READ, DeliveryWord.DELIVERED, DeliveryWord.FAILED
LATER = NINE + timedelta(minutes=5)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def message_of(core, message_id):
    core.session.rollback()
    return core.session.get(Message, message_id, populate_existing=True)


def conversation_of(core, conversation_id):
    core.session.rollback()
    return core.session.get(Conversation, conversation_id, populate_existing=True)


def state_of(core, event_id):
    core.session.rollback()
    event = core.session.get(InboundEvent, event_id, populate_existing=True)
    return event.state, event.reason


def activities(core, kind):
    return core.session.scalars(select(Activity.data).where(Activity.kind == kind)).all()


# ---- delivered, read, failed
@pytest.fixture
def sent(provider):  # noqa: F811
    """An answer that the provider took: (conversation id, message id, the provider's id of it)."""
    received = provider.say(written(1))
    message_id = provider.answer(received.conversation_id)
    return received.conversation_id, message_id, f"sent-{message_id}"


@on_sqlite
@pytest.mark.parametrize(
    "order", list(itertools.permutations([DELIVERED, READ, FAILED])), ids=lambda order: "-".join(order)
)
def test_receipts_end_in_the_same_state_in_any_order(core, provider, sent, order):  # noqa: F811
    """That it was read is the strongest; that it failed is believed only of what was merely sent."""
    moments = {DELIVERED: LATER, READ: LATER + timedelta(minutes=1), FAILED: LATER}
    for word in order:
        provider.say(DeliveryUpdate(word, moments[word], sent[2], reason="No such person."))

    message = message_of(core, sent[1])
    assert message.delivery_state == "read"
    assert (message.delivered_at, message.read_at) == (moments[DELIVERED], moments[READ])
    assert message.last_error == ""


def test_a_failure_shows_its_reason_and_is_announced(core, provider, sent, monkeypatch):  # noqa: F811
    told = []
    announce = core.plugins.dispatcher.announce
    monkeypatch.setattr(
        core.plugins.dispatcher,
        "announce",
        lambda hook, **values: (told.append((hook, values)), announce(hook, **values)),
    )
    provider.say(DeliveryUpdate(FAILED, LATER, sent[2], reason="Outside of the 24 hours."))

    message = message_of(core, sent[1])
    assert (message.delivery_state, message.last_error) == ("failed", "Outside of the 24 hours.")
    assert activities(core, "delivery_failed") == [{"reason": "Outside of the 24 hours."}]
    failures = [values["failure"] for hook, values in told if hook == "delivery_failed"]
    assert [(one.message.id, one.reason) for one in failures] == [(sent[1], "Outside of the 24 hours.")]


def test_a_receipt_for_an_exchange_reaches_all_that_was_sent_by_then(core, clock, provider, sent):  # noqa: F811
    conversation_id, first, _ = sent
    clock.advance(minutes=10)
    second = provider.answer(conversation_id)
    at = clock.now()
    clock.advance(minutes=10)
    third = provider.answer(conversation_id)

    provider.say(DeliveryUpdate(READ, at, thread_key="t"))
    provider.say(DeliveryUpdate(DELIVERED, clock.now(), thread_key="t"))

    assert [message_of(core, one).delivery_state for one in (first, second, third)] == ["read", "read", "delivered"]
    assert message_of(core, second).read_at == at


@on_sqlite
def test_a_receipt_waits_while_its_message_is_being_sent(core, clock, provider):  # noqa: F811
    received = provider.say(written(1))

    def send(message):
        early = provider.say(DeliveryUpdate(DELIVERED, clock.now(), f"sent-{message.message_id}"))
        whole = provider.say(DeliveryUpdate(READ, clock.now(), thread_key="t"))
        assert (early.state, whole.state) == ("queued", "queued")
        return type(provider).send(provider, message)

    provider.send = send
    message_id = provider.answer(received.conversation_id)
    assert message_of(core, message_id).delivery_state == "sent"
    clock.advance(seconds=5)
    for event_id in due_events(core):
        process_event(core, event_id)
    assert message_of(core, message_id).delivery_state == "read"


# ---- what overtakes its message
def test_an_update_that_came_too_early_is_done_once_its_message_is_there(core, clock, provider):  # noqa: F811
    early = provider.say(MessageEdit("m1", "Better words", LATER))
    assert early.state == "queued"
    assert due_events(core) == []
    provider.say(written(1))
    clock.advance(seconds=3)

    assert due_events(core) == [early.event_id]
    assert process_event(core, early.event_id).state == "new"
    assert core.session.scalar(select(Message.text)) == "Better words"


@on_sqlite
def test_an_update_without_its_message_is_left_alone_after_a_day(core, clock, provider):  # noqa: F811
    early = provider.say(MessageRemoval("m1", LATER))
    attempts = 0
    while state_of(core, early.event_id)[0] == EventState.RECEIVED and attempts < 200:
        clock.advance(minutes=10)
        for event_id in due_events(core):
            attempts += 1
            process_event(core, event_id)

    assert state_of(core, early.event_id) == (
        EventState.IGNORED, "The message it is about is not here. It was waited for.",
    )  # fmt: skip
    assert attempts < 80


@on_sqlite
def test_a_message_does_not_wait_with_the_update_that_came_beside_it(core, clock, provider):  # noqa: F811
    received = provider.say(MessageEdit("m9", "x", LATER), written(1), Reaction("m1", CEM, "👍", LATER))
    assert (received.state, received.message_id is not None) == ("queued", True)
    assert core.session.scalar(select(MessageReaction.emoji)) == "👍"

    clock.advance(days=1)
    process_event(core, received.event_id)
    assert state_of(core, received.event_id)[0] == EventState.PROCESSED
    assert len(core.session.scalars(select(Message.id)).all()) == 1


# ---- changed, taken back
def found(core, words):
    core.session.rollback()
    return len(search(core.session, parse_search(words), agent_id=0).hits)


def test_an_edit_shows_and_is_found_in_the_place_of_the_old_text(core, provider):  # noqa: F811
    received = provider.say(written(1, "The lantern is broken", html="<p>The lantern is broken</p>"))
    provider.say(MessageEdit("m1", "The chandelier is broken", LATER))
    provider.say(MessageEdit("m1", "An older word", NINE))

    message = message_of(core, received.message_id)
    assert (message.text, message.html, message.edited_at) == ("The chandelier is broken", None, LATER)
    assert conversation_of(core, received.conversation_id).preview == "The chandelier is broken"
    assert (found(core, "lantern"), found(core, "chandelier")) == (0, 1)


def test_answers_are_found_until_their_message_is_taken_back(core, provider):  # noqa: F811
    received = provider.say(written(1, "The lantern is broken", answers={"Order number": "L4711"}))
    provider.say(MessageEdit("m1", "The chandelier is broken", LATER))
    assert (found(core, "lantern"), found(core, "chandelier"), found(core, "L4711")) == (0, 1, 1)

    provider.say(MessageRemoval("m1", LATER))
    assert message_of(core, received.message_id).answers is None
    assert found(core, "L4711") == 0


@on_sqlite
def test_an_edit_of_an_older_message_leaves_the_preview(core, provider):  # noqa: F811
    received = provider.say(written(1))
    provider.say(written(2, "The newest"))
    provider.say(MessageEdit("m1", "Changed", LATER))
    assert conversation_of(core, received.conversation_id).preview == "The newest"


def test_a_removal_takes_words_files_and_reactions_with_it(core, provider):  # noqa: F811
    provider.say(written(1, "The first"))
    file = InboundAttachment("lamp.png", "image/png", b"png")
    received = provider.say(written(2, "My secret", attachments=(file,), reply_text="secret", html="<p>secret</p>"))
    provider.say(Reaction("m2", CEM, "👍", LATER))
    assert found(core, "secret") == 1
    provider.say(MessageRemoval("m2", LATER))
    provider.say(MessageEdit("m2", "Still here", LATER + timedelta(minutes=1)))
    provider.say(Reaction("m2", CEM, "👍", LATER + timedelta(minutes=1)))

    message = message_of(core, received.message_id)
    assert (message.text, message.reply_text, message.html, message.removed_at) == ("", None, None, LATER)
    assert found(core, "secret") == 0
    assert core.session.scalars(select(Attachment.id)).all() == []
    assert core.session.scalars(select(MessageReaction.emoji)).all() == []
    conversation = conversation_of(core, received.conversation_id)
    assert (conversation.preview, conversation.has_attachments, conversation.message_count) == ("The first", False, 2)


@on_sqlite
def test_a_removal_of_files_leaves_the_words(core, provider):  # noqa: F811
    file = InboundAttachment("call.mp3", "audio/mpeg", b"sound")
    received = provider.say(written(1, "Voicemail, 0:07", attachments=(file,)))
    provider.say(MessageRemoval("m1", LATER, is_files_only=True))
    provider.say(MessageRemoval("m1", LATER, is_files_only=True))

    message = message_of(core, received.message_id)
    assert (message.text, message.removed_at) == ("Voicemail, 0:07", None)
    assert core.session.scalars(select(Attachment.id)).all() == []
    conversation = conversation_of(core, received.conversation_id)
    assert (conversation.preview, conversation.has_attachments) == ("Voicemail, 0:07", False)


# ---- reactions
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
@on_sqlite
def test_reactions_end_in_the_newest_sign_in_any_order(core, provider, order):  # noqa: F811
    provider.say(written(1))
    steps = [
        Reaction("m1", CEM, "👍", NINE),
        Reaction("m1", CEM, "", LATER, is_removed=True),
        Reaction("m1", CEM, "❤", LATER + timedelta(minutes=1)),
    ]
    for place in order:
        provider.say(steps[place])
    assert core.session.scalars(select(MessageReaction.emoji)).all() == ["❤"]


def test_each_person_has_one_sign_on_a_message(core, provider):  # noqa: F811
    provider.say(written(1))
    dora = Participant("echo", "dora", "Dora")
    for said in (Reaction("m1", CEM, "👍", NINE), Reaction("m1", dora, "🎉", NINE), Reaction("m1", CEM, "❤", LATER)):
        assert provider.say(said).state == "new"
    assert provider.say(Reaction("m1", CEM, "❤", LATER)).state == "duplicate"
    rows = core.session.execute(select(MessageReaction.sender_value, MessageReaction.emoji)).all()
    assert sorted(map(tuple, rows)) == [("cem", "❤"), ("dora", "🎉")]


# ---- conversations
def test_a_provider_sets_status_and_tags_and_says_what_happened(core, provider):  # noqa: F811
    received = provider.say(written(1))
    said = ConversationUpdate(
        LATER, thread_key="t", status="resolved", add_tags=("Bot", " VIP "), activity="Handed over to the bot."
    )
    provider.say(said)
    provider.say(said)
    provider.say(ConversationUpdate(LATER, external_id="m1", remove_tags=("bot",)))

    conversation = conversation_of(core, received.conversation_id)
    assert conversation.status == Status.RESOLVED
    assert [data["tag"] for data in activities(core, "tagged")] == ["bot", "vip"]
    assert [data["tag"] for data in activities(core, "untagged")] == ["bot"]
    assert [data["text"] for data in activities(core, "provider")] == ["Handed over to the bot."]


@on_sqlite
def test_an_older_word_on_the_status_is_overtaken(core, clock, provider, create_agent):  # noqa: F811
    received = provider.say(written(1))
    provider.say(ConversationUpdate(LATER, "t", status="resolved"))
    provider.say(ConversationUpdate(NINE, "t", status="pending"))
    assert conversation_of(core, received.conversation_id).status == Status.RESOLVED

    clock.advance(hours=1)
    conversations.reopen(core, create_agent("Ben"), [received.conversation_id])
    provider.say(ConversationUpdate(LATER + timedelta(minutes=1), "t", status="spam"))
    assert conversation_of(core, received.conversation_id).status == Status.OPEN


@on_sqlite
def test_an_update_of_another_account_touches_nothing(core, provider, create_account):  # noqa: F811
    provider.say(written(1))
    provider.account_id = create_account("echo")
    assert provider.say(MessageRemoval("m1", LATER)).state == "queued"
    assert provider.say(ConversationUpdate(LATER, "t", status="spam")).state == "queued"
    assert core.session.scalar(select(Message.text)) == preview_of("Message 1")


@on_sqlite
def test_an_export_tells_what_happened_to_messages(core, provider):  # noqa: F811
    provider.say(written(1), Reaction("m1", CEM, "👍", LATER), MessageEdit("m1", "Better", LATER))
    provider.say(written(2), MessageRemoval("m2", LATER))
    (exported,) = exported_conversations(core)
    first, second = exported["messages"]
    assert (first["text"], first["edited_at"]) == ("Better", LATER.isoformat())
    assert [one["emoji"] for one in first["reactions"]] == ["👍"]
    assert (second["text"], second["removed_at"], second["reactions"]) == ("", LATER.isoformat(), [])
