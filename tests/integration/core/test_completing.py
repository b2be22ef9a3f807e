"""Promises about events that only name what they bring: the worker fetches it once, and trouble loses nothing."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.jobs.completions import Completions, complete_due
from app.models import Attachment, ChannelAccount, ContactIdentity, EventState, InboundEvent, Message, Notice
from app.plugin_api.channel import Capability
from app.plugin_api.errors import NeedsReauth, Permanent, Temporary
from app.plugin_api.messages import InboundAttachment
from app.services import undelivered
from app.services.intake import process_event
from app.services.journal import due_events, record_events
from tests.integration.core.saying import CEM, Provider, written

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PNG = b"\x89PNG\r\n\x1a\n a lamp"


class Gallery(Provider):
    """A provider whose messages name a picture that has to be fetched; `answers` are what it says, an error or bytes."""

    def __init__(self, core, account_id, monkeypatch, ada) -> None:
        super().__init__(core, account_id, monkeypatch, ada)
        self.answers: list = []
        self.asked = 0
        capabilities = self.channel.capabilities | {Capability.COMPLETE}
        monkeypatch.setattr(self.channel, "capabilities", capabilities, raising=False)
        monkeypatch.setattr(self.channel, "complete", self.complete)
        monkeypatch.setattr(self.channel, "translate", self.translate)

    def complete(self, account, event):
        self.asked += 1
        assert not self.core.session.info.get("is_writing")
        answer = self.answers.pop(0) if self.answers else PNG
        if isinstance(answer, BaseException):
            raise answer
        return replace(event, files={"lamp.png": answer}, meta={**event.meta, "name": "Cem"})

    def translate(self, account, event):
        files = tuple(InboundAttachment(name, "image/png", data) for name, data in event.files.items())
        return [replace(one, attachments=files) for one in self._said[event.payload]]


@pytest.fixture
def gallery(core, create_account, create_agent, monkeypatch):
    return Gallery(core, create_account("echo"), monkeypatch, create_agent("Mira"))


def event_of(core, event_id):
    core.session.rollback()
    return core.session.get(InboundEvent, event_id, populate_existing=True)


def files(core):
    core.session.rollback()
    return core.session.scalars(select(Attachment.filename)).all()


def test_the_worker_fetches_what_an_event_names_before_it_is_read(core, gallery):
    received = gallery.say(written(1), source_key="k")
    assert (received.state, gallery.asked) == ("queued", 0)
    assert not event_of(core, received.event_id).is_complete
    assert due_events(core) == []

    assert complete_due(core) == 1
    event = event_of(core, received.event_id)
    assert (event.state, event.is_complete, event.source_key) == (EventState.PROCESSED, True, "k")
    assert core.files.get(event.files["lamp.png"]) == PNG
    assert event.meta["name"] == "Cem"
    assert files(core) == ["lamp.png"]
    assert (complete_due(core), gallery.asked) == (0, 1)


@on_sqlite
def test_files_that_came_with_an_event_are_handed_to_translate(core, gallery, monkeypatch):
    monkeypatch.setattr(gallery.channel, "capabilities", frozenset())
    event = replace(gallery.event_of(written(1)), files={"a.png": PNG})
    (event_id,) = record_events(core, gallery.account_id, [event])
    assert process_event(core, event_id).state == "new"
    assert files(core) == ["a.png"]


@on_sqlite
def test_a_provider_that_is_away_is_asked_again_when_it_wants_to_be(core, clock, gallery):
    wish = clock.now() + timedelta(minutes=7)
    gallery.answers = [Temporary("away", wish), Temporary("away")]
    received = gallery.say(written(1))
    complete_due(core)
    event = event_of(core, received.event_id)
    assert (event.state, event.next_attempt_at, event.reason) == (EventState.RECEIVED, wish, "away")

    clock.advance(minutes=7)
    complete_due(core)
    assert complete_due(core) == 0
    clock.advance(minutes=2)
    assert complete_due(core) == 1
    assert event_of(core, received.event_id).state == EventState.PROCESSED


@on_sqlite
def test_after_a_day_of_trouble_an_event_is_read_as_it_is(core, clock, gallery):
    gallery.answers = [Temporary("away")] * 1000
    received = gallery.say(written(1))
    for _ in range(24 * 6 + 3):
        complete_due(core)
        clock.advance(minutes=10)
    assert event_of(core, received.event_id).state == EventState.PROCESSED
    assert (files(core), core.session.scalar(select(Message.text))) == ([], "Message 1")
    assert gallery.asked < 200


@on_sqlite
def test_what_can_never_be_fetched_is_read_as_it_is(core, gallery):
    gallery.answers = [Permanent("gone")]
    received = gallery.say(written(1))
    complete_due(core)
    assert event_of(core, received.event_id).state == EventState.PROCESSED
    assert files(core) == []


@on_sqlite
@pytest.mark.parametrize("answer", [KeyError("picture"), SystemExit(), "no bytes", {"no": "bytes"}], ids=str)
def test_a_plugin_that_fails_keeps_no_message_back_for_long(core, clock, gallery, answer, monkeypatch):
    if isinstance(answer, dict):
        monkeypatch.setattr(gallery.channel, "complete", lambda account, event: answer)
    gallery.answers = [answer] * 100
    received = gallery.say(written(1))
    for _ in range(15):
        complete_due(core)
        clock.advance(minutes=1)
    assert event_of(core, received.event_id).state == EventState.PROCESSED


def test_a_credential_that_is_refused_stops_the_account_and_keeps_the_event(core, clock, gallery):
    gallery.answers = [NeedsReauth("the token was revoked")]
    received = gallery.say(written(1))
    complete_due(core)
    later = gallery.say(written(2))
    account = core.session.get(ChannelAccount, gallery.account_id, populate_existing=True)
    assert (account.state, account.last_error) == ("needs_reauth", "the token was revoked")
    assert core.session.scalar(select(Notice.level)) == "error"
    clock.advance(hours=1)
    assert complete_due(core) == 0

    account.state = "active"
    core.session.commit()
    assert complete_due(core) == 2
    assert {event_of(core, one.event_id).state for one in (received, later)} == {EventState.PROCESSED}


@on_sqlite
def test_one_slow_account_holds_up_no_other(core, tidings_app, create_account, gallery, monkeypatch):
    """Each account has a thread of its own."""
    slow, fast = gallery.account_id, create_account("echo")
    is_over, came = threading.Event(), threading.Event()

    def complete(account, event):
        if account.id == slow:
            assert is_over.wait(20)
        else:
            came.set()
        return event

    monkeypatch.setattr(gallery.channel, "complete", complete)
    gallery.say(written(1))
    gallery.account_id = fast
    second = gallery.say(written(2))
    completions = Completions(tidings_app, core)
    completions.look()
    try:
        assert came.wait(20)
    finally:
        is_over.set()
        completions.stop()
    assert event_of(core, second.event_id).state == EventState.PROCESSED


@on_sqlite
def test_an_event_from_the_tray_is_completed_too(core, create_agent, gallery, monkeypatch):
    """It came while its plugin was away: nothing could be fetched then."""
    lead = create_agent("Lea", role="admin")
    received = gallery.say(written(1))
    with monkeypatch.context() as without:
        without.setattr(type(core.plugins), "channels", {})
        assert process_event(core, received.event_id).state == "undelivered"
    assert undelivered.retry_event(core, lead, received.event_id).state == "queued"
    assert complete_due(core) == 1
    assert files(core) == ["lamp.png"]


@on_sqlite
def test_a_stopped_completion_is_taken_up_again(core, clock, gallery):
    """The process died with the event in hand; nothing of it was written."""
    gallery.answers = [KeyboardInterrupt()]
    received = gallery.say(written(1))
    with pytest.raises(KeyboardInterrupt):
        complete_due(core)
    assert complete_due(core) == 0
    clock.advance(minutes=2)
    assert complete_due(core) == 1
    assert event_of(core, received.event_id).state == EventState.PROCESSED


# ---- how contacts look
@pytest.mark.parametrize(
    ("data", "is_kept"),
    [(PNG, True), (b"GIF89a...", True), (b"<svg onload=alert(1)>", False), (PNG + b"x" * 262_144, False)],
    ids=["png", "gif", "svg", "large"],
)
@on_sqlite
def test_a_sender_s_picture_is_kept_when_it_is_a_small_picture(core, gallery, data, is_kept, monkeypatch):
    monkeypatch.setattr(gallery.channel, "capabilities", frozenset())
    gallery.say(written(1, sender_picture=InboundAttachment("cem", "image/png", data)))
    kept = core.session.scalar(select(ContactIdentity.picture_sha256))
    assert (core.files.get(kept) == data) if is_kept else kept is None


def test_a_contact_gets_the_name_and_the_picture_that_come_later(core, gallery, monkeypatch):
    monkeypatch.setattr(gallery.channel, "capabilities", frozenset())
    gallery.say(written(1, sender=replace(CEM, name="")))
    gallery.say(written(2, sender_picture=InboundAttachment("cem", "image/png", PNG)))
    row = core.session.execute(select(ContactIdentity.name, ContactIdentity.picture_sha256)).one()
    assert (row.name, core.files.get(row.picture_sha256)) == ("Cem", PNG)
