"""Promises to owners who connect by signing in: the guided page is led to, nothing is added twice, and what waits says where to go on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models import AuditEntry, ChannelAccount, Notice, SettingChange
from app.plugin_api.errors import NeedsReauth
from app.services import accounts
from app.services.core import SYSTEM
from app.services.fetching import note_trouble
from tests.integration.web.courier import host_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OFFICE = {"account_name": "Ulm", "office": "ulm", "token_ends": "", "action": "save"}


def row(core, account_id=1):
    core.session.rollback()
    return core.session.get_one(ChannelAccount, account_id, populate_existing=True)


def connect(admin, office="ulm", code="one"):
    """Through the provider and back."""
    state = admin.get("/plugins/courier/connect").text
    return admin.get(f"/plugins/courier/callback?state={state}&code={code}&office={office}")


def test_connecting_begins_on_the_page_of_the_plugin(admin, courier):
    assert 'href="/plugins/courier/connect"' in admin.get("/accounts/connect").text
    assert admin.get("/accounts/connect/courier").location == "/plugins/courier/connect"


def test_channels_that_reach_nobody_outside_stand_last_on_the_shelf(admin):
    shelf = admin.get("/accounts/connect").text
    places = [shelf.index(f'href="{path}"') for path in ("/accounts/connect/mailbox", "/accounts/connect/echo")]
    assert places == sorted(places)
    assert shelf.index('href="/plugins/webform/forms/new"') < places[1]


def test_what_the_owner_chose_at_the_provider_is_connected(admin, core, courier):
    answer = connect(admin)

    account = row(core)
    assert answer.location == f"/accounts/{account.id}"
    assert (account.name, account.address, account.state) == ("Office ulm", "office:ulm", "active")
    assert account.settings == {"office": "ulm", "token_ends": "", "is_express": True}, (
        "what is not given is as in the form"
    )
    assert core.vault.unseal(account.secrets) == {"token": "token for one"}
    entry = core.session.scalar(select(AuditEntry).where(AuditEntry.action == "account.created"))
    assert (entry.agent_id, entry.data) == (admin.agent_id, {"plugin": "courier"})


def test_the_same_account_is_connected_once_and_works_again(admin, core, courier):
    connect(admin)
    accounts.update_account(
        core, SYSTEM, 1, name="Help", settings={**row(core).settings, "is_express": False}, secrets={}, is_tested=False
    )
    accounts.pause_account(core, SYSTEM, 1)
    connect(admin, code="two")

    account = row(core)
    assert core.session.scalars(select(ChannelAccount.id)).all() == [1]
    assert (account.name, account.state, account.settings["is_express"]) == ("Help", "active", False)
    assert core.vault.unseal(account.secrets) == {"token": "token for two"}
    changed = core.session.scalars(select(SettingChange).where(SettingChange.agent_name == "Root")).all()
    assert [(change.key, change.is_secret) for change in changed] == [("token", True)]


def test_a_setting_that_the_form_refuses_is_a_fault_of_the_plugin(core, courier):
    host = host_of(core)
    for settings, secrets in (({"office": ""}, {"token": "x"}), ({"office": "ulm", "colour": "red"}, {"token": "x"})):
        with pytest.raises(ValueError, match="form does not accept"):
            host.add_account("Ulm", settings=settings, secrets=secrets)
    assert core.session.scalars(select(ChannelAccount.id)).all() == []


def test_what_a_plugin_learnt_is_kept_with_the_other_settings(admin, core, courier):
    connect(admin)
    host, before = host_of(core), row(core).revision
    host.save_settings(1, {"token_ends": "2026-05-01T00:00:00+00:00"})
    account = row(core)
    assert account.settings == {"office": "ulm", "token_ends": "2026-05-01T00:00:00+00:00", "is_express": True}
    assert account.revision == before + 1
    assert core.session.scalar(select(SettingChange.agent_name).where(SettingChange.key == "token_ends")) == "Courier"

    host.save_settings(1, {"token_ends": "2026-05-01T00:00:00+00:00"})
    assert row(core).revision == before + 1, "nothing was changed"
    host.save_settings(1, {"office": "bonn"})
    assert row(core).address == "office:bonn"


def test_an_agent_cannot_connect_through_a_page_of_a_plugin(agent, courier):
    assert agent.get("/plugins/courier/connect").status_code == 403


def test_who_began_comes_back_once_and_in_time(admin, sign_in, core, clock, courier):
    state = admin.get("/plugins/courier/connect").text
    callback = f"/plugins/courier/callback?state={state}&code=x&office=ulm"
    assert sign_in("Ben", role="admin").get(callback).status_code == 400
    assert admin.get(callback).status_code == 302
    assert admin.get(callback).status_code == 400

    late = admin.get("/plugins/courier/connect").text
    clock.advance(minutes=16)
    assert admin.get(f"/plugins/courier/callback?state={late}&code=x&office=bonn").status_code == 400


class TestWhatWaitsForItsOwner:
    """An account whose settings are right and whose owner has still to sign in."""

    @pytest.fixture(autouse=True)
    def _saved(self, admin, core, courier, monkeypatch):
        monkeypatch.setattr(type(core.plugins.channels["courier"]), "connect_path", "")
        admin.get("/accounts/connect/courier")
        self.answer = admin.post("/accounts/connect/courier", {**OFFICE, "token": "still to come"})

    def test_it_is_saved_and_the_browser_goes_on_to_sign_in(self, core):
        assert (self.answer.status_code, self.answer.location) == (303, "/plugins/courier/connect/1")
        assert row(core).state == "needs_reauth"

    def test_every_page_says_where_to_sign_in(self, admin, core):
        overview, dashboard, page = (admin.get(path).text for path in ("/accounts", "/dashboard", "/accounts/1"))
        assert 'href="/accounts/1/sign-in"' in overview
        assert 'href="/accounts/1/sign-in"' in dashboard.partition('id="alerts"')[2]
        assert 'href="/plugins/courier/connect/1"' in page
        assert "It starts once you have signed in at the provider." in page
        assert admin.get("/accounts/1/sign-in").location == "/plugins/courier/connect/1"

    def test_who_signs_in_at_once_gets_no_mail_about_it(self, core):
        notice = core.session.scalar(select(Notice).where(Notice.subject == "account:1:sign-in"))
        assert notice.mail_due_at - notice.created_at == timedelta(minutes=15)

    def test_it_works_once_the_owner_has_signed_in(self, admin, core):
        state = admin.get("/plugins/courier/connect/1").text
        assert admin.get(f"/plugins/courier/callback?state={state}&code=one").location == "/accounts/1"
        assert row(core).state == "active"
        assert core.session.scalar(select(Notice.closed_at).where(Notice.subject == "account:1:sign-in")) is not None
        assert admin.get("/accounts/1/sign-in").location == "/accounts/1", "there is nothing to sign in to any more"

    def test_a_test_does_not_make_it_work(self, admin, core):
        admin.post("/accounts/1/test")
        assert row(core).state == "needs_reauth"

    def test_settings_saved_again_lead_on_to_sign_in_again(self, admin, core):
        admin.get("/accounts/1/settings")
        answer = admin.post("/accounts/1/settings", {**OFFICE, "account_name": "Neu-Ulm"})
        assert answer.location == "/plugins/courier/connect/1"
        assert (row(core).name, row(core).state) == ("Neu-Ulm", "needs_reauth")


def test_a_notice_about_a_refused_sign_in_leads_to_where_it_is_done(admin, core, courier, monkeypatch):

    connect(admin)
    note_trouble(core, 1, NeedsReauth("the token was revoked"))
    banner = admin.get("/dashboard").text.partition('id="alerts"')[2]
    assert 'href="/accounts/1/sign-in">Sign in</a>' in banner
    assert admin.get("/accounts/1/sign-in").location == "/plugins/courier/connect/1"
