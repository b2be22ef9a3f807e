"""Promises about what a channel cannot do: it is refused before anything is stored, so that nothing is lost on the way."""

import pytest
from sqlalchemy import func, select

from app.errors import Conflict, InvalidInput
from app.models import Conversation, Message
from app.plugin_api.channel import Capability
from app.plugin_api.messages import Participant, RawEvent
from app.services import replies
from app.services.intake import receive
from app.services.replies import NewFile, ReplyDraft
from plugins.echo.translate import payload_of_echo
from tests.integration.core.mails import create_mail
from tidings import OutboundMessage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ADA = Participant("echo", "ada")
FILE = NewFile("label.pdf", "application/pdf", b"%PDF-1.7")


def limit_echo(core, monkeypatch, *capabilities):
    monkeypatch.setattr(type(core.plugins.channels["echo"]), "capabilities", frozenset(capabilities))


@pytest.fixture(autouse=True)
def text_only(core, monkeypatch):
    """The echo channel as one that carries text alone."""
    limit_echo(core, monkeypatch, Capability.WEBHOOK, Capability.SEND, Capability.BEGIN)


@pytest.fixture
def ada(core, clock, create_account):
    """The number of a conversation that Ada began on the echo channel."""
    account_id = create_account("echo")
    said = OutboundMessage(1, 1, "said-1", to=(ADA,), text="Where is my order?", created_at=clock.now())
    event = RawEvent(payload_of_echo(said, ""), meta={"received_at": clock.now().isoformat()})
    return receive(core, account_id, event).conversation_id


@pytest.fixture
def answers_only(core, monkeypatch, text_only):
    """The echo channel as one whose provider has no way to write first."""
    limit_echo(core, monkeypatch, Capability.WEBHOOK, Capability.SEND)


def stored(core, table):
    return core.session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ReplyDraft("Here.", to=(ADA, Participant("echo", "ben"))), "to"),
        (ReplyDraft("Here.", cc=(Participant("echo", "ben"),)), "cc"),
        (ReplyDraft("Here.", bcc=(Participant("echo", "ben"),)), "bcc"),
        (ReplyDraft("Here.", files=[FILE]), "files"),
    ],
)
def test_an_answer_with_what_its_channel_cannot_carry_is_refused(core, ada, create_agent, draft, field):
    before = stored(core, Message)
    with pytest.raises(InvalidInput) as refusal:
        replies.reply(core, create_agent("Lea"), ada, draft)

    assert set(refusal.value.fields) == {field}
    assert stored(core, Message) == before


def test_a_first_message_with_what_its_channel_cannot_carry_names_every_field(core, create_account, create_agent):
    draft = ReplyDraft("Here.", cc=(Participant("echo", "ben"),), files=[FILE])
    with pytest.raises(InvalidInput) as refusal:
        replies.start_conversation(
            core, create_agent("Lea"), account_id=create_account("echo"), to=ADA, subject="Order", draft=draft
        )

    assert set(refusal.value.fields) == {"subject", "cc", "files"}
    assert stored(core, Conversation) == 0


def test_what_the_channel_can_carry_goes(core, create_account, create_agent, ada):
    lea = create_agent("Lea")
    replies.start_conversation(
        core, lea, account_id=create_account("echo"), to=ADA, subject="", draft=ReplyDraft("Hello.")
    )
    mailbox = create_account("mailbox", address="help@example.com")
    draft = ReplyDraft("Here.", cc=(Participant("email", "ben@x.org"),), files=[FILE])
    to = Participant("email", "ada@x.org")
    replies.start_conversation(core, lea, account_id=mailbox, to=to, subject="Order", draft=draft)

    assert replies.reply(core, lea, ada, ReplyDraft("Soon."))


def test_nobody_begins_through_a_channel_that_can_only_answer(core, create_account, create_agent, answers_only):
    with pytest.raises(Conflict, match="only answer"):
        replies.start_conversation(
            core, create_agent("Lea"), account_id=create_account("echo"), to=ADA, subject="", draft=ReplyDraft("Hello.")
        )


def test_a_channel_that_can_only_answer_answers_who_wrote_and_nobody_else(core, ada, create_agent, answers_only):
    lea = create_agent("Lea")
    with pytest.raises(InvalidInput) as refusal:
        replies.reply(core, lea, ada, ReplyDraft("Soon.", to=(Participant("echo", "ben"),)))

    assert set(refusal.value.fields) == {"to"}
    assert replies.reply(core, lea, ada, ReplyDraft("Soon.", to=(ADA,)))
    assert replies.reply(core, lea, ada, ReplyDraft("Now."))


def test_an_account_that_can_only_answer_does_not_answer_for_another(
    core, ada, create_account, create_agent, answers_only
):
    other = create_account("echo", name="Other")
    with pytest.raises(Conflict):
        replies.reply(core, create_agent("Lea"), ada, ReplyDraft("Soon.", account_id=other))


def test_contact_forms_are_answered_only_through_accounts_that_may_write_first(
    core, create_account, receive_mail, create_agent, monkeypatch
):
    received = receive_mail(create_mail())
    mailbox = type(core.plugins.channels["mailbox"])
    monkeypatch.setattr(mailbox, "capabilities", mailbox.capabilities - {Capability.BEGIN})

    answer_from = core.plugins.channels["webform"].settings_form().answer_from
    assert [choice.value for choice in answer_from.choices] == [0]
    assert replies.reply(core, create_agent("Lea"), received.conversation_id, ReplyDraft("Soon."))
