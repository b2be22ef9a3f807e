"""Delivery reports as a real mail server writes them: an answer to an address that is dead comes back and is seen where it belongs."""

import time
from email import message_from_bytes

import pytest
from sqlalchemy import select

from app.models import Activity, Agent, ContactIdentity, Message
from app.plugin_api.messages import Participant
from app.services.delivery import deliver
from app.services.replies import ReplyDraft, reply
from app.testing.servers.fixtures import MailUser
from tests.integration.mailbox.test_mail_round_trip import is_read_to_its_end, write_mail
from tests.integration.web.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GONE = "gone@example.test"


@pytest.fixture
def smtp(exim):
    """Answers leave through Exim, and its reports come back over LMTP."""
    return exim


@pytest.fixture
def support(lmtp_dovecot):
    lmtp_dovecot.add_user("help@example.test")
    return MailUser(lmtp_dovecot, "help@example.test", "secret")


@pytest.fixture
def asked(core, connect, support, until, inbox):
    """The first message of somebody whose address is dead by the time of the answer."""
    account_id = connect(support)
    until(lambda: is_read_to_its_end(core, account_id))
    support.deliver(write_mail(f"Gwen Gone <{GONE}>", support.address))
    return until(inbox.messages)[0]


def state_of(core, message_id):
    return core.session.get(Message, message_id, populate_existing=True).delivery_state


def activities(core):
    return list(core.session.scalars(select(Activity.data).where(Activity.kind == "bounced").order_by(Activity.id)))


def bounced_addresses(core):
    return list(core.session.scalars(select(ContactIdentity.value).where(ContactIdentity.bounced_at.is_not(None))))


def test_an_answer_to_a_dead_address_comes_back_into_its_conversation(
    core, lea, tidings_app, asked, answer, until, inbox
):
    message_id = answer(asked.conversation_id)

    report = until(lambda: len(inbox.messages()) == 3 and inbox.messages()[-1])
    assert (report.conversation_id, report.kind) == (asked.conversation_id, "bounce")
    assert state_of(core, message_id) == "returned"
    assert bounced_addresses(core) == [GONE]
    (told,) = activities(core)
    assert told["addresses"] == [GONE]

    browser = Visitor(tidings_app)
    browser.enter(core.session.get(Agent, lea.agent_id))
    page = browser.get(f"/conversations/{asked.conversation_id}").get_data(as_text=True)
    assert GONE in page
    assert "Unrouteable address" in page


@on_sqlite
def test_a_report_that_comes_twice_is_told_once(core, support, asked, answer, until, inbox):
    answer(asked.conversation_id)
    until(lambda: len(inbox.messages()) == 3)
    (report,) = [raw for raw in support.messages() if b"multipart/report" in raw]
    support.deliver(report)
    support.deliver(
        write_mail("ben@mail.example.org", support.address, message_id="2@mail.example.org", subject="Last")
    )
    until(lambda: "Last" in inbox.subjects())

    assert len(activities(core)) == 1


@on_sqlite
def test_of_two_recipients_only_the_dead_one_is_marked(core, lea, exim, lmtp_dovecot, asked, until, inbox):
    lmtp_dovecot.add_user("ada@example.test")
    people = (Participant("email", GONE), Participant("email", "ada@example.test"))
    message_id = reply(core, lea, asked.conversation_id, ReplyDraft("Hello both.", to=people))
    assert deliver(core, message_id) == "sent"

    until(lambda: len(inbox.messages()) == 3)
    assert bounced_addresses(core) == [GONE]
    assert len(lmtp_dovecot.wait_for_messages("ada@example.test", 1)) == 1


@on_sqlite
def test_a_delay_is_told_and_marks_nothing(core, exim, lmtp_dovecot, asked, answer, until, inbox):
    lmtp_dovecot.add_user(GONE)
    exim.hold(GONE)
    message_id = answer(asked.conversation_id)
    exim.wait_for_log("mailbox is busy")
    time.sleep(2.1)  # Exim counts whole seconds
    exim.run_queue()

    until(lambda: len(inbox.messages()) == 3)
    assert (state_of(core, message_id), bounced_addresses(core)) == ("sent", [])
    exim.release(GONE)
    exim.run_queue()
    (arrived,) = lmtp_dovecot.wait_for_messages(GONE, 1)
    assert message_from_bytes(arrived)["In-Reply-To"] == "<first@mail.example.org>"
