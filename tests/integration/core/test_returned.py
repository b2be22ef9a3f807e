"""What comes to a return address is known to be about one message and one person, whatever else it says."""

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from app.models import Activity, ContactIdentity, Conversation, InboundEvent, Message
from app.plugin_api.messages import Participant
from app.services import replies
from app.services.automatic import send_automatic
from app.services.replies import ReplyDraft
from app.services.returned import return_tokens
from tests.integration.core.mails import create_mail
from tests.integration.core.test_bounces import bounced, report, state_of

BEN = Participant("email", "ben@x.example")


@pytest.fixture
def answered(core, receive_mail, create_agent):
    """An answer to Ada that Ben got too; later than the conversation it belongs to there is another one."""
    asked = receive_mail(create_mail())
    draft = ReplyDraft("On its way.", cc=(BEN,))
    message_id = replies.reply(core, create_agent(), asked.conversation_id, draft)
    receive_mail(create_mail(message_id="other@mail.example.org", sender="cleo@mail.example.org"))
    return core.session.get(Message, message_id)


@pytest.fixture
def back_to(core, answered):
    """Return a function that gives the return address of a recipient."""

    def address_of(recipient):
        return f"help+{return_tokens(core, answered.id, answered.recipients)[recipient]}@example.com"

    return address_of


def prose(
    to, sender="Postmaster <postmaster@mx.example.org>", subject="Ihre Nachricht", text="Das ging nicht.", **headers
):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = "<prose@mx.example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def conversations(core):
    core.session.rollback()
    return len(core.session.scalars(select(Conversation.id)).all())


def test_a_report_that_names_no_message_finds_it_by_its_address(core, receive_mail, answered, back_to):
    received = receive_mail(
        report("unknown@elsewhere.example", "ben@x.example", returned=[], To=back_to("ben@x.example"))
    )

    assert received.conversation_id == answered.conversation_id
    assert bounced(core) == set()  # Ben is nobody's contact
    told = core.session.scalars(select(Activity.data).where(Activity.kind == "bounced")).one()
    assert (told["message"], told["gone"]) == (answered.id, ["ben@x.example"])


def test_a_report_about_a_forwarded_mail_is_about_whom_we_wrote_to(core, receive_mail, answered, back_to):
    receive_mail(report(None, "ada@work.example", returned=[], To=back_to("ada@mail.example.org")))

    assert bounced(core) == {"ada@mail.example.org"}


def test_what_cannot_be_read_as_a_report_is_shown_as_one(core, receive_mail, answered, back_to):
    before = conversations(core)
    received = receive_mail(
        b"Delivered-To: " + back_to("ada@mail.example.org").encode() + b"\n" + prose("list@mx.example.org")
    )

    message = core.session.get(Message, received.message_id)
    assert (message.kind, received.conversation_id) == ("bounce", answered.conversation_id)
    assert conversations(core) == before
    assert bounced(core) == set()  # nobody said that the address is dead
    assert send_automatic(core, received.conversation_id, "Thank you.") is None


def test_our_own_mail_that_comes_back_as_it_left_is_a_report(core, receive_mail, answered, back_to):
    raw = prose(back_to("ada@mail.example.org"), sender="help@example.com", text="On its way.")
    received = receive_mail(raw.replace(b"prose@mx.example.org", answered.external_id.encode()))

    assert core.session.get(Message, received.message_id).kind == "bounce"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [({"Auto_Submitted": "auto-replied"}, "auto_reply"), ({}, "normal")],
)
def test_what_the_recipient_sends_there_is_theirs(core, receive_mail, answered, back_to, headers, kind):
    before = conversations(core)
    raw = prose(back_to("ada@mail.example.org"), sender="Ada <ada+home@mail.example.org>", **headers)
    received = receive_mail(raw)

    assert core.session.get(Message, received.message_id).kind == kind
    assert (received.conversation_id, conversations(core)) == (answered.conversation_id, before)
    assert state_of(core, answered) != "returned"


def test_nothing_opens_a_conversation_there(core, clock, receive_mail, answered, back_to):
    before, address = conversations(core), back_to("ada@mail.example.org")
    clock.advance(days=11)
    late = receive_mail(prose(address))
    gone = f"help+{return_tokens(core, 999, answered.recipients)['ben@x.example']}@example.com"
    receive_mail(report(None, "ben@x.example", To=gone))
    reasons = core.session.scalars(select(InboundEvent.reason).where(InboundEvent.state == "ignored")).all()

    assert late.state == "ignored"
    assert len(reasons) == 2
    assert "undeliverable" in reasons[0]
    assert conversations(core) == before


def test_a_made_up_address_is_nobodys(core, receive_mail, answered):
    received = receive_mail(prose("help+b-aaaaaaaaaaaaaaaaaaaaaaaaaa@example.com"))

    assert received.conversation_id != answered.conversation_id
    assert core.session.scalar(select(ContactIdentity.bounced_at).limit(1)) is None
