"""Promises of the mails about notices, on a real mail server: who gets them, what they say, and that trouble does not lose them."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from app.domain.backoff import MOST_ATTEMPTS
from app.models import Agent, ChannelAccount, Notice
from app.plugin_api.texts import translatable
from app.services import notices, safe_mode
from app.services.account_trouble import sign_in_needed
from app.services.core import writing
from app.services.fetching import note_trouble
from app.services.notice_mail import can_mail, mail_notices
from app.testing.installation import clock  # noqa: F401 - a clock that stands still
from tidings import NeedsReauth, Temporary

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is asked of the database is in `tests/integration/core/test_notices.py`, on both of them."""

WORDS = translatable("The plugin %(name)s is in quarantine: %(reason)s")


@pytest.fixture
def root(core, create_agent):
    return create_agent("Root", role="admin")


@pytest.fixture
def sender(core, create_account, smtp_server):
    """Return a function that makes an account which can send mail; gives its id."""

    def make(port=smtp_server.port, address="help@example.test"):
        return create_account(
            "mailbox", address=address, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", smtp_auth="none",
            imap_host="127.0.0.1",
        )  # fmt: skip

    return make


def tell(core, name="Weather", subject="plugin:weather:quarantined", **more):
    with writing(core) as unit:
        data = {"name": name, "reason": "It <raised> ValueError."}
        return notices.tell(unit, subject=subject, text=WORDS, data=data, path="/settings/plugins", **more)


def read(core, notice_id) -> Notice:
    core.session.rollback()
    return core.session.get(Notice, notice_id, populate_existing=True)


def mails(smtp_server) -> list[EmailMessage]:
    return [message_from_bytes(one.raw, policy=policy.default) for one in smtp_server.messages]


def test_every_active_admin_gets_text_and_html_and_nobody_else(core, root, create_agent, sender, smtp_server):
    sender()
    create_agent("Lea", role="manager")
    gone = create_agent("Gone", role="admin")
    with writing(core) as unit:
        unit.session.get(Agent, gone.agent_id).active = False
    notice_id = tell(core)

    assert mail_notices(core) == 1
    assert mail_notices(core) == 0

    [mail] = mails(smtp_server)
    assert mail["To"] == "Root <root@desk.example.com>"
    assert mail["Subject"] == "Tidings: The plugin Weather is in quarantine: It <raised> ValueError."
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Reply-To" not in mail
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert f"{core.config.address}/settings/plugins" in text
    assert "It &lt;raised&gt; ValueError." in html
    assert read(core, notice_id).mail_state == "sent"


def test_a_mail_about_a_plugin_carries_a_recovery_link_that_works(core, root, sender, smtp_server):
    sender()
    tell(core)
    mail_notices(core)
    text = mails(smtp_server)[0].get_body(("plain",)).get_content()
    token = text.partition(f"{core.config.address}/recovery/")[2].split()[0]

    safe_mode.recover(core, token)

    assert safe_mode.is_safe_mode(core)


def test_a_mail_about_an_account_carries_none(core, root, sender, smtp_server):
    sender()
    tell(core, subject="account:7:sign-in")
    mail_notices(core)
    assert "/recovery/" not in mails(smtp_server)[0].get_body(("plain",)).get_content()


def test_several_notices_are_one_mail_in_the_admins_language(core, root, sender, smtp_server):
    sender()
    with writing(core) as unit:
        unit.session.get(Agent, root.agent_id).language = "fr"
    ids = [tell(core), tell(core, name="Echo", subject="plugin:echo:quarantined")]

    assert mail_notices(core) == 2

    [mail] = mails(smtp_server)
    text = mail.get_body(("plain",)).get_content()
    assert "Weather" in text
    assert "Echo" in text
    assert [read(core, one).mail_state for one in ids] == ["sent", "sent"]


