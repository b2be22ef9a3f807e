"""Promises of intake: nothing is lost, nothing is doubled, nobody is joined to a stranger's conversation."""

from sqlalchemy import func, select

from app.models import (
    Contact,
    ContactIdentity,
    Conversation,
    Counter,
    EventState,
    InboundEvent,
    Message,
    MessageDelivery,
    Status,
)
from app.plugin_api.messages import RawEvent
from app.services import conversations, replies, undelivered
from app.services.intake import process_event
from app.services.journal import record_events
from tests.integration.core.mails import create_mail


def counter(core, name):
    return core.session.scalar(select(Counter.value).where(Counter.name == name)) or 0


def count(core, model):
    return core.session.scalar(select(func.count()).select_from(model))


def test_mail_becomes_an_open_conversation_with_a_contact(core, receive_mail):
    result = receive_mail(create_mail())

    conversation = core.session.get(Conversation, result.conversation_id)
    assert result.state == "new"
    assert (conversation.number, conversation.subject, conversation.status) == (1, "Where is my order?", Status.OPEN)
    assert conversation.waiting_since is not None
    assert core.session.scalar(select(ContactIdentity.value)) == "ada@mail.example.org"
    assert core.session.scalar(select(Contact.name)) == "Ada Reader"
    assert counter(core, "status:open") == counter(core, "open:unassigned") == 1
    assert counter(core, "arrived:2026-03-02") == 1


def test_the_same_event_processed_twice_changes_nothing(core, receive_mail):
    result = receive_mail(create_mail())

    again = process_event(core, result.event_id)

    assert again.message_id == result.message_id
    assert count(core, Message) == count(core, Conversation) == 1
    assert counter(core, "status:open") == 1


def test_the_same_mail_on_one_account_is_a_duplicate(core, receive_mail):
    first = receive_mail(create_mail())
    second = receive_mail("Received: from elsewhere\n" + create_mail())

    assert second.state == "duplicate"
    assert second.message_id == first.message_id
    assert count(core, Message) == 1


def test_a_reused_message_id_with_other_content_is_a_new_message(core, receive_mail):
    receive_mail(create_mail(body="Your parcel 1 is on its way."))
    other = receive_mail(create_mail(body="Your parcel 2 is on its way."))

    assert other.state == "new"
    assert count(core, Message) == 2


def test_mails_without_message_id_are_all_kept(core, receive_mail):
    receive_mail(create_mail(message_id="", body="one"))
    receive_mail(create_mail(message_id="", body="two"))

    assert count(core, Message) == 2


def test_one_mail_reaching_two_accounts_is_one_message_with_two_deliveries(core, receive_mail, create_account):
    help_id = create_account("mailbox", address="help@example.com")
    sales_id = create_account("mailbox", address="sales@example.com", name="Sales")

    receive_mail(create_mail(to="help@example.com, sales@example.com"), account_id=help_id)
    receive_mail(create_mail(to="help@example.com, sales@example.com"), account_id=sales_id)

    assert count(core, Message) == 1
    assert count(core, MessageDelivery) == 2


