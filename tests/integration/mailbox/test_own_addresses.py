"""Mail that reaches us at more than one address: each is answered from where it was written to, and none is told twice or lost."""

import pytest
from sqlalchemy import select

from app.errors import Conflict
from app.models import AccountAddress, Agent, ChannelAccount, Contact, ContactIdentity, InboundEvent, Message
from app.plugin_api.messages import Participant
from app.services import accounts
from app.services.delivery import deliver
from app.services.replies import ReplyDraft, reply, start_conversation
from tests.integration.core.test_bounces import report
from tests.integration.mailbox.test_mail_round_trip import is_read_to_its_end, read, write_mail
from tests.integration.web.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def connected(connect, core, until):
    """Return a function that connects a mailbox and waits until it was looked into."""

    def connect_and_look(user, **settings):
        account_id = connect(user, **settings)
        until(lambda: is_read_to_its_end(core, account_id))
        return account_id

    return connect_and_look


def test_mail_to_an_alias_is_answered_from_it(core, lea, connected, mail_user, ada, until, inbox, answer, dovecot):
    account_id = connected(mail_user, aliases="Sales <sales@example.test>", display_name="Example")
    mail_user.deliver(write_mail(ada.address, f"Sales@example.test, {ada.address}"))
    (asked,) = until(inbox.messages)
    answer(asked.conversation_id)
    (back,) = map(read, dovecot.wait_for_messages(ada.address, 1))
    assert back["From"] == "Sales <sales@example.test>"
    assert inbox.messages()[-1].sender_value == "sales@example.test"

    mail_user.deliver(
        write_mail(ada.address, "sales@example.test", message_id="2@mail.example.org", In_Reply_To=back["Message-ID"])
    )
    until(lambda: len(inbox.messages()) == 3)
    to_ada = Participant("email", ada.address)
    draft = ReplyDraft("From the mailbox itself.", account_id=account_id, sender=mail_user.address)
    assert deliver(core, reply(core, lea, asked.conversation_id, draft)) == "sent"
    begun = ReplyDraft("Hello.", sender="sales@example.test")
    _, first = start_conversation(core, lea, account_id=account_id, to=to_ada, subject="New", draft=begun)
    assert deliver(core, first) == "sent"
    senders = [read(raw)["From"] for raw in dovecot.wait_for_messages(ada.address, 3)]
    assert senders[1:] == [f"Example <{mail_user.address}>", "Sales <sales@example.test>"]
    with pytest.raises(Conflict):
        start_conversation(
            core, lea, account_id=account_id, to=to_ada, subject="", draft=ReplyDraft("No.", sender="ben@x.example")
        )


def test_what_an_account_is_written_to_follows_its_settings(core, lea, connect, mail_user):
    account_id = connect(mail_user, aliases="Sales@example.test")
    row = core.session.get(ChannelAccount, account_id)
    name, settings = row.name, {**row.settings, "aliases": "*@example.test"}
    accounts.update_account(core, lea, account_id, name=name, settings=settings, secrets={})
    addresses = core.session.scalars(select(AccountAddress.address).order_by(AccountAddress.address))
    assert list(addresses) == ["*@example.test", mail_user.address]

    accounts.delete_account(core, lea, account_id)
    assert core.session.scalars(select(AccountAddress.address)).all() == []


@on_sqlite
def test_a_mail_to_two_mailboxes_and_by_a_list_is_one_message(core, connected, create_mail_user, ada, until, inbox):
    help_user, sales = create_mail_user("help"), create_mail_user("sales")
    _, second = connected(help_user), connected(sales, cc_only="join")
    direct = write_mail(ada.address, help_user.address, Cc=sales.address)
    by_list = direct.replace(b"Subject: ", b"List-Id: <team.example.test>\r\nSubject: ")
    for user, raw in ((help_user, direct), (sales, direct), (help_user, by_list)):
        user.deliver(raw)
    until(lambda: len(_events(core)) == 3 and all(state != "received" for _, state in _events(core)))

    assert len(inbox.messages()) == 1
    assert {state for account_id, state in _events(core) if account_id == second} <= {"ignored", "duplicate"}


