"""Promises of the outbox: a reply leaves once, can be taken back in time, is tried again, and tells why when it cannot leave."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import select, update

from app.domain.backoff import MOST_ATTEMPTS
from app.errors import Conflict, InvalidInput
from app.models import Activity, ChannelAccount, Conversation, DeliveryState, Draft, Message, Notice, Status
from app.plugin_api.errors import NeedsReauth, Permanent, Temporary
from app.plugin_api.messages import SendReceipt
from app.services import replies
from app.services.delivery import LEASE, deliver, due_messages
from app.services.replies import NewFile, ReplyDraft
from tests.integration.core.mails import create_mail


@dataclass
class Provider:
    """Stands at the process border: what the channel would have said to a mail server."""

    answers: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    has_it: bool | BaseException | None = None
    asked: int = 0

    def send(self, account, message):
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        self.sent.append(message)
        return SendReceipt(message.external_id)

    def was_sent(self, account, message):
        self.asked += 1
        if isinstance(self.has_it, BaseException):
            raise self.has_it
        return self.has_it


@pytest.fixture
def provider(core, monkeypatch):
    provider = Provider()
    channel = core.plugins.channels["mailbox"]
    monkeypatch.setattr(channel, "send", provider.send)
    monkeypatch.setattr(channel, "was_sent", provider.was_sent)
    return provider


@pytest.fixture
def ada(create_agent):
    return create_agent("Ada")


@pytest.fixture
def reply_to_mail(core, receive_mail, ada):
    """Receive a mail and queue a reply; gives (conversation id, message id)."""
    received = receive_mail(create_mail())
    return received.conversation_id, replies.reply(core, ada, received.conversation_id, ReplyDraft("It is on its way."))


def message(core, message_id):
    return core.session.get(Message, message_id, populate_existing=True)


def test_a_reply_waits_until_it_can_no_longer_be_taken_back(core, clock, provider, reply_to_mail):
    _, message_id = reply_to_mail

    assert due_messages(core) == []
    assert deliver(core, message_id) is None
    clock.advance(seconds=6)

    assert due_messages(core) == [message_id]
    assert deliver(core, message_id) == DeliveryState.SENT
    assert deliver(core, message_id) is None
    assert len(provider.sent) == 1


def test_a_reply_answers_whoever_wrote_and_names_their_mail(core, clock, provider, reply_to_mail):
    clock.advance(seconds=6)
    deliver(core, reply_to_mail[1])

    sent = provider.sent[0]
    assert [p.value for p in sent.to] == ["ada@mail.example.org"]
    assert sent.in_reply_to == "first@mail.example.org"
    assert sent.references[-1] == "first@mail.example.org"
    assert sent.subject == "Re: Where is my order?"
    assert "> where is order 1047?" in sent.quoted_text
    assert "<p>It is on its way.</p>" in sent.html


def test_a_reply_assigns_and_makes_the_conversation_pending(core, ada, reply_to_mail):
    conversation = core.session.get(Conversation, reply_to_mail[0])

    assert (conversation.assignee_id, conversation.status) == (ada.agent_id, Status.PENDING)
    assert conversation.waiting_since is None


def test_a_reply_taken_back_in_time_never_leaves_and_restores_everything(core, clock, ada, provider, reply_to_mail):
    conversation_id, message_id = reply_to_mail

    assert replies.undo(core, ada, message_id) == "It is on its way."
    clock.advance(minutes=5)

    conversation = core.session.get(Conversation, conversation_id)
    assert due_messages(core) == []
    assert message(core, message_id) is None
    assert (conversation.status, conversation.assignee_id) == (Status.OPEN, None)
    assert conversation.waiting_since is not None
    assert core.session.scalar(select(Draft.text)) == "It is on its way."


def test_taking_back_is_refused_once_it_is_on_its_way(core, clock, ada, provider, reply_to_mail):
    clock.advance(seconds=6)
    deliver(core, reply_to_mail[1])

    with pytest.raises(Conflict):
        replies.undo(core, ada, reply_to_mail[1])


def test_temporary_trouble_is_tried_again_with_growing_pauses(core, clock, provider, reply_to_mail):
    _, message_id = reply_to_mail
    provider.answers = [Temporary("the server is busy"), Temporary("still busy")]
    pauses = []
    for _ in range(2):
        clock.advance(hours=1)
        assert deliver(core, message_id) == DeliveryState.QUEUED
        pauses.append((message(core, message_id).due_at - clock.now()).total_seconds())

    assert 16 <= pauses[0] <= 24
    assert 32 <= pauses[1] <= 48
    assert message(core, message_id).last_error == "still busy"
    clock.advance(hours=1)
    assert deliver(core, message_id) == DeliveryState.SENT


def test_a_refused_message_fails_with_its_reason_and_can_be_tried_again(core, clock, ada, provider, reply_to_mail):
    conversation_id, message_id = reply_to_mail
    provider.answers = [Permanent("550 no such user")]
    clock.advance(seconds=6)

    assert deliver(core, message_id) == DeliveryState.FAILED
    kinds = core.session.scalars(select(Activity.kind).where(Activity.conversation_id == conversation_id)).all()
    assert "delivery_failed" in kinds
    assert message(core, message_id).last_error == "550 no such user"

    replies.retry(core, ada, message_id)
    assert deliver(core, message_id) == DeliveryState.SENT


def test_a_message_given_up_after_many_attempts_fails(core, clock, provider, reply_to_mail):
    _, message_id = reply_to_mail
    provider.answers = [Temporary("away")] * 60
    states = []
    while message(core, message_id).delivery_state != DeliveryState.FAILED:
        clock.advance(hours=8)
        states.append(deliver(core, message_id))

    assert len(states) == MOST_ATTEMPTS


def test_a_refused_sign_in_stops_the_account_and_keeps_the_message(core, clock, provider, reply_to_mail):
    provider.answers = [NeedsReauth("password refused")]
    clock.advance(seconds=6)

    assert deliver(core, reply_to_mail[1]) == DeliveryState.QUEUED
    assert core.session.scalar(select(ChannelAccount.state)) == "needs_reauth"


@pytest.mark.parametrize(("has_it", "sent_again"), [(True, 0), (False, 1), (None, 1)])
def test_after_a_crash_the_provider_is_asked_before_anything_is_sent_again(
    core, clock, provider, reply_to_mail, has_it, sent_again
):
    _, message_id = reply_to_mail
    provider.answers = [KeyboardInterrupt()]
    clock.advance(seconds=6)
    with pytest.raises(KeyboardInterrupt):
        deliver(core, message_id)
    assert message(core, message_id).delivery_state == DeliveryState.SENDING
    assert deliver(core, message_id) is None

    provider.has_it = has_it
    clock.advance(seconds=LEASE.total_seconds() + 1)

    assert deliver(core, message_id) == DeliveryState.SENT
    assert len(provider.sent) == sent_again


@pytest.mark.parametrize("end", [ZeroDivisionError(), SystemExit(1), Temporary("cut off", outcome_unknown=True)])
@pytest.mark.parametrize(("has_it", "sent_again"), [(True, 0), (False, 1), (None, 1)])
def test_after_an_attempt_that_may_have_arrived_the_provider_is_asked_first(
    core, clock, provider, reply_to_mail, end, has_it, sent_again
):
    _, message_id = reply_to_mail
    provider.answers, provider.has_it = [end], has_it
    clock.advance(seconds=6)
    assert deliver(core, message_id) == DeliveryState.QUEUED
    assert provider.asked == 0
    clock.advance(minutes=5)

    assert deliver(core, message_id) == DeliveryState.SENT
    assert (provider.asked, len(provider.sent)) == (1, sent_again)
    assert message(core, message_id).lease_owner == ""


def test_a_doubt_stays_until_the_provider_can_be_asked(core, clock, provider, reply_to_mail):
    _, message_id = reply_to_mail
    provider.answers = [ZeroDivisionError()]
    provider.has_it = Temporary("the mailbox is away")
    for _ in range(3):
        clock.advance(minutes=30)
        assert deliver(core, message_id) == DeliveryState.QUEUED
    provider.has_it = True
    clock.advance(minutes=30)

    assert deliver(core, message_id) == DeliveryState.SENT
    assert (provider.asked, provider.sent) == (3, [])


@pytest.mark.parametrize("end", [Temporary("busy"), NeedsReauth("who are you?"), Permanent("550 no such user")])
def test_after_a_clear_refusal_the_provider_is_not_asked(core, clock, ada, provider, reply_to_mail, end):
    _, message_id = reply_to_mail
    provider.answers, provider.has_it = [end], True
    clock.advance(seconds=6)
    deliver(core, message_id)
    core.session.execute(update(ChannelAccount).values(state="active"))
    core.session.commit()
    replies.retry(core, ada, message_id)

    assert deliver(core, message_id) == DeliveryState.SENT
    assert (provider.asked, len(provider.sent)) == (0, 1)


def test_a_plugin_that_fails_keeps_the_message_in_the_outbox(core, clock, provider, reply_to_mail):
    provider.answers = [ZeroDivisionError(), SystemExit(1)]
    clock.advance(seconds=6)

    assert deliver(core, reply_to_mail[1]) == DeliveryState.QUEUED
    clock.advance(minutes=5)
    assert deliver(core, reply_to_mail[1]) == DeliveryState.QUEUED


def test_files_leave_with_the_reply(core, clock, ada, receive_mail, provider):
    received = receive_mail(create_mail())
    draft = ReplyDraft("See the file.", files=[NewFile("../../label.pdf", "application/pdf", b"%PDF-1.7")])
    message_id = replies.reply(core, ada, received.conversation_id, draft)
    clock.advance(seconds=6)
    deliver(core, message_id)

    assert [(f.filename, f.data) for f in provider.sent[0].attachments] == [("label.pdf", b"%PDF-1.7")]


def test_an_empty_reply_is_refused_with_a_sentence(core, ada, receive_mail):
    received = receive_mail(create_mail())

    with pytest.raises(InvalidInput) as refusal:
        replies.reply(core, ada, received.conversation_id, ReplyDraft("  \n"))

    assert refusal.value.fields == {"text": "Write a message first."}


def open_notices(core):
    core.session.rollback()
    return core.session.scalars(select(Notice.subject).where(Notice.closed_at.is_(None))).all()


def test_admins_hear_of_an_account_that_cannot_send_for_an_hour_until_it_can(core, clock, reply_to_mail, provider):
    _, message_id = reply_to_mail
    account_id = core.session.get(Message, message_id).account_id
    provider.answers = [Temporary("The server is away.") for _ in range(9)]
    for _ in range(8):
        clock.advance(hours=7)
        assert deliver(core, message_id) == "queued"
    assert open_notices(core) == []
    clock.advance(hours=7)
    deliver(core, message_id)
    assert open_notices(core) == [f"account:{account_id}:sending"]
    clock.advance(hours=7)

    assert deliver(core, message_id) == "sent"
    assert open_notices(core) == []


def test_admins_hear_of_an_account_that_must_be_signed_in_again(core, clock, reply_to_mail, provider):
    _, message_id = reply_to_mail
    account_id = core.session.get(Message, message_id).account_id
    provider.answers = [NeedsReauth("The password was refused.")]
    clock.advance(minutes=1)
    deliver(core, message_id)

    assert open_notices(core) == [f"account:{account_id}:sign-in"]
