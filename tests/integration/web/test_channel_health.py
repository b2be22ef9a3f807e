"""Promises of the page *Channel health* and of what is told before a sign-in ends: all accounts at a glance, and nobody is caught out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cli.doctor import _accounts
from app.jobs.housekeeping import do_housekeeping
from app.models import Message, Notice
from app.plugin_api.channel import AccountHealth, Term
from app.plugin_api.errors import NeedsReauth
from app.plugin_api.messages import RawEvent
from app.services import accounts
from app.services.core import SYSTEM, writing
from app.services.fetching import note_trouble
from app.services.journal import record_events
from app.services.notices import dismiss, notice_text
from app.services.outcomes import give_up
from app.services.replies import ReplyDraft, reply
from tests.integration.web.courier import host_of
from tests.integration.web.visitor import counted_queries

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(core, courier):
    """Account 1, of the channel whose owner signs in."""
    secrets = {"token": "token"}
    return accounts.create_account(
        core, SYSTEM, plugin="courier", name="Ulm", settings={"office": "ulm"}, secrets=secrets
    )


def ending(core, **left: float) -> None:
    host_of(core).save_settings(1, {"token_ends": (core.clock.now() + timedelta(**left)).isoformat()})


def card(page: str, name: str = "Ulm") -> str:
    """What the page says of an account, without its markup."""
    found = next(one for one in page.split('class="panel health-card"')[1:] if f">{name}</a>" in one)
    return " ".join(re.sub(r"<progress.*?</progress>|<[^>]+>", " ", found.split("</li>")[0]).split())


def test_without_accounts_the_page_says_what_to_do(admin):
    page = admin.get("/accounts/health").text
    assert "Nothing is connected yet" in page
    assert 'href="/accounts/connect"' in page


def test_each_account_says_what_came_what_left_and_what_waits(admin, core, clock, receive_mail, conversation, office):
    record_events(core, office, [RawEvent(b"one"), RawEvent(b"two")])
    page = admin.get("/accounts/health").text

    assert "Waiting to be read 2" in card(page)
    assert "Last message sent nothing yet" in card(page)
    assert "Waiting to be read 0" in card(page, "Support")
    assert "1 account needs somebody to look at it." in page, "its calls are nearly used up"
    quota = re.search(r'<progress class="quota" max="(\d+)" value="(\d+)"', page)
    assert quota.groups() == ("100", "96")
    assert "calls 96 of 100 until " in card(page)
    assert "Office ulm" in card(page)


@on_sqlite
def test_a_refused_message_is_shown_until_another_one_left(admin, core, conversation):
    reply(core, SYSTEM, conversation.conversation_id, ReplyDraft("Hello"))
    message_id = core.session.scalar(select(Message.id).where(Message.direction == "outbound"))
    assert "Waiting to be sent 1" in card(admin.get("/accounts/health").text, "Support")
    with writing(core) as unit:
        give_up(unit, unit.session.get_one(Message, message_id), "The mailbox is full.")
    page = admin.get("/accounts/health").text
    assert "A message was refused: The mailbox is full." in card(page, "Support")
    assert 'href="/conversations/1"' in page
    with writing(core) as unit:
        message = unit.session.get_one(Message, message_id)
        message.delivery_state, message.sent_at = "sent", unit.now
    assert "refused" not in card(admin.get("/accounts/health").text, "Support")


@on_sqlite
@pytest.mark.parametrize(
    ("left", "tone", "text"),
    [
        ({"days": 60, "hours": 1}, "ok", "60 days left"),
        ({"days": 6, "hours": 2}, "warn", "6 days left"),
        ({"hours": -1}, "danger", "Ended"),
    ],
)
def test_the_days_of_a_sign_in_are_counted(admin, core, office, left, tone, text):
    ending(core, **left)
    page = admin.get("/accounts/health").text
    assert text in card(page)
    assert f'class="tone-{tone}" title=' in page
    assert ('href="/plugins/courier/connect/1"' in page) == (tone != "ok"), "it can be renewed when it is time"


@on_sqlite
def test_who_waits_for_the_owner_stands_first_with_the_way_to_sign_in(admin, core, create_account, office):
    create_account("echo", name="Another")
    note_trouble(core, 1, NeedsReauth("The token was revoked."))
    page = admin.get("/accounts/health").text
    assert page.index(">Ulm</a>") < page.index(">Another</a>")
    assert "The token was revoked." in card(page)
    assert 'href="/plugins/courier/connect/1"' in page
    assert 'href="/accounts/health"' in admin.get("/dashboard").text
    assert "1 account needs somebody" in admin.get("/dashboard").text


@on_sqlite
@pytest.mark.parametrize(
    "answer",
    [1 / 1, "nonsense", AccountHealth(rows=(("only a label",),)), AccountHealth(terms=("soon",)), ZeroDivisionError()],
)
def test_a_channel_that_fails_costs_only_its_own_row(admin, core, office, monkeypatch, answer):
    def health(self, account):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(type(core.plugins.channels["courier"]), "health", health)
    page = admin.get("/accounts/health")
    assert page.status_code == 200
    assert "Its plugin failed to say more." in card(page.text)
    assert any(r.failures for r in core.plugins.health_of("courier") if r.hook == "health")


@on_sqlite
def test_more_accounts_take_no_more_queries(admin, core, tidings_app, create_account, office):
    admin.get("/accounts/health")
    with counted_queries(tidings_app) as few:
        admin.get("/accounts/health")
    for n in range(8):
        create_account("echo", name=f"Echo {n}")
    with counted_queries(tidings_app) as many:
        admin.get("/accounts/health")
    assert len(many) == len(few)


@on_sqlite
def test_only_those_who_look_after_accounts_see_it(agent, admin, office):
    assert agent.get("/accounts/health").status_code == 403
    assert "/accounts/health" not in agent.get("/dashboard").text
    assert 'href="/accounts/health"' in admin.get("/accounts").text


class TestBeforeASignInEnds:
    @pytest.fixture
    def told(self, core):
        def look():
            do_housekeeping(core)
            do_housekeeping(core)
            core.session.rollback()
            found = core.session.scalars(
                select(Notice).where(Notice.closed_at.is_(None), Notice.subject.startswith("account:"))
            ).all()
            return [(one.subject, one.level, one.times) for one in found]

        return look

    def test_admins_hear_of_it_a_month_a_week_and_a_day_before_and_when_it_has_ended(self, core, clock, office, told):
        ending(core, days=31)
        assert told() == []
        clock.advance(days=2)
        assert told() == [("account:1:term:Sign-in", "info", 1)]
        assert self.mailed(core) == ["none"], "a month before, the pages alone say it"
        clock.advance(days=23)
        assert told() == [("account:1:term:Sign-in", "warning", 2)]
        assert self.mailed(core) == ["queued"]
        clock.advance(days=5, hours=12)
        assert told() == [("account:1:term:Sign-in", "warning", 3)]
        clock.advance(days=1)
        assert told() == [("account:1:term:Sign-in", "error", 4)]

    def mailed(self, core):
        return core.session.scalars(select(Notice.mail_state).where(Notice.closed_at.is_(None))).all()

    @on_sqlite
    def test_what_somebody_dismissed_is_silent_until_the_next_notice(self, core, clock, office, told):
        ending(core, days=29)
        told()
        dismiss(core, SYSTEM, core.session.scalar(select(Notice.id)))
        clock.advance(days=3)
        assert told() == []
        clock.advance(days=20)
        assert told() == [("account:1:term:Sign-in", "warning", 1)]

    @on_sqlite
    def test_a_secret_that_accounts_share_is_told_once_with_the_way_to_renew_it(
        self, admin, core, clock, office, told, monkeypatch
    ):
        secrets = {"token": "token"}
        accounts.create_account(
            core, SYSTEM, plugin="courier", name="Bonn", settings={"office": "bonn"}, secrets=secrets
        )
        terms = [Term("Client secret", clock.now() + timedelta(days=6), "/connect/1")]
        monkeypatch.setattr(
            type(core.plugins.channels["courier"]), "health", lambda *_: AccountHealth(terms=tuple(terms))
        )
        assert told() == []
        do_housekeeping(core)
        (notice,) = core.session.scalars(select(Notice)).all()
        assert (notice.subject, notice.times) == ("plugin:courier:term:Client secret", 1)
        assert notice_text(notice.text, notice.data).startswith("Client secret for Ulm, Bonn ends on ")
        page = admin.get("/accounts/health").text
        assert "Client secret 5 days left · Renew" in card(page) or "Client secret 6 days left · Renew" in card(page)
        assert 'href="/plugins/courier/connect/1">Renew</a>' in page
        terms[:] = [Term("Client secret", clock.now() + timedelta(days=400), "/connect/1")]
        do_housekeeping(core)
        assert core.session.scalar(select(Notice.closed_at)) is not None, "it was renewed"

    @on_sqlite
    def test_it_is_over_once_the_sign_in_was_renewed(self, core, office, told):
        ending(core, days=1)
        assert told()
        ending(core, days=60)
        assert told() == []

    @on_sqlite
    def test_the_banner_leads_to_where_it_is_renewed(self, admin, core, office, told):
        ending(core, days=1)
        told()
        assert 'href="/accounts/1/sign-in?renew=1">Sign in</a>' in admin.get("/dashboard").text
        assert admin.get("/accounts/1/sign-in?renew=1").location == "/plugins/courier/connect/1"
        assert admin.get("/accounts/1/sign-in").location == "/accounts/1"

    @on_sqlite
    def test_nothing_is_told_of_an_account_that_is_paused(self, core, office, told):
        ending(core, days=1)
        accounts.pause_account(core, SYSTEM, 1)
        assert told() == []


@on_sqlite
@pytest.mark.parametrize(
    ("left", "level", "detail"),
    [
        ({"days": 60}, "ok", "connected"),
        ({"days": 2}, "warning", "ends on 2026-03-04"),
        ({"days": -2}, "serious", "ended on"),
    ],
)
def test_doctor_says_how_long_a_sign_in_lasts(core, office, left, level, detail):
    ending(core, **left)
    (finding,) = _accounts(core)
    assert (finding.level, detail in finding.detail) == (level, True)


@on_sqlite
def test_doctor_says_who_waits_for_its_owner(core, office):
    accounts.renew_secret(core, 1, "token", "unusable")
    (finding,) = _accounts(core)
    assert (finding.level, "waits for its owner" in finding.detail) == ("serious", True)
