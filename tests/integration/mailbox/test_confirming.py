"""Confirmations of receipt through real servers: a customer gets one, marked as automatic, and old mail that is fetched later none."""

from sqlalchemy import select

from app.models import Message
from app.services.delivery import deliver, due_messages
from tests.integration.mailbox.test_mail_round_trip import is_read_to_its_end, read, write_mail

CONFIRMS = {"confirms": "always", "confirmation": "Hello {name}, we have “{subject}” as number {number}."}


def automatic_messages(core):
    core.session.rollback()
    return list(core.session.scalars(select(Message).where(Message.is_automatic)))


def test_a_customer_reads_that_the_message_has_come(core, connect, mail_user, ada, until, dovecot):
    account_id = connect(mail_user, **CONFIRMS)
    until(lambda: is_read_to_its_end(core, account_id))

    mail_user.deliver(write_mail(f"Ada <{ada.address}>", mail_user.address))
    until(lambda: automatic_messages(core))
    for message_id in due_messages(core):
        assert deliver(core, message_id) == "sent"
    (back,) = map(read, dovecot.wait_for_messages(ada.address, 1))

    assert back.get_body(("plain",)).get_content().strip() == "Hello Ada, we have “Where is my order?” as number 1."
    assert (back["Subject"], back["In-Reply-To"]) == ("Re: Where is my order?", "<first@mail.example.org>")
    assert (back["Auto-Submitted"], back["X-Auto-Response-Suppress"]) == ("auto-replied", "All")


def test_only_the_first_message_is_confirmed_and_old_mail_is_not(core, clock, connect, mail_user, ada, until, inbox):
    account_id = connect(mail_user, **CONFIRMS)
    until(lambda: is_read_to_its_end(core, account_id))
    old = {"message_id": "old@mail.example.org", "Date": "Mon, 02 Mar 2020 08:55:00 +0000"}
    mail_user.deliver(write_mail("ben@mail.example.org", mail_user.address, **old))
    mail_user.deliver(write_mail(ada.address, mail_user.address))
    until(lambda: len(automatic_messages(core)) == 1)

    clock.advance(hours=2)
    mail_user.deliver(
        write_mail(
            ada.address, mail_user.address, message_id="2@mail.example.org", In_Reply_To="<first@mail.example.org>"
        )
    )
    until(lambda: len([m for m in inbox.messages() if not m.is_automatic]) == 3)

    (only,) = automatic_messages(core)
    assert only.recipients["to"][0]["value"] == ada.address