@on_sqlite
def test_a_copy_to_ourselves_is_no_answer(core, lea, connected, mail_user, ada, until, inbox, dovecot):
    connected(mail_user, aliases="sales@example.test")
    mail_user.deliver(write_mail(ada.address, "sales@example.test"))
    (asked,) = until(inbox.messages)
    copied = ReplyDraft("Done.", cc=(Participant("email", mail_user.address),))
    assert deliver(core, reply(core, lea, asked.conversation_id, copied)) == "sent"
    until(lambda: [state for _, state in _events(core)] == ["processed", "ignored"])

    assert len(inbox.messages()) == 2


@on_sqlite
def test_copies_are_left_alone_and_listed(core, lea, tidings_app, connected, mail_user, ada, until, inbox):
    account_id = connected(mail_user, cc_only="leave")
    mail_user.deliver(write_mail(ada.address, "ben@mail.example.org", Cc=mail_user.address))
    until(lambda: [state for _, state in _events(core)] == ["ignored"])
    assert inbox.messages() == []

    browser = Visitor(tidings_app)
    browser.enter(core.session.get(Agent, lea.agent_id))
    assert "We stand only in Cc" in browser.get(f"/accounts/{account_id}").text


@on_sqlite
def test_copies_join_what_exists_and_make_nobody_a_contact(core, connected, mail_user, ada, until, inbox):
    connected(mail_user, cc_only="join")
    stranger = write_mail("ben@mail.example.org", "cleo@x.example", message_id="1@x.example", Cc=mail_user.address)
    mail_user.deliver(stranger)
    mail_user.deliver(write_mail(ada.address, mail_user.address))
    mail_user.deliver(
        write_mail(
            ada.address, "cleo@x.example", message_id="3@x.example", Cc=mail_user.address,
            In_Reply_To="<first@mail.example.org>",
        )
    )  # fmt: skip
    until(lambda: [state for _, state in _events(core)] == ["ignored", "processed", "processed"])

    assert len({message.conversation_id for message in inbox.messages()}) == 1
    assert len(core.session.scalars(select(Contact)).all()) == 1


def _events(core):
    core.session.rollback()
    statement = select(InboundEvent.account_id, InboundEvent.state).order_by(InboundEvent.id)
    return [tuple(row) for row in core.session.execute(statement)]


@on_sqlite
@pytest.mark.parametrize("report_of", ["a server", "nobody"])
def test_what_comes_back_to_a_return_address_without_any_id_finds_message_and_person(
    core, connected, mail_user, ada, smtp, until, inbox, answer, report_of
):
    connected(mail_user, return_address="plus")
    mail_user.deliver(write_mail(ada.address, mail_user.address))
    (asked,) = until(inbox.messages)
    message_id = answer(asked.conversation_id)
    sent_by = smtp.messages[-1].sender
    assert sent_by.startswith(f"{mail_user.address.partition('@')[0]}+b-")

    standard = report(None, ada.address, returned=["Subject: something"], To="undisclosed-recipients:;").encode()
    prose = write_mail("postmaster@mx.example.org", "you@mx.example.org", message_id="p@mx.example.org", text="Nein.")
    mail_user.deliver(f"Delivered-To: {sent_by}\r\n".encode() + {"a server": standard, "nobody": prose}[report_of])
    back = until(lambda: len(inbox.messages()) == 3 and inbox.messages()[-1])

    assert (back.kind, back.conversation_id) == ("bounce", asked.conversation_id)
    assert core.session.get(Message, message_id, populate_existing=True).delivery_state == "returned"
    marked = core.session.scalars(select(ContactIdentity.value).where(ContactIdentity.bounced_at.is_not(None))).all()
    assert marked == ([ada.address] if report_of == "a server" else [])