def test_a_fetched_place_is_stored_once(core, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    event = RawEvent(create_mail().encode(), source_key="INBOX:1:7", content_type="message/rfc822")

    assert len(record_events(core, account_id, [event], cursor={"uid": 7})) == 1
    assert record_events(core, account_id, [event], cursor={"uid": 7}) == []
    assert count(core, InboundEvent) == 1


def test_an_answer_joins_by_in_reply_to_and_says_so(core, receive_mail):
    first = receive_mail(create_mail())
    answer = receive_mail(
        create_mail(
            message_id="second@mail.example.org", subject="Something else", In_Reply_To="<first@mail.example.org>"
        )
    )

    assert answer.conversation_id == first.conversation_id
    assert core.session.get(Message, answer.message_id).joined_by == "in_reply_to"


def test_an_equal_subject_or_a_number_in_it_never_joins(core, receive_mail):
    first = receive_mail(create_mail())
    other = receive_mail(
        create_mail(
            message_id="x@other.example.net", sender="ben@other.example.net", subject="Re: Where is my order? [#1]"
        )
    )

    assert other.conversation_id != first.conversation_id


def test_a_stranger_who_names_a_customers_mail_gets_a_conversation_of_their_own(core, receive_mail):
    first = receive_mail(create_mail())
    stranger = receive_mail(
        create_mail(
            message_id="x@other.example.net", sender="eve@other.example.net", In_Reply_To="<first@mail.example.org>"
        )
    )

    assert stranger.conversation_id != first.conversation_id


def test_somebody_in_copy_joins_the_conversation_they_were_named_in(core, receive_mail):
    first = receive_mail(create_mail(Cc="ben@mail.example.org"))
    colleague = receive_mail(
        create_mail(
            message_id="b@mail.example.org", sender="ben@mail.example.org", In_Reply_To="<first@mail.example.org>"
        )
    )

    assert colleague.conversation_id == first.conversation_id


def test_a_parent_that_comes_late_joins_its_answer(core, receive_mail):
    answer = receive_mail(create_mail(message_id="2@mail.example.org", In_Reply_To="<1@mail.example.org>", body="And?"))
    parent = receive_mail(create_mail(message_id="1@mail.example.org"))

    assert parent.conversation_id == answer.conversation_id
    assert core.session.get(Message, parent.message_id).joined_by == "late_parent"


def test_two_people_answering_one_newsletter_are_kept_apart(core, receive_mail):
    ada = receive_mail(create_mail(message_id="a@mail.example.org", In_Reply_To="<news-17@shop.example.net>"))
    ben = receive_mail(
        create_mail(message_id="b@x.example.net", sender="ben@x.example.net", In_Reply_To="<news-17@shop.example.net>")
    )

    assert ada.conversation_id != ben.conversation_id


def test_an_answer_reopens_a_resolved_conversation(core, receive_mail, create_agent):
    first = receive_mail(create_mail())
    conversations.resolve(core, create_agent(), [first.conversation_id])
    assert counter(core, "status:open") == 0

    receive_mail(
        create_mail(message_id="2@mail.example.org", In_Reply_To="<first@mail.example.org>", body="Still not here")
    )

    assert core.session.get(Conversation, first.conversation_id).status == Status.OPEN
    assert counter(core, "status:open") == 1
    assert counter(core, "status:resolved") == 0


def test_our_token_brings_an_answer_home_even_when_other_headers_are_lost(core, receive_mail, create_agent):
    first = receive_mail(create_mail())
    message_id = replies.reply(core, create_agent(), first.conversation_id, replies.ReplyDraft("On its way."))
    ours = core.session.get(Message, message_id).external_id
    token = ours.split(".")[1]
    other = "b" if token[0] == "a" else "a"

    answer = receive_mail(
        create_mail(message_id="p@phone.example.org", sender="ada@phone.example.org", to=f"help+r-{token}@example.com")
    )
    forged = receive_mail(
        create_mail(
            message_id="f@phone.example.org",
            sender="eve@phone.example.org",
            to=f"help+r-{other}{token[1:]}@example.com",
        )
    )

    assert answer.conversation_id == first.conversation_id
    assert core.session.get(Message, answer.message_id).joined_by == "token"
    assert forged.conversation_id != first.conversation_id


def test_a_copy_of_our_own_mail_is_ignored(core, receive_mail, create_agent):
    first = receive_mail(create_mail())
    message_id = replies.reply(core, create_agent(), first.conversation_id, replies.ReplyDraft("On its way."))
    ours = core.session.get(Message, message_id).external_id

    copy = receive_mail(create_mail(message_id=ours, sender="help@example.com", to="ada@mail.example.org"))

    assert copy.state == "ignored"
    assert count(core, Message) == 2


def test_a_bounce_marks_the_message_and_the_address_that_bounced(core, receive_mail, create_agent):
    first = receive_mail(create_mail())
    message_id = replies.reply(core, create_agent(), first.conversation_id, replies.ReplyDraft("On its way."))
    ours = core.session.get(Message, message_id).external_id

    bounce = receive_mail(
        "\n".join(
            [
                "From: MAILER-DAEMON@mx.example.org", "To: help@example.com", "Subject: Undelivered Mail Returned to Sender",
                "Message-ID: <dsn1@mx.example.org>", "MIME-Version: 1.0",
                'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b",
                "Content-Type: text/plain", "", "I could not deliver your message.", "", "--b",
                "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.org", "",
                "Final-Recipient: rfc822; ada@mail.example.org", "Action: failed", "Status: 5.1.1",
                "Diagnostic-Code: smtp; 550 5.1.1 no such user", "", "--b", "Content-Type: message/rfc822", "",
                f"Message-ID: <{ours}>", "Subject: Re: Where is my order?", "", "On its way.", "--b--", "",
            ]
        )
    )  # fmt: skip

    assert bounce.conversation_id == first.conversation_id
    assert core.session.get(Message, message_id).delivery_state == "returned"
    assert "550" in core.session.get(Message, message_id).last_error
    assert core.session.scalar(select(ContactIdentity.bounced_at)) is not None


def test_what_cannot_be_read_waits_in_the_tray_and_can_be_retried(core, receive_mail, create_agent):
    lead = create_agent("Lea", role="lead")
    bad = receive_mail(b"")
    good = receive_mail(create_mail())

    event = core.session.get(InboundEvent, bad.event_id)
    assert bad.state == "undelivered"
    assert event.reason
    assert good.state == "new"
    assert undelivered.raw_event(core, lead, bad.event_id)[0] == b""
    assert undelivered.retry_event(core, lead, bad.event_id).state == "undelivered"
    undelivered.discard_event(core, lead, bad.event_id)
    assert core.session.get(InboundEvent, bad.event_id, populate_existing=True).state == EventState.DISCARDED


def test_hostile_mails_end_in_an_answer_and_do_not_stop_the_next(core, receive_mail):
    parts = "".join(f"--b\nContent-Type: text/plain\n\npart {i}\n" for i in range(5000))
    hostile = {
        "nul": b"\0" * 100_000,
        "nul in text": create_mail(message_id="n@x.example", body="a\0b").encode(),
        "5000 parts": (
            'From: a@x.example\nMessage-ID: <p@x.example>\nContent-Type: multipart/mixed; boundary="b"\n\n'
            + parts
            + "--b--\n"
        ).encode(),
        "40 MB": create_mail(message_id="big@x.example", body="x" * 70 + "\n").encode() + b"y" * 40_000_000,
        "no sender": b"Subject: hi\n\nbody",
    }

    states = {name: receive_mail(raw).state for name, raw in hostile.items()}

    assert set(states.values()) <= {"new", "undelivered"}, states
    assert states["nul in text"] == states["5000 parts"] == states["40 MB"] == "new"
    assert receive_mail(create_mail()).state == "new"
