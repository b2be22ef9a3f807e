"""A form is tested through the whole installation: its page, the journal, the inbox, and a real mail server."""

from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from app.models import Conversation, Message, Notice, Tag
from app.models.conversation import conversation_tag
from app.queries.dashboard import dashboard_numbers
from app.services import accounts
from app.services.core import SYSTEM
from app.services.delivery import deliver, due_messages
from app.services.intake import process_event
from app.services.journal import due_events
from tests.integration.web.conftest import admin, sign_in, visitor  # noqa: F401 - fixtures are found by name

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def mailbox(create_account, smtp_server) -> int:
    return create_account(
        "mailbox", address="help@example.test", smtp_host="127.0.0.1", smtp_port=smtp_server.port, smtp_security="none",
        smtp_auth="none", imap_host="127.0.0.1",
    )  # fmt: skip


@pytest.fixture
def form(core) -> int:
    return accounts.create_account(
        core, SYSTEM, plugin="webform", name="Website", settings={}, secrets={}, is_tested=False
    )


@pytest.fixture
def work(core, clock):
    """Return a function that does what the worker does: read what came, send what waits."""

    def once() -> None:
        for event_id in due_events(core):
            process_event(core, event_id)
        clock.advance(seconds=60)
        for message_id in due_messages(core):
            deliver(core, message_id)
        core.session.rollback()

    return once


def test_an_admin_sees_each_step_and_gets_the_mail(core, clock, admin, form, mailbox, smtp_server, work):  # noqa: F811
    page = f"/plugins/webform/forms/{form}/test"
    assert "Not tested yet" in admin.get(page).text
    for count in (1, 2):
        assert admin.post(page).status_code == 303
        waiting = admin.get(page).text
        assert "On its way" in waiting
        assert 'hx-trigger="every 1500ms"' in waiting
        work()
        done = admin.get(page).text
        assert "The form works" in done
        assert "hx-trigger" not in done.partition("Earlier tests")[0].partition('id="check-live"')[2]
        assert len(smtp_server.messages) == count
    mail = message_from_bytes(smtp_server.messages[-1].raw, policy=policy.default)
    assert mail["to"].endswith("root@desk.example.com>") or mail["to"] == "root@desk.example.com"
    assert "Thank you for writing to us." in mail.get_body(("plain",)).get_content()

    (conversation,) = core.session.scalars(select(Conversation)).all()
    assert conversation.status == "resolved"
    named = select(Tag.name).join(conversation_tag).where(conversation_tag.c.conversation_id == conversation.id)
    assert core.session.scalars(named).all() == ["form test"]
    (today,) = dashboard_numbers(core.session, agent_id=1, today=clock.now().date(), days=1).days
    assert today.arrived == 0


def test_only_admins_may_test_and_share(form, sign_in):  # noqa: F811
    agent = sign_in("Ada")
    for part in ("test", "share"):
        assert agent.get(f"/plugins/webform/forms/{form}/{part}").status_code == 403
    assert sign_in("Root", role="admin").get("/plugins/webform/forms/99/test").status_code == 404


def test_a_red_night_becomes_a_notice_until_the_form_works_again(core, admin, form, clock, work, request):  # noqa: F811
    """2026-03-02, from 09:00 to 03:00 of the next night; there is no mailbox that could send."""
    _nightly_job(core).run()
    assert core.session.scalars(select(Message)).all() == []
    clock.advance(hours=18)
    _nightly_job(core).run()
    work()
    (notice,) = _open_notices(core)
    assert notice.level == "error"
    assert notice.path == f"/plugins/webform/forms/{form}/test"
    dashboard = admin.get("/dashboard").text
    assert "There is no mailbox that could send it" in dashboard
    assert "Something is wrong" in dashboard

    request.getfixturevalue("mailbox")
    clock.advance(hours=24)
    _nightly_job(core).run()
    work()
    assert _open_notices(core) == []
    assert request.getfixturevalue("smtp_server").messages == []
    (conversation,) = core.session.scalars(select(Conversation)).all()
    assert (conversation.status, conversation.message_count) == ("resolved", 2)


def _open_notices(core):
    core.session.rollback()
    return core.session.scalars(select(Notice).where(Notice.closed_at.is_(None))).all()


def _nightly_job(core):
    return next(job for job in core.plugins.jobs["webform"] if job.name == "test forms")
