"""Promises about answers that leave later: at their moment and once, changed or cancelled until then, and not after the contact wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Conflict, InvalidInput
from app.models import (
    Activity,
    Agent,
    Conversation,
    DeliveryState,
    Direction,
    Draft,
    DraftFile,
    Message,
    Note,
    Status,
)
from app.plugin_api.exchanges import ReplyRules
from app.services import conversations, replies
from app.services.delivery import deliver, due_messages
from app.services.outgoing import scheduling
from app.services.outgoing.drafts import KeptFiles
from app.services.replies import NewFile, ReplyDraft
from tests.integration.core.mails import create_mail

FRIDAY = timedelta(days=2)
TEXT = "Did the parcel arrive?"
SHOWN = "So it looks:\n\n![The plan](attached:image-1.png)"
PLAN = NewFile("image-1.png", "image/png", b"\x89PNG\r\n\x1a\nplan")
OFFER = NewFile("offer.pdf", "application/pdf", b"%PDF-1.7")


@pytest.fixture
def schedule(core, clock, ada, receive_mail):
    """Return a function that receives a mail and schedules an answer in two days; gives (conversation id, message id)."""

    def create(*, files=(), text=TEXT, **options):
        conversation_id = receive_mail(create_mail()).conversation_id
        draft = ReplyDraft(text, files=files)
        return conversation_id, scheduling.schedule(core, ada, conversation_id, draft, clock.now() + FRIDAY, **options)

    return create


@pytest.fixture
def write_again(receive_mail):
    """Return a function that receives another mail of the contact in the same conversation."""

    def write(message_id="second@mail.example.org", **headers):
        answer = {"In_Reply_To": "<first@mail.example.org>", **headers}
        return receive_mail(create_mail(message_id=message_id, body="One thing more.", **answer))

    return write


def get(core, model, identifier):
    return core.session.get(model, identifier, populate_existing=True)


def drafts(core):
    """Texts of drafts, and names of the files that go along with them."""
    core.session.rollback()
    names = select(DraftFile.filename).where(DraftFile.goes_along)
    return core.session.scalars(select(Draft.text)).all(), core.session.scalars(names).all()


def kinds(core, conversation_id):
    core.session.rollback()
    return list(
        core.session.scalars(
            select(Activity.kind).where(Activity.conversation_id == conversation_id).order_by(Activity.id)
        )
    )


def test_a_scheduled_answer_changes_nothing_until_it_leaves_at_its_moment(core, clock, ada, sent, schedule):
    conversation_id, message_id = schedule()

    before = get(core, Conversation, conversation_id)
    assert (before.status, before.assignee_id) == (Status.OPEN, None)
    assert before.waiting_since is not None
    assert "order 1047" in before.preview
    clock.advance(days=1, hours=23)
    assert due_messages(core) == []
    assert deliver(core, message_id) is None

    clock.advance(hours=1)

    assert due_messages(core) == [message_id]
    assert deliver(core, message_id) == DeliveryState.SENT
    assert deliver(core, message_id) is None
    after = get(core, Conversation, conversation_id)
    assert (after.status, after.assignee_id, after.waiting_since) == (Status.PENDING, ada.agent_id, None)
    assert (after.preview, after.active_at) == (TEXT, clock.now())
    assert [message.created_at for message in sent] == [clock.now()]


def test_an_answer_of_the_contact_takes_it_back_into_its_authors_draft(core, clock, ada, sent, schedule, write_again):
    conversation_id, message_id = schedule(cancels_on_reply=True, files=[OFFER])
    conversations.save_draft(core, ada, conversation_id, "Begun meanwhile.")
    conversations.snooze(core, ada, [conversation_id], clock.now() + timedelta(days=5))

    write_again()
    clock.advance(days=3)

    assert deliver(core, message_id) is None
    assert core.session.scalar(select(Message.id).where(Message.direction == Direction.OUTBOUND)) is None
    assert sent == []
    conversation = get(core, Conversation, conversation_id)
    assert (conversation.status, conversation.message_count) == (Status.OPEN, 2)
    assert core.session.scalar(select(Draft.text)) == f"Begun meanwhile.\n\n{TEXT}"
    told = core.session.scalar(select(Activity.data).where(Activity.kind == "held_back"))
    assert (told["to"], told["files"]) == ("Ada", ["offer.pdf"])
    kept = core.session.scalars(select(DraftFile)).one()
    assert (kept.agent_id, kept.conversation_id, kept.filename) == (ada.agent_id, conversation_id, "offer.pdf")
    assert core.files.get(kept.sha256) == OFFER.data


def test_what_was_cancelled_leaves_again_with_its_pictures_and_the_files_that_are_still_ticked(
    core, clock, ada, sent, schedule
):
    conversation_id, message_id = schedule(text=SHOWN, files=[PLAN, OFFER])
    assert scheduling.cancel(core, ada, message_id) == SHOWN
    ids = {row.filename: row.id for row in core.session.scalars(select(DraftFile))}

    kept = KeptFiles(frozenset(ids.values()), frozenset({ids["image-1.png"]}))
    again = replies.reply(core, ada, conversation_id, ReplyDraft(SHOWN, kept=kept))
    clock.advance(minutes=1)
    deliver(core, again)

    (file,) = sent[0].attachments
    assert (file.filename, file.data) == ("image-1.png", PLAN.data)
    assert f'src="cid:{file.content_id}"' in sent[0].html
    assert drafts(core) == ([], [])


def test_kept_files_are_of_one_agent_and_one_conversation(core, ada, create_agent, schedule, receive_mail):
    conversation_id, message_id = schedule(files=[OFFER])
    scheduling.cancel(core, ada, message_id)
    other = receive_mail(create_mail(message_id="z@x.example", sender="zoe@x.example")).conversation_id
    only = frozenset({core.session.scalar(select(DraftFile.id))})

    for actor, place in ((create_agent("Ben"), conversation_id), (ada, other)):
        with pytest.raises(InvalidInput) as refused:
            replies.reply(core, actor, place, ReplyDraft(TEXT, kept=KeptFiles(only, only)))
        assert list(refused.value.fields) == ["files"]
        conversations.save_draft(core, actor, place, "", kept=KeptFiles(only, frozenset()))
    assert core.session.scalar(select(DraftFile.goes_along))


def test_files_that_come_back_while_the_page_stands_open_are_neither_sent_nor_lost(core, ada, schedule, write_again):
    conversation_id, _ = schedule(cancels_on_reply=True, files=[OFFER])
    write_again()

    answer = replies.reply(core, ada, conversation_id, ReplyDraft("Written meanwhile."))
    conversations.save_draft(core, ada, conversation_id, "")

    assert drafts(core) == ([""], ["offer.pdf"])
    replies.undo(core, ada, answer)
    assert drafts(core) == (["Written meanwhile."], ["offer.pdf"])


def test_two_pictures_of_one_name_come_back_apart(core, ada, schedule, write_again, clock):
    conversation_id, _ = schedule(cancels_on_reply=True, text=SHOWN, files=[PLAN, OFFER])
    other = NewFile("image-1.png", "image/png", b"\x89PNG\r\n\x1a\nother")
    second = ReplyDraft(SHOWN.replace("plan", "view"), files=[other, OFFER])
    scheduling.schedule(core, ada, conversation_id, second, clock.now() + FRIDAY, cancels_on_reply=True)

    write_again()

    names = {row.filename: core.files.get(row.sha256) for row in core.session.scalars(select(DraftFile))}
    assert names == {"image-1.png": PLAN.data, "image-1-2.png": other.data, "offer.pdf": OFFER.data}
    assert "![The view](attached:image-1-2.png)" in core.session.scalar(select(Draft.text))


def test_without_that_condition_it_leaves_and_what_they_wrote_still_waits(core, clock, sent, schedule, write_again):
    conversation_id, message_id = schedule()
    clock.advance(days=1)
    write_again()
    wrote_at = clock.now()
    clock.advance(days=1)

    assert deliver(core, message_id) == DeliveryState.SENT

    conversation = get(core, Conversation, conversation_id)
    assert (conversation.status, conversation.waiting_since) == (Status.OPEN, wrote_at)


def test_a_condition_that_is_set_later_counts_from_then(core, clock, ada, sent, schedule, write_again):
    conversation_id, message_id = schedule()
    write_again()
    at = clock.now() + timedelta(days=1)
    scheduling.reschedule(core, ada, message_id, at, cancels_on_reply=True)
    held_back = scheduling.schedule(core, ada, conversation_id, ReplyDraft("Then this."), at + FRIDAY)
    scheduling.reschedule(core, ada, held_back, at + FRIDAY, cancels_on_reply=True)
    clock.advance(days=1)
    assert deliver(core, message_id) == DeliveryState.SENT

    write_again(message_id="third@mail.example.org")
    clock.advance(days=3)

    assert deliver(core, held_back) is None
    assert core.session.scalar(select(Draft.text)) == "Then this."
    assert [message.text for message in sent] == [TEXT]


def test_an_absence_note_holds_nothing_back(core, clock, sent, schedule, write_again):
    _, message_id = schedule(cancels_on_reply=True)
    write_again(Auto_Submitted="auto-replied")
    clock.advance(days=2)

    assert deliver(core, message_id) == DeliveryState.SENT
    assert [message.text for message in sent] == [TEXT]


def test_what_an_agent_who_left_had_scheduled_becomes_a_note(core, ada, schedule, write_again):
    conversation_id, _ = schedule(cancels_on_reply=True)
    core.session.get(Agent, ada.agent_id).active = False
    core.session.commit()

    write_again()

    assert core.session.scalar(select(Draft.text)) is None
    assert core.session.scalar(select(Note.text).where(Note.conversation_id == conversation_id)) == TEXT


def test_anybody_may_change_the_moment_send_it_now_or_cancel_it(core, clock, create_agent, sent, schedule):
    conversation_id, message_id = schedule()
    ben = create_agent("Ben")

    scheduling.reschedule(core, ben, message_id, clock.now() + timedelta(days=9), cancels_on_reply=True)
    clock.advance(days=3)
    assert deliver(core, message_id) is None
    with pytest.raises(Conflict):
        replies.undo(core, ben, message_id)
    with pytest.raises(Conflict):
        replies.retry(core, ben, message_id)

    assert scheduling.cancel(core, ben, message_id) == TEXT
    assert core.session.scalar(select(Draft.text).where(Draft.agent_id == ben.agent_id)) == TEXT
    assert get(core, Conversation, conversation_id).message_count == 1
    assert kinds(core, conversation_id)[-2:] == ["rescheduled", "unscheduled"]

    again = scheduling.schedule(core, ben, conversation_id, ReplyDraft(TEXT), clock.now() + FRIDAY)
    scheduling.send_now(core, ben, again)
    assert deliver(core, again) == DeliveryState.SENT
    for verb in (scheduling.cancel, scheduling.send_now):
        with pytest.raises(Conflict, match="on its way"):
            verb(core, ben, again)


def test_what_was_resolved_meanwhile_stays_so_when_it_leaves(core, clock, ada, sent, schedule):
    conversation_id, message_id = schedule()
    conversations.resolve(core, ada, [conversation_id])
    clock.advance(days=2)
    deliver(core, message_id)

    assert get(core, Conversation, conversation_id).status == Status.RESOLVED


def test_the_channel_is_asked_again_before_it_leaves(core, clock, ada, sent, schedule, monkeypatch):
    conversation_id, message_id = schedule()
    conversations.set_pending(core, ada, [conversation_id])
    closed = ReplyRules(notice="The time to answer is over.", is_refused=True)
    monkeypatch.setattr(type(core.plugins.channels["mailbox"]), "reply_rules", lambda self, account, exchange: closed)
    assert deliver(core, message_id) is None
    clock.advance(days=2)

    assert deliver(core, message_id) == DeliveryState.FAILED
    assert sent == []
    assert get(core, Message, message_id).last_error == "The time to answer is over."
    assert get(core, Conversation, conversation_id).status == Status.OPEN


def test_a_reminder_wakes_with_the_news_that_nobody_answered(core, clock, ada, sent, receive_mail):
    conversation_id = receive_mail(create_mail()).conversation_id
    until = clock.now() + timedelta(days=3)
    draft = ReplyDraft("Which size do you need?", then=Status.SNOOZED, until=until)
    taken_back = replies.reply(core, ada, conversation_id, draft)
    replies.undo(core, ada, taken_back)
    assert get(core, Conversation, conversation_id).snoozed_until is None

    deliver_id = replies.reply(core, ada, conversation_id, draft)
    clock.advance(minutes=1)
    deliver(core, deliver_id)
    assert get(core, Conversation, conversation_id).snoozed_until == until
    clock.advance(days=3)

    assert conversations.wake_snoozed(core) == 1
    assert get(core, Conversation, conversation_id).status == Status.OPEN
    assert kinds(core, conversation_id)[-1] == "no_answer"
