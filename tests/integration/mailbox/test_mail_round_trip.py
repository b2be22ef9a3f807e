"""A customer's mail becomes a conversation within seconds, and the answer comes back threaded: through real servers, both ways."""

import email
import email.policy
import time
from email.message import EmailMessage

from app.models import ChannelAccount, Conversation, Message
from app.services import accounts
from app.services.delivery import LEASE, deliver
from app.services.replies import ReplyDraft, reply
from app.testing.servers.fixtures import MailUser


def write_mail(
    sender, to, *, subject="Where is my order?", message_id="first@mail.example.org", text="Where is it?", **headers
):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, to, subject, f"<{message_id}>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes(policy=email.policy.SMTP)


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def is_read_to_its_end(core, account_id):
    return core.session.get(ChannelAccount, account_id, populate_existing=True).cursor


def test_mail_appears_within_two_seconds_and_its_answer_is_threaded(
    core, connect, mail_user, ada, until, inbox, answer, dovecot
):
    account_id = connect(mail_user, sent_copy="append", signature="Example Ltd", display_name="Example Support")
    until(lambda: is_read_to_its_end(core, account_id))
    time.sleep(0.5)  # the poller settles into IDLE

    started = time.monotonic()
    mail_user.deliver(write_mail(ada.address, mail_user.address))
    (first,) = until(inbox.messages)
    noticed_s = time.monotonic() - started
    answer(first.conversation_id)
    (back,) = map(read, dovecot.wait_for_messages(ada.address, 1))
    (copy,) = map(read, dovecot.wait_for_messages(mail_user.address, 1, mailbox="Sent"))

    assert noticed_s < 2
    assert (back["From"], back["To"]) == (f"Example Support <{mail_user.address}>", ada.address)
    assert back["Subject"] == "Re: Where is my order?"
    assert back["In-Reply-To"] == "<first@mail.example.org>"
    assert back["References"].split()[-1] == "<first@mail.example.org>"
    assert "It is on its way.\n\n-- \nExample Ltd" in back.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert copy["Message-ID"] == back["Message-ID"]

    mail_user.deliver(
        write_mail(
            ada.address,
            mail_user.address,
            message_id="2@mail.example.org",
            text="Thanks!",
            In_Reply_To=back["Message-ID"],
        )
    )
    third = until(lambda: len(inbox.messages()) == 3 and inbox.messages()[-1])
    assert (third.conversation_id, third.joined_by) == (first.conversation_id, "in_reply_to")


def test_mail_that_came_while_the_account_was_being_connected_is_not_missed(connect, mail_user, ada, until, inbox):
    connect(mail_user)
    mail_user.deliver(write_mail(ada.address, mail_user.address))

    assert until(inbox.subjects) == ["Where is my order?"]


def test_a_changed_password_stops_the_account_and_nothing_is_lost_meanwhile(
    core, lea, connect, mail_user, ada, until, inbox, dovecot
):
    account_id = connect(mail_user)
    until(lambda: is_read_to_its_end(core, account_id))
    dovecot.add_user(mail_user.address, "another")
    mail_user.deliver(write_mail(ada.address, mail_user.address, subject="One", message_id="1@x.example"))

    until(lambda: core.session.get(ChannelAccount, account_id, populate_existing=True).state == "needs_reauth")
    assert "Authentication failed" in core.session.get(ChannelAccount, account_id).last_error
    mail_user.deliver(write_mail(ada.address, mail_user.address, subject="Two", message_id="2@x.example"))
    assert inbox.subjects() == []

    row = core.session.get(ChannelAccount, account_id)
    name, settings = row.name, dict(row.settings)
    accounts.update_account(core, lea, account_id, name=name, settings=settings, secrets={"password": "another"})

    assert until(lambda: len(inbox.subjects()) == 2 and inbox.subjects()) == ["One", "Two"]
    assert core.session.get(ChannelAccount, account_id, populate_existing=True).state == "active"


def test_an_account_resumed_after_its_password_was_put_right_goes_on(
    core, lea, connect, mail_user, ada, until, inbox, dovecot
):
    account_id = connect(mail_user)
    until(lambda: is_read_to_its_end(core, account_id))
    dovecot.add_user(mail_user.address, "another")
    mail_user.deliver(write_mail(ada.address, mail_user.address))
    until(lambda: core.session.get(ChannelAccount, account_id, populate_existing=True).state == "needs_reauth")

    dovecot.add_user(mail_user.address, mail_user.password)
    accounts.resume_account(core, lea, account_id)

    assert until(inbox.subjects) == ["Where is my order?"]


