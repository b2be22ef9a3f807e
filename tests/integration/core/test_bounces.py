"""Promises about delivery reports: they concern only what we sent to whom, and two machines never write to each other for ever."""

import secrets

import pytest
from sqlalchemy import select, update

from app.domain.reply_tokens import address_with_token, make_token
from app.errors import NotFound
from app.models import Activity, ChannelAccount, ContactIdentity, Conversation, Message
from app.plugin_api.messages import Participant
from app.services import bounced_addresses, conversations, replies
from app.services.automatic import send_automatic
from app.services.core import writing
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail


def report(
    original_id,
    *addresses,
    status="5.1.1",
    action="failed",
    sender="MAILER-DAEMON@mx.example.org",
    returned=None,
    **headers,
):
    """A delivery report (RFC 3464) about a message of ours. `returned` stands in for the header of the returned mail."""
    parts = [
        f"Final-Recipient: rfc822; {one}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} no\n"
        for one in addresses
    ]
    if returned is None:
        returned = [f"Message-ID: <{original_id}>", "Subject: Re: Where is my order?"]
    named = {"To": "help@example.com", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return "\n".join(
        [
            f"From: {sender}", "Subject: Undelivered Mail Returned to Sender", *(f"{k}: {v}" for k, v in named.items()),
            f"Message-ID: <dsn.{secrets.token_hex(6)}@mx.example.org>", "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b",
            "Content-Type: text/plain", "", "I could not deliver your message.", "", "--b",
            "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.org", "", *parts, "--b",
            "Content-Type: text/rfc822-headers", "", *returned, "", "--b--", "",
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
    assert state_of(core, answered) == "returned"


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


def conversation_of(core, message):
    core.session.rollback()
    return core.session.get(Conversation, message.conversation_id, populate_existing=True)


def told(core):
    core.session.rollback()
    return list(core.session.scalars(select(Activity.data).where(Activity.kind == "bounced").order_by(Activity.id)))


def hear(core, monkeypatch):
    heard = []
    announce = core.plugins.dispatcher.announce
    monkeypatch.setattr(
        core.plugins.dispatcher,
        "announce",
        lambda hook, **values: (heard.append((hook, values)), announce(hook, **values)),
    )
    return lambda: [values["failure"] for hook, values in heard if hook == "delivery_failed"]


# ---- which message it is about
def test_a_report_finds_its_message_by_what_it_answers(core, receive_mail, answered):
    """Some servers cut off the returned mail and name it in the header of the report alone."""
    receive_mail(
        report("", "ada@mail.example.org", returned=["X-Nothing: kept"], In_Reply_To=f"<{answered.external_id}>")
    )

    assert bounced(core) == {"ada@mail.example.org"}
    assert state_of(core, answered) == "returned"


def test_a_report_finds_its_message_by_any_id_of_the_returned_part(core, receive_mail, create_agent, answered):
    second = replies.reply(core, create_agent("Ben"), answered.conversation_id, ReplyDraft("One more thing."))
    returned = ["Subject: other", f"References: <first@mail.example.org> <{answered.external_id}>"]

    receive_mail(report("", "ada@mail.example.org", returned=returned))

    assert state_of(core, core.session.get(Message, second)) == "returned"
    assert bounced(core) == {"ada@mail.example.org"}


@pytest.mark.parametrize("place", ["id", "address"])
def test_a_report_finds_its_message_by_our_token(core, receive_mail, answered, place):
    token = make_token(core.vault.derived("reply token")[0], answered.conversation_id)
    if place == "id":
        mail = report("", "ada@mail.example.org", returned=[f"Message-ID: <t.{token}.aaaa2222@gateway.example>"])
    else:
        to = address_with_token("help@example.com", token)
        mail = report("", "ada@mail.example.org", returned=["X-Nothing: kept"], To=to)
    receive_mail(mail)

    assert state_of(core, answered) == "returned"
    assert conversation_of(core, answered).message_count == 3


def test_recipient_and_subject_bring_a_report_home_and_mark_nothing(core, clock, receive_mail, answered):
    returned = ["Subject: Re: Where is my order?"]
    near = receive_mail(report("", "ada@mail.example.org", returned=returned))
    other = receive_mail(report("", "ada@mail.example.org", returned=["Subject: Something else"]))
    clock.advance(days=6)
    late = receive_mail(report("", "ada@mail.example.org", returned=returned))

    assert near.conversation_id == answered.conversation_id
    assert answered.conversation_id not in (other.conversation_id, late.conversation_id)
    assert bounced(core) == set()
    assert state_of(core, answered) == "queued"


# ---- what it changes
def test_a_message_comes_back_when_its_last_recipient_does(core, receive_mail, create_agent, monkeypatch):
    received, failures = receive_mail(create_mail()), hear(core, monkeypatch)
    people = tuple(Participant("email", f"{name}@mail.example.org") for name in ("ada", "ben", "cleo"))
    message_id = replies.reply(
        core, create_agent(), received.conversation_id, ReplyDraft("Hello", to=people[:2], cc=people[2:])
    )
    message = core.session.get(Message, message_id)

    receive_mail(report(message.external_id, "ben@mail.example.org"))
    assert state_of(core, message) == "queued"
    assert "ben@mail.example.org" in core.session.get(Message, message_id).last_error
    receive_mail(report(message.external_id, "ada@mail.example.org", "ben@mail.example.org"))
    assert (state_of(core, message), failures()) == ("queued", [])
    receive_mail(report(message.external_id, "cleo@mail.example.org"))

    assert state_of(core, message) == "returned"
    assert [failure.message.id for failure in failures()] == [message_id]
    receive_mail(report(message.external_id, "cleo@mail.example.org"))
    assert len(failures()) == 1


def test_a_conversation_opens_again_and_stays_with_its_agent(core, receive_mail, create_agent, answered):
    agent = create_agent("Ben")
    conversations.assign(core, agent, [answered.conversation_id], agent.agent_id)
    conversations.resolve(core, agent, [answered.conversation_id])

    receive_mail(report(answered.external_id, "ada@mail.example.org", status="4.4.1", action="delayed"))
    assert conversation_of(core, answered).status == "resolved"
    receive_mail(report(answered.external_id, "ada@mail.example.org"))

    found = conversation_of(core, answered)
    assert (found.status, found.assignee_id) == ("open", agent.agent_id)
    assert found.waiting_since is not None


def test_an_automatic_answer_that_comes_back_wakes_nobody(core, receive_mail, create_agent):
    received = receive_mail(create_mail())
    message = core.session.get(Message, send_automatic(core, received.conversation_id, "We have your message."))
    conversations.resolve(core, create_agent(), [received.conversation_id])

    receive_mail(report(message.external_id, "ada@mail.example.org"))

    assert conversation_of(core, message).status == "resolved"
    assert state_of(core, message) == "returned"
    assert bounced(core) == {"ada@mail.example.org"}


def test_a_full_mailbox_is_no_dead_address_until_it_was_full_five_times(core, receive_mail, create_agent, answered):
    agent = create_agent("Ben")
    for number in range(5):
        assert bounced(core) == set()
        message_id = replies.reply(core, agent, answered.conversation_id, ReplyDraft(f"Number {number}"))
        message = core.session.get(Message, message_id)
        receive_mail(report(message.external_id, "ada@mail.example.org", status="5.2.2"))
        assert state_of(core, message) == "returned"

    assert bounced(core) == {"ada@mail.example.org"}


def test_what_was_refused_for_its_content_says_nothing_of_the_address(core, receive_mail, answered):
    receive_mail(report(answered.external_id, "ada@mail.example.org", status="5.7.1"))

    assert core.session.scalars(select(ContactIdentity.soft_bounces)).all() == [0]
    assert state_of(core, answered) == "returned"


def test_mail_from_an_address_shows_that_it_works(core, receive_mail, answered):
    receive_mail(report(answered.external_id, "ada@mail.example.org"))
    receive_mail(create_mail(message_id="auto@mail.example.org", Auto_Submitted="auto-replied", body="Away"))
    assert bounced(core) == {"ada@mail.example.org"}

    receive_mail(create_mail(message_id="2@mail.example.org", body="I am back."))

    assert bounced(core) == set()
    row = core.session.scalars(select(ContactIdentity).where(ContactIdentity.value == "ada@mail.example.org")).one()
    assert (row.bounce_status, row.bounce_reason, row.soft_bounces) == ("", "", 0)


def test_mail_in_the_name_of_an_address_shows_nothing(core, receive_mail, answered):
    receive_mail(report(answered.external_id, "ada@mail.example.org"))
    receive_mail(create_mail(message_id="3@x.org", sender="help@example.com", Reply_To="ada@mail.example.org"))

    assert bounced(core) == {"ada@mail.example.org"}


def test_an_agent_says_that_an_address_works_again(core, receive_mail, create_agent, answered):
    receive_mail(report(answered.external_id, "ada@mail.example.org"))
    contact_id = conversation_of(core, answered).contact_id

    bounced_addresses.say_it_works(core, create_agent("Ben"), contact_id, "email", "ada@mail.example.org")

    assert bounced(core) == set()
    with pytest.raises(NotFound):
        bounced_addresses.say_it_works(core, create_agent("Cleo"), contact_id + 99, "email", "ada@mail.example.org")


def test_agents_read_whom_it_did_not_reach_and_why(core, receive_mail, answered):
    receive_mail(report(answered.external_id, "ada@mail.example.org"))
    receive_mail(report("unknown@elsewhere.example", "ben@x.org", status="4.4.1", action="delayed"))

    first, second = told(core)
    assert (first["addresses"], first["status"], first["diagnostic"]) == (
        ["ada@mail.example.org"],
        "5.1.1",
        "550 5.1.1 no",
    )
    assert (first["message"], first["is_delayed"]) == (answered.id, False)
    assert (second["message"], second["is_delayed"]) == (None, True)


# ---- machines
def test_nobody_is_answered_automatically_who_is_ourselves(core, receive_mail):
    received = receive_mail(create_mail(sender="Help <HELP@example.com>", to="sales@example.com"))
    with writing(core) as unit:
        unit.connection.execute(update(ChannelAccount).values(address="Help@Example.com"))

    assert send_automatic(core, received.conversation_id, "We have your message.") is None


def test_two_installations_that_confirm_everything_fall_silent(core, clock, receive_mail):
    """The other side answers each confirmation of ours at once with one of its own that carries no mark, for three days."""
    received, sent = receive_mail(create_mail(sender="desk@other.example", sent_at=clock.now())), []
    for turn in range(3 * 24 * 4):
        if send_automatic(core, received.conversation_id, "We have your message.") is not None:
            sent.append(turn * 15 / 60)
        clock.advance(minutes=15)
        received = receive_mail(
            create_mail(
                message_id=f"r{turn}@other.example",
                sender="desk@other.example",
                sent_at=clock.now(),
                body=f"We have it {turn}",
            )
        )
    assert sent == [0, 1, 3, 7, 15, 31, 63]
