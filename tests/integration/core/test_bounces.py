"""Promises about delivery reports: they concern only what we sent to whom, and two machines never write to each other for ever."""

import pytest
from sqlalchemy import select, update

from app.models import ChannelAccount, ContactIdentity, Conversation, Message
from app.services import replies
from app.services.automatic import send_automatic
from app.services.core import writing
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail


def report(original_id, *addresses, status="5.1.1", action="failed", sender="MAILER-DAEMON@mx.example.org"):
    """A delivery report (RFC 3464) about a message of ours."""
    parts = [
        f"Final-Recipient: rfc822; {one}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} no\n"
        for one in addresses
    ]
    return "\n".join(
        [
            f"From: {sender}", "To: help@example.com", "Subject: Undelivered Mail Returned to Sender",
            f"Message-ID: <dsn.{len(addresses)}.{original_id}>", "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b",
            "Content-Type: text/plain", "", "I could not deliver your message.", "", "--b",
            "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.org", "", *parts, "--b",
            "Content-Type: text/rfc822-headers", "", f"Message-ID: <{original_id}>", "Subject: Re: Where is my order?", "",
            "--b--", "",
        ]
    )  # fmt: skip


@pytest.fixture
def answered(core, receive_mail, create_agent):
    """A mail of Ada's that was answered; gives our message."""
    received = receive_mail(create_mail())
    message_id = replies.reply(core, create_agent(), received.conversation_id, ReplyDraft("On its way."))
    return core.session.get(Message, message_id)


def bounced(core):
    statement = select(ContactIdentity.value).where(ContactIdentity.bounced_at.is_not(None))
    return set(core.session.scalars(statement))


def state_of(core, message):
    core.session.rollback()
    return core.session.get(Message, message.id, populate_existing=True).delivery_state


def test_a_report_marks_whom_we_wrote_to(core, receive_mail, answered):
    receive_mail(report(answered.external_id, "Ada@Mail.example.org"))

    assert bounced(core) == {"ada@mail.example.org"}
    assert state_of(core, answered) == "failed"


def test_a_report_marks_nobody_we_did_not_write_to(core, receive_mail, answered):
    """Whoever got one mail of ours could otherwise have any of our customers shown as unreachable."""
    receive_mail(create_mail(message_id="2@x.org", sender="ben@x.org"))
    receive_mail(report(answered.external_id, "ada@mail.example.org", "ben@x.org"))
    receive_mail(report("unknown@elsewhere.example", "ben@x.org"))

    assert bounced(core) == {"ada@mail.example.org"}


def test_a_delay_is_no_failure(core, receive_mail, answered):
    before = state_of(core, answered)
    receive_mail(report(answered.external_id, "ada@mail.example.org", status="4.4.1", action="delayed"))

    assert bounced(core) == set()
    assert state_of(core, answered) == before


def test_a_report_about_an_unknown_message_is_shown(core, receive_mail):
    received = receive_mail(report("unknown@elsewhere.example", "ben@x.org"))

    assert received.state == "new"
    assert core.session.get(Conversation, received.conversation_id).waiting_since is None


def test_nobody_is_answered_automatically_who_is_ourselves(core, receive_mail):
    received = receive_mail(create_mail(sender="Help <HELP@example.com>", to="sales@example.com"))
    with writing(core) as unit:
        unit.connection.execute(update(ChannelAccount).values(address="Help@Example.com"))

    assert send_automatic(core, received.conversation_id, "We have your message.") is None


def test_two_installations_that_confirm_everything_fall_silent(core, clock, receive_mail):
    """The other side answers each confirmation of ours with one of its own, properly marked or not."""
    received, sent = receive_mail(create_mail(sender="desk@other.example")), 0
    for turn in range(20):
        message_id = send_automatic(core, received.conversation_id, "We have your message.")
        sent += message_id is not None
        clock.advance(minutes=1)
        last = core.session.scalars(select(Message.external_id).order_by(Message.id.desc())).first()
        received = receive_mail(
            create_mail(
                message_id=f"r{turn}@other.example",
                sender="desk@other.example",
                In_Reply_To=f"<{last}>",
                body=f"{turn}",
            )
        )
    assert sent == 1
