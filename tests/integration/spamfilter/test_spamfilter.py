"""What agents teach changes what becomes of the next mail, through the whole installation."""

import threading

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Conversation, Message, Status, Tag
from app.services import conversations, replies
from app.services.delivery import deliver
from app.services.replies import ReplyDraft
from plugins.spamfilter.tables import ALL, MARK, SEEN
from tests.integration.core.mails import create_mail
from tests.integration.web.conftest import sign_in, visitor  # noqa: F401 - fixtures are found by name

LESSONS = 25
LURE = "The casino jackpot bonus waits. Claim your roulette credit %s at http://lucky.test/claim today, dear winner."
QUESTION = "The reading lamp of order %s came with a broken shade. Could you send another shade, please?"


@pytest.fixture
def lea(create_agent):
    return create_agent("Lea", role="admin")


@pytest.fixture
def take_in(core, receive_mail):
    """Return a function that takes a mail in; gives its conversation."""

    def take(text, sender, number):
        raw = create_mail(
            message_id=f"{number}@{sender.rpartition('@')[2]}",
            sender=sender,
            subject=f"No. {number}",
            body=text % number,
        )
        received = receive_mail(raw)
        assert received.state == "new"
        core.session.rollback()
        return core.session.get_one(Conversation, received.conversation_id)

    return take


@pytest.fixture
def taught(core, lea, take_in):
    """An installation that was taught a little: spam by "Spam", the rest by "Not spam"."""
    lures = [take_in(LURE, f"win{number}@lucky{number}.test", number).id for number in range(LESSONS)]
    questions = [take_in(QUESTION, f"ben{number}@home{number}.test", 1000 + number).id for number in range(LESSONS)]
    conversations.spam(core, lea, lures + questions)
    conversations.reopen(core, lea, questions)
    return core


def known_messages(core):
    core.session.rollback()
    return tuple(core.session.connection().execute(select(MARK.c.spam, MARK.c.ham).where(MARK.c.mark == ALL)).one())


def test_taught_mails_send_the_next_one_to_spam_and_not_spam_brings_the_next_one_home(taught, lea, take_in):
    assert known_messages(taught) == (LESSONS, LESSONS)
    caught = take_in(LURE, "win@lucky.test", 2001)
    assert caught.status == Status.SPAM
    (message,) = taught.session.scalars(select(Message).where(Message.conversation_id == caught.id))
    assert message.fields["Why in Spam"].startswith("it reads like mail")
    assert "jackpot" in message.text
    assert take_in(QUESTION, "cleo@home.test", 2002).status == Status.OPEN
    conversations.reopen(taught, lea, [caught.id])
    assert known_messages(taught) == (LESSONS, LESSONS + 1)
    assert take_in(LURE, "win@lucky.test", 2003).status == Status.OPEN
    conversations.spam(taught, lea, [caught.id])
    assert known_messages(taught) == (LESSONS + 1, LESSONS)
    assert take_in(LURE, "win@lucky.test", 2004).status == Status.SPAM


def test_an_answer_that_was_sent_teaches_and_makes_known(core, lea, take_in, monkeypatch):
    from plugins.mailbox.channel import MailboxChannel
    from tidings import SendReceipt

    monkeypatch.setattr(MailboxChannel, "send", lambda self, account, message: SendReceipt(message.external_id))
    question = take_in(QUESTION, "ben@home.test", 1)
    message_id = replies.reply(core, lea, question.id, ReplyDraft("Of course."))
    core.clock.advance(seconds=60)
    assert deliver(core, message_id) == "sent"
    assert known_messages(core) == (0, 1)


def test_an_agent_reads_why_and_what_is_known_on_the_dashboard(taught, take_in, sign_in):  # noqa: F811
    caught = take_in(LURE, "win@lucky.test", 2001)
    manager = sign_in("Mia", role="manager")
    page = manager.get(f"/conversations/{caught.number}").text
    assert "Spam filter" in page
    assert "Score when it came" in page
    assert "a link to lucky.test" in page
    assert f"{LESSONS} spam, {LESSONS} other" in manager.get("/dashboard").text


def test_what_is_unsure_gets_its_tag_and_stays_in_the_inbox(core, sign_in, receive_mail, clock):  # noqa: F811
    admin = sign_in("Root", role="admin")
    values = {"sure": "99", "unsure": "30", "tags_unsure": "y", "learns_from_answers": "y", "left_out": ""}
    assert admin.post("/settings/plugins/spamfilter/settings", values).status_code == 303
    html = '<a href="http://10.1.2.3/x">www.bank.test</a><img src="http://10.1.2.3/p">'
    received = receive_mail(create_mail(body=html).replace("text/plain", "text/html"))
    core.session.rollback()
    assert core.session.get_one(Conversation, received.conversation_id).status == Status.OPEN
    assert core.session.scalar(select(Tag.name)) == "maybe spam"


def test_lessons_at_the_same_moment_lose_nothing(tidings_app, core, lea, take_in):
    """Several agents mark at once; each lesson counts, whatever marks they share."""
    made = [take_in(LURE, f"win{number}@lucky.test", number).id for number in range(8)]
    core.session.rollback()
    failed = []

    def mark(ids):
        with tidings_app.app_context():
            try:
                for one in ids:
                    conversations.spam(core, lea, [one])
            except Exception as error:  # noqa: BLE001 - shown by the assertion below
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=mark, args=(made[at::4],)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert known_messages(core) == (8, 0)
    lessons = core.session.connection().execute(select(SEEN.c.lesson)).scalars().all()
    assert lessons == ["spam"] * 8
