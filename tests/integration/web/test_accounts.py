"""Promises of the accounts pages: a connection is tried before it is saved, nothing typed is lost, no secret is shown."""

import pytest
from sqlalchemy import select

from app.models import ChannelAccount
from app.plugin_api.channel import Check, ConnectionReport
from app.services import accounts
from app.services.core import SYSTEM
from tests.integration.core.mails import create_mail

SECRET = "a long shared secret"


@pytest.fixture
def refusing(core, monkeypatch):
    """The echo channel's provider refuses to send."""
    report = ConnectionReport(
        (Check("Receiving", True, "Works."), Check("Sending", False, "The server refused the password."))
    )
    monkeypatch.setattr(type(core.plugins.channels["echo"]), "test_connection", lambda self, account: report)


@pytest.fixture
def account_id(core):
    return accounts.create_account(
        core, SYSTEM, plugin="echo", name="Desk echo", settings={"prefix": "> "}, secrets={"shared_secret": SECRET}
    )


def saved(core):
    core.session.rollback()
    return core.session.scalars(select(ChannelAccount)).all()


def test_only_admins_see_and_connect_accounts(agent, account_id):
    for address in (
        "/accounts",
        "/accounts/connect",
        "/accounts/connect/echo",
        f"/accounts/{account_id}",
        f"/accounts/{account_id}/settings",
    ):
        assert agent.get(address).status_code == 403


def test_every_active_channel_can_be_chosen(admin, core):
    page = admin.get("/accounts/connect").text

    for channel in core.plugins.channels.values():
        assert channel.title in page
    assert admin.get("/accounts/connect/nobody").status_code == 404


def test_a_working_connection_is_saved_and_shown(admin, core):
    admin.get("/accounts/connect/echo")
    answer = admin.post(
        "/accounts/connect/echo", {"account_name": "Desk", "shared_secret": SECRET, "prefix": "> ", "action": "save"}
    )

    row = saved(core)[0]
    assert answer.location == f"/accounts/{row.id}"
    assert (row.name, row.settings) == ("Desk", {"prefix": "> "})
    assert core.vault.unseal(row.secrets) == {"shared_secret": SECRET}
    assert "Connected." in admin.get(answer.location).text


def test_what_is_wrong_with_a_field_stands_beside_it(admin, core):
    answer = admin.post("/accounts/connect/echo", {"account_name": "", "shared_secret": "short", "action": "save"})

    assert answer.status_code == 422
    assert "Give the account a name." in answer.text
    assert 'id="shared_secret-problem"' in answer.text
    assert saved(core) == []


def test_a_connection_that_fails_shows_each_step_and_keeps_what_was_typed(admin, core, refusing):
    fields = {"account_name": "Desk", "shared_secret": SECRET, "prefix": "said: ", "action": "save"}
    answer = admin.post("/accounts/connect/echo", fields)

    assert answer.status_code == 422
    assert "The server refused the password." in answer.text
    assert 'value="said: "' in answer.text
    assert 'value="Desk"' in answer.text
    assert SECRET not in answer.text
    assert saved(core) == []
    again = admin.post("/accounts/connect/echo", {**fields, "shared_secret": "", "action": "save_untested"})
    assert again.status_code == 303
    assert core.vault.unseal(saved(core)[0].secrets) == {"shared_secret": SECRET}


def test_a_secret_typed_on_one_page_is_forgotten_when_the_page_is_left(admin, core, refusing):
    fields = {"account_name": "Desk", "shared_secret": SECRET, "action": "save"}
    admin.post("/accounts/connect/echo", fields)
    admin.get("/accounts/connect/echo")
    answer = admin.post("/accounts/connect/echo", {**fields, "shared_secret": "", "action": "save_untested"})

    assert answer.status_code == 422
    assert saved(core) == []


def test_settings_change_and_secrets_stay_when_left_empty(admin, core, account_id):
    page = admin.get(f"/accounts/{account_id}/settings").text
    assert SECRET not in page
    assert 'value="Desk echo"' in page
    admin.post(
        f"/accounts/{account_id}/settings",
        {"account_name": "Renamed", "prefix": "* ", "shared_secret": "", "action": "save"},
    )

    row = saved(core)[0]
    assert (row.name, row.settings) == ("Renamed", {"prefix": "* "})
    assert core.vault.unseal(row.secrets) == {"shared_secret": SECRET}


def test_an_unknown_setting_is_refused(admin, core):
    answer = admin.post("/accounts/connect/echo", {"account_name": "D", "shared_secret": SECRET, "surprise": "1"})

    assert answer.status_code == 422
    assert saved(core) == []


def test_a_test_shows_its_steps_once(admin, account_id, refusing):
    admin.post(f"/accounts/{account_id}/test")

    page = admin.get(f"/accounts/{account_id}").text
    assert "The connection does not work yet" in page
    assert "The server refused the password." in page
    assert 'class="steps"' not in admin.get(f"/accounts/{account_id}").text


def test_pausing_and_resuming(admin, core, account_id):
    admin.post(f"/accounts/{account_id}/pause")
    assert saved(core)[0].state == "paused"
    assert "Paused" in admin.get("/accounts").text
    admin.post(f"/accounts/{account_id}/resume")
    assert saved(core)[0].state == "active"


def test_trouble_comes_first_and_says_what_to_do(admin, core, account_id, create_account):
    from app.services.core import writing

    other = create_account("echo", name="Broken echo")
    with writing(core) as unit:
        row = unit.session.get(ChannelAccount, other)
        row.state, row.last_error = "needs_reauth", "The password was refused."
    page = admin.get("/accounts").text

    assert page.index("Broken echo") < page.index("Desk echo")
    assert "The password was refused." in page
    assert "enter the password anew" in admin.get(f"/accounts/{other}").text


def test_older_messages_are_fetched_only_where_the_channel_can(admin, core, account_id, create_account):
    mailbox = create_account("mailbox", address="help@example.com")
    admin.post(f"/accounts/{mailbox}/backfill", {"since": "2026-01-01"})
    assert "fetched in the background" in admin.get(f"/accounts/{mailbox}").text
    core.session.rollback()
    assert core.session.get(ChannelAccount, mailbox).backfill_since.isoformat() == "2026-01-01T00:00:00+00:00"

    admin.post(f"/accounts/{account_id}/backfill", {"since": "2026-01-01"})
    assert "cannot fetch earlier messages" in admin.get(f"/accounts/{account_id}").text
    admin.post(f"/accounts/{mailbox}/backfill", {"since": "soon"})
    assert "Choose a date" in admin.get(f"/accounts/{mailbox}").text


def test_an_account_with_conversations_is_not_removed(admin, core, receive_mail, account_id):
    mailbox = receive_mail(create_mail()) and saved(core)[-1].id
    admin.post(f"/accounts/{mailbox}/delete")
    assert "Pause it instead" in admin.get(f"/accounts/{mailbox}").text
    admin.post(f"/accounts/{account_id}/delete")

    assert [row.id for row in saved(core)] == [mailbox]
    assert admin.get(f"/accounts/{account_id}").status_code == 404