def test_a_server_that_goes_away_is_waited_for(core, clock, connect, own_dovecot, until, inbox):
    own_dovecot.add_user("help@example.test")
    user = MailUser(own_dovecot, "help@example.test", "secret")
    account_id = connect(user)
    until(lambda: is_read_to_its_end(core, account_id))
    own_dovecot.kill()

    until(lambda: core.session.get(ChannelAccount, account_id, populate_existing=True).failures)
    row = core.session.get(ChannelAccount, account_id)
    assert (row.state, bool(row.next_attempt_at)) == ("active", True)
    own_dovecot.start()
    own_dovecot.deliver(user.address, write_mail("ada@mail.example.org", user.address))
    clock.advance(minutes=20)

    assert until(inbox.subjects) == ["Where is my order?"]
    until(lambda: core.session.get(ChannelAccount, account_id, populate_existing=True).failures == 0)


def test_a_renumbered_folder_doubles_nothing_and_loses_nothing(
    core, clock, connect, own_dovecot, pollers, until, inbox
):
    own_dovecot.add_user("help@example.test")
    user = MailUser(own_dovecot, "help@example.test", "secret")
    connect(user)
    for number in range(5):
        mail = write_mail("ada@x.example", user.address, subject=f"Mail {number}", message_id=f"{number}@x.example")
        own_dovecot.deliver(user.address, mail)
    until(lambda: len(inbox.subjects()) == 5)
    pollers.stop()
    own_dovecot.stop()
    late = write_mail("ada@x.example", user.address, subject="Late", message_id="late@x.example", text="Late")
    own_dovecot.deliver(user.address, late)
    own_dovecot.renumber(user.address)
    own_dovecot.start()
    clock.advance(minutes=20)

    until(lambda: "Late" in inbox.subjects())
    time.sleep(0.5)
    core.session.rollback()

    assert sorted(inbox.subjects()) == ["Late", *(f"Mail {number}" for number in range(5))]


def test_backfill_brings_earlier_mail_once(core, lea, clock, connect, mail_user, ada, until, inbox):
    mail_user.deliver(write_mail(ada.address, mail_user.address, subject="Earlier", message_id="0@x.example"))
    clock.advance(days=1)  # the account is connected long after that
    account_id = connect(mail_user)
    until(lambda: is_read_to_its_end(core, account_id))
    assert inbox.subjects() == []

    for _ in range(2):
        accounts.start_backfill(core, lea, account_id, clock.now().replace(year=2020))
        until(lambda: core.session.get(ChannelAccount, account_id, populate_existing=True).backfill_since is None)

    assert inbox.subjects() == ["Earlier"]


def test_an_answer_sent_just_before_a_crash_is_not_sent_again(
    core, clock, lea, connect, mail_user, ada, until, inbox, create_smtp_server, dovecot, monkeypatch
):
    server = create_smtp_server(mailboxes=dovecot, keeps_sent=True)
    connect(mail_user, smtp_port=server.port, sent_copy="server")
    mail_user.deliver(write_mail(ada.address, mail_user.address))
    (first,) = until(inbox.messages)
    message_id = reply(core, lea, first.conversation_id, ReplyDraft("On its way."))
    channel = core.plugins.channels["mailbox"]
    send = channel.send

    def crash_after_sending(account, message):
        send(account, message)
        raise KeyboardInterrupt

    monkeypatch.setattr(channel, "send", crash_after_sending)
    try:
        deliver(core, message_id)
    except KeyboardInterrupt:
        core.session.rollback()
    monkeypatch.setattr(channel, "send", send)
    clock.advance(seconds=LEASE.total_seconds() + 1)

    assert deliver(core, message_id) == "sent"
    assert len(server.messages) == 1
    assert core.session.get(Message, message_id, populate_existing=True).delivery_state == "sent"


def test_a_tagged_sender_is_the_contact_that_is_known(core, connect, mail_user, until, inbox):
    connect(mail_user)
    for number, sender in enumerate(("ada@x.example", "ada+shop@x.example")):
        mail_user.deliver(write_mail(sender, mail_user.address, subject=str(number), message_id=f"{number}@x.example"))
    messages = until(lambda: len(inbox.messages()) == 2 and inbox.messages())

    contacts = {core.session.get(Conversation, message.conversation_id).contact_id for message in messages}

    assert len(contacts) == 1
