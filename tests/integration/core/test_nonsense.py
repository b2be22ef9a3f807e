"""Promises about plugins that answer nonsense: each event ends in the inbox or in the tray, and the next one is not kept waiting."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.models import EventState, InboundEvent, Message
from app.plugin_api.messages import (
    Bounce,
    BouncedRecipient,
    ContactFacts,
    InboundAttachment,
    InboundMessage,
    MessageKind,
    Participant,
    RawEvent,
)
from app.plugin_api.updates import (
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    MessageEdit,
    MessageRemoval,
    Reaction,
)
from app.services.intake import process_event, receive
from app.services.journal import record_events

ADA = Participant("email", "ada@example.com", "Ada")
GOOD = InboundMessage("one@example.com", ADA, "Hello", datetime(2026, 3, 2, 8, 0, tzinfo=UTC), "key-1", subject="Hi")
NUL, SURROGATE = "a\0b", "a\ud800b"

TEXT_FIELDS = ("external_id", "text", "content_key", "subject", "html", "reply_text", "thread_key", "in_reply_to")


def soiled(dirt: str) -> InboundMessage:
    """A message with `dirt` in every place where a text may stand."""
    person = Participant("email", f"{dirt}@example.com", dirt)
    return replace(
        GOOD,
        **{name: dirt for name in TEXT_FIELDS},
        sender=person,
        to=(person,),
        cc=(person,),
        reply_to=(person,),
        references=(dirt, f"{dirt}2"),
        attachments=(InboundAttachment(dirt, dirt, b"x", inline=True, content_id=dirt),),
        fields={dirt: dirt},
        defects=(dirt,),
        tags=(dirt, f"{dirt}2"),
        contact=ContactFacts(dirt, dirt),
    )


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NONSENSE = {
    "an update of nothing": [MessageRemoval("", NOON)],
    "a receipt for nobody": [DeliveryUpdate(DeliveryWord.READ, NOON)],
    "an unknown word": [DeliveryUpdate("seen", NOON, "m1")],
    "a naive moment of an update": [MessageEdit("m1", "x", datetime(2026, 3, 2, 8, 0))],
    "a reaction of nobody": [Reaction("m1", Participant("email", ""), "+", NOON)],
    "a status of agents": [ConversationUpdate(NOON, "t", status="snoozed")],
    "an echo for nobody": [replace(GOOD, is_echo=True)],
    "a picture that is a text": [replace(GOOD, sender_picture="cem.png")],
    "nothing": None,
    "a number": 7,
    "texts": ["hello"],
    "None in a list": [None],
    "a sender that is a text": [replace(GOOD, sender="ada@example.com")],
    "no sender": [replace(GOOD, sender=None)],
    "a sender without an address": [replace(GOOD, sender=Participant("email", ""))],
    "an address that is a number": [replace(GOOD, sender=Participant("phone", 4711))],
    "a naive moment": [replace(GOOD, sent_at=datetime(2026, 3, 2, 8, 0))],
    "a moment where time begins": [replace(GOOD, sent_at=datetime(1, 1, 1, tzinfo=UTC))],
    "a text for a moment": [replace(GOOD, sent_at="yesterday")],
    "no moment": [replace(GOOD, sent_at=None)],
    "no text": [replace(GOOD, text=None)],
    "bytes for a text": [replace(GOOD, text=b"Hello")],
    "an unknown kind": [replace(GOOD, kind="shout")],
    "no kind": [replace(GOOD, kind=None)],
    "people that are texts": [replace(GOOD, to=("ada@example.com",))],
    "files that are texts": [replace(GOOD, attachments=("a.pdf",))],
    "a file without bytes": [replace(GOOD, attachments=(InboundAttachment("a.pdf", "application/pdf", None),))],
    "fields that are no JSON": [replace(GOOD, fields={"when": datetime(2026, 3, 2, tzinfo=UTC), "who": {1, 2}})],
    "a list of fields": [replace(GOOD, fields=["a"])],
    "a bounce that is a text": [replace(GOOD, kind=MessageKind.BOUNCE, bounce="returned")],
    "references that are numbers": [replace(GOOD, references=(1, 2))],
    "a tag that is a text": [replace(GOOD, tags="urgent")],
    "tags that are numbers": [replace(GOOD, tags=(1, 2))],
    "an unknown priority": [replace(GOOD, priority="asap")],
    "a priority that is a number": [replace(GOOD, priority=3)],
    "facts that are a mapping": [replace(GOOD, contact={"phone": "1"})],
    "a phone that is a number": [replace(GOOD, contact=ContactFacts(phone=4711))],
    "NUL everywhere": [soiled(NUL)],
    "half characters everywhere": [soiled(SURROGATE)],
}


@pytest.fixture
def translate_to(core, monkeypatch):
    """Return a function that makes the echo channel answer something."""

    def set_answer(answer):
        monkeypatch.setattr(core.plugins.channels["echo"], "translate", lambda account, event: answer)

    return set_answer


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_ends_in_an_answer_and_never_stays_in_the_way(core, create_account, translate_to, answer):
    account_id = create_account("echo")
    translate_to(answer)

    result = receive(core, account_id, RawEvent(b"raw"))

    assert result.state in ("new", "undelivered")
    event = core.session.get(InboundEvent, result.event_id)
    assert event.state in (EventState.PROCESSED, EventState.UNDELIVERED)
    assert event.state == EventState.PROCESSED or event.reason


@pytest.mark.parametrize("dirt", [NUL, SURROGATE], ids=["NUL", "half character"])
def test_what_no_database_can_hold_is_taken_out_and_the_message_is_kept(core, create_account, translate_to, dirt):
    account_id = create_account("echo")
    translate_to([soiled(dirt)])

    result = receive(core, account_id, RawEvent(b"raw"))

    message = core.session.get(Message, result.message_id)
    held = repr([message.subject, message.text, message.html, message.recipients, message.fields, message.defects])
    assert result.state == "new"
    assert "\\x00" not in held
    assert "\\ud800" not in held


def test_huge_values_are_cut_and_kept(core, create_account, translate_to):
    account_id = create_account("echo")
    crowd = tuple(Participant("email", f"p{i}@example.com", "x" * 1000) for i in range(10_000))
    huge = replace(
        GOOD,
        external_id="i" * 10_000,
        subject="s" * 100_000,
        text="t" * 3_000_000,
        to=crowd,
        cc=crowd,
        references=tuple(f"{i}" + "r" * 10_000 for i in range(1000)),
        in_reply_to="r" * 10_000,
        thread_key="k" * 10_000,
        sender=Participant("email", "a" * 10_000 + "@example.com", "n" * 10_000),
        defects=("d" * 10_000,) * 1000,
        fields={f"{i}" + "f" * 1000: "v" * 10_000 for i in range(1000)},
    )
    translate_to([huge])

    assert receive(core, account_id, RawEvent(b"raw")).state == "new"
    translate_to([replace(huge, external_id="next", content_key="key-2")])
    assert receive(core, account_id, RawEvent(b"raw 2")).state == "new"
    assert len(core.session.scalars(select(Message.conversation_id).distinct()).all()) == 1


def test_messages_without_a_content_key_are_not_taken_for_copies(core, create_account, translate_to):
    account_id = create_account("echo")
    for text in ("First", "Second"):
        translate_to([replace(GOOD, external_id="", content_key="", text=text)])
        assert receive(core, account_id, RawEvent(text.encode())).state == "new"


def test_long_places_that_begin_alike_are_different_places(core, create_account, translate_to):
    account_id = create_account("echo")
    for number in range(2):
        translate_to([replace(GOOD, external_id=f"{number}", content_key=f"{number}")])
        place = "p" * 400 + str(number)
        assert receive(core, account_id, RawEvent(b"raw", source_key=place)).state == "new"
        assert receive(core, account_id, RawEvent(b"raw", source_key=place)).state == "duplicate"


def test_a_bounce_of_nonsense_is_kept(core, create_account, translate_to):
    account_id = create_account("echo")
    bounce = Bounce((BouncedRecipient(None, 5, permanent=True), BouncedRecipient("", permanent=True)), original_id=7)
    translate_to([replace(GOOD, kind=MessageKind.BOUNCE, bounce=bounce)])

    assert receive(core, account_id, RawEvent(b"raw")).state in ("new", "undelivered")


def test_an_event_whose_bytes_are_gone_waits_in_the_tray(core, create_account, monkeypatch):
    account_id = create_account("echo")
    event_id = record_events(core, account_id, [RawEvent(b"raw")])[0]
    monkeypatch.setattr(type(core.files), "get", lambda self, sha256: (_ for _ in ()).throw(FileNotFoundError(sha256)))

    assert process_event(core, event_id).state == "undelivered"