def test_a_closed_notice_is_not_mailed(core, root, sender, smtp_server):
    sender()
    closed, still_open = tell(core), tell(core, subject="plugin:echo:quarantined")
    notices.dismiss(core, root, closed)
    assert mail_notices(core) == 1
    assert read(core, closed).mail_state == "none"
    assert read(core, still_open).mail_state == "sent"


def test_without_an_account_that_sends_a_notice_waits_for_one(core, root, create_account, sender, smtp_server):
    create_account("webform")
    notice_id = tell(core)
    assert not can_mail(core)
    assert mail_notices(core) == 0
    assert (read(core, notice_id).mail_state, read(core, notice_id).mail_attempts) == ("queued", 0)

    sender()
    assert can_mail(core)
    assert mail_notices(core) == 1


def test_a_server_that_is_away_is_tried_again_later_each_time(core, clock, root, sender, smtp_server):  # noqa: F811
    account_id = sender(port=1)
    notice_id = tell(core)
    assert mail_notices(core) == 1
    first = read(core, notice_id)
    assert (first.mail_state, first.mail_attempts) == ("queued", 1)
    assert first.mail_error
    assert first.mail_due_at > clock.now()
    assert mail_notices(core) == 0

    clock.advance(minutes=1)
    with writing(core) as unit:
        row = unit.session.get(ChannelAccount, account_id)
        row.settings = {**row.settings, "smtp_port": smtp_server.port}
    assert mail_notices(core) == 1
    assert (read(core, notice_id).mail_state, read(core, notice_id).mail_error) == ("sent", "")


def test_it_gives_up_in_the_end_and_says_so(core, clock, root, sender):  # noqa: F811
    sender(port=1)
    notice_id = tell(core)
    for _ in range(MOST_ATTEMPTS):
        assert mail_notices(core) == 1
        clock.advance(hours=8)
    assert mail_notices(core) == 0
    assert read(core, notice_id).mail_state == "failed"


def test_another_account_takes_over_when_one_fails(core, root, sender, smtp_server):
    sender(port=1)
    sender(address="second@example.test")
    tell(core)
    mail_notices(core)
    assert mails(smtp_server)[0]["From"] == "Support <second@example.test>"


def test_nobody_is_mailed_at_the_inbox_itself(core, create_agent, sender, smtp_server):
    create_agent("Root", role="admin", email="help@example.test")
    sender()
    tell(core)
    assert mail_notices(core) == 0
    assert smtp_server.messages == []


def open_notices(core):
    return core.session.execute(select(Notice.subject, Notice.path).where(Notice.closed_at.is_(None))).all()


def test_an_account_that_must_be_signed_in_again_is_told_at_once(core, root, sender):
    account_id = sender()
    note_trouble(core, account_id, NeedsReauth("The password was refused."))
    assert open_notices(core) == [(f"account:{account_id}:sign-in", f"/accounts/{account_id}/sign-in")]

    from app.services.accounts import pause_account

    pause_account(core, root, account_id)
    assert open_notices(core) == []


def test_an_account_that_fails_is_told_after_an_hour(core, clock, root, sender):  # noqa: F811
    account_id = sender()
    for _ in range(6):
        note_trouble(core, account_id, Temporary("The server is away."))
        clock.advance(minutes=5)
    assert open_notices(core) == []
    clock.advance(minutes=31)
    note_trouble(core, account_id, Temporary("The server is away."))
    assert [subject for subject, _ in open_notices(core)] == [f"account:{account_id}:receiving"]


def test_a_notice_about_an_account_is_mailed_through_another(core, root, sender, smtp_server):
    account_id = sender()
    sender(address="second@example.test")
    with writing(core) as unit:
        row = unit.session.get(ChannelAccount, account_id)
        row.state = "needs_reauth"
        sign_in_needed(unit, row, "The password was refused.")
    mail_notices(core)
    assert mails(smtp_server)[0]["From"] == "Support <second@example.test>"
