"""Promises of the page of an account: its owner signs in again, sees what was changed, and can send diagnostics without secrets."""

import json

import pytest

from app.models import ChannelAccount
from app.plugin_api.messages import RawEvent
from app.services import accounts
from app.services.core import SYSTEM, writing
from app.services.intake import receive

SECRET = "a long shared secret"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is the same on every database."""


@pytest.fixture
def account_id(core):
    return accounts.create_account(
        core, SYSTEM, plugin="echo", name="Desk echo", settings={"prefix": "> "}, secrets={"shared_secret": SECRET}
    )


@pytest.fixture
def refused(core, account_id):
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        row.state, row.last_error = "needs_reauth", f"The provider refused {SECRET}"
    return account_id


@on_sqlite
def test_an_account_works_again_once_its_plugin_has_a_new_secret(core, refused):
    accounts.renew_secret(core, refused, "shared_secret", "a secret from signing in")
    row = core.session.get_one(ChannelAccount, refused, populate_existing=True)
    assert (row.state, row.last_error) == ("active", "")
    assert core.vault.unseal(row.secrets)["shared_secret"] == "a secret from signing in"


@on_sqlite
def test_a_new_secret_does_not_end_a_pause(core, account_id):
    accounts.pause_account(core, SYSTEM, account_id)
    accounts.renew_secret(core, account_id, "shared_secret", "refreshed meanwhile")
    assert core.session.get_one(ChannelAccount, account_id, populate_existing=True).state == "paused"


def test_what_was_changed_is_shown_and_of_secrets_only_that(admin, core, account_id):
    admin.get(f"/accounts/{account_id}/settings")
    for secret in ("", "another long secret", "another long secret"):
        typed = {"account_name": "Desk echo", "prefix": "# ", "shared_secret": secret, "action": "save"}
        assert admin.post(f"/accounts/{account_id}/settings", typed).status_code == 303
    page = admin.get(f"/accounts/{account_id}").text
    assert "&gt;" in page
    assert page.count("was entered anew") == 1, "typed again it is no change"
    assert "another long secret" not in page
    assert SECRET not in page


@on_sqlite
def test_the_owner_signs_in_again_in_the_settings(admin, refused):
    assert (
        f'href="/accounts/{refused}/settings">' in admin.get(f"/accounts/{refused}").text.partition("Sign in again")[0]
    )


@on_sqlite
def test_the_owner_signs_in_again_on_a_page_of_the_plugin(admin, core, refused, monkeypatch):
    echo = type(core.plugins.channels["echo"])
    monkeypatch.setattr(
        echo, "sign_in_path", lambda self, account: f"/connect/{account.id}{account.secrets.get('x', '')}"
    )
    page = admin.get(f"/accounts/{refused}").text
    assert f'href="/plugins/echo/connect/{refused}"' in page
    assert "Sign in to the provider again." in page


@on_sqlite
def test_a_plugin_that_cannot_say_where_leaves_the_settings(admin, core, refused, monkeypatch):
    monkeypatch.setattr(type(core.plugins.channels["echo"]), "sign_in_path", lambda self, account: 1 / 0)
    page = admin.get(f"/accounts/{refused}")
    assert page.status_code == 200
    assert "Sign in again" in page.text


@on_sqlite
@pytest.mark.parametrize(
    "path", ["/../../logout", "//evil.example.com", "/\\evil.example.com", "https://evil.example.com"]
)
def test_no_plugin_leads_owners_out_of_its_own_pages(admin, core, refused, monkeypatch, path):
    monkeypatch.setattr(type(core.plugins.channels["echo"]), "sign_in_path", lambda self, account: path)
    page = admin.get(f"/accounts/{refused}").text
    assert "Sign in again" in page
    assert "evil" not in page
    assert "logout" not in page.partition("Sign in again")[0].rpartition("href=")[2]


@on_sqlite
def test_nobody_is_asked_to_sign_in_while_it_works(admin, account_id):
    assert "Sign in again" not in admin.get(f"/accounts/{account_id}").text


def test_diagnostics_hold_no_secret_and_no_message(admin, core, clock, refused):
    payload = json.dumps(
        {"id": "walrus-1", "text": "walrus", "sent_at": clock.now().isoformat(), "from": {"address": "ada@example.com"}}
    ).encode()
    receive(core, refused, RawEvent(payload, source_key="walrus-1", content_type="application/json"))
    receive(core, refused, RawEvent(b"walrus {", content_type="application/json"))

    answer = admin.get(f"/accounts/{refused}/diagnostics")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="tidings-account-{refused}.json"'
    for hidden in (SECRET, "walrus", "ada@example.com"):
        assert hidden not in answer.text
    told = json.loads(answer.text)
    assert told["account"]["settings"]["prefix"] == "> "
    assert told["account"]["secrets_that_are_set"] == ["shared_secret"]
    assert told["account"]["last_error"] == "The provider refused •••"
    assert told["plugin"]["state"] == "active"
    assert told["installation"]["database"] in ("sqlite", "postgresql")
    assert sum(told["event_counts"].values()) == len(told["last_events"]) == 2
    assert {"state", "size", "received_at", "reason"} <= told["last_events"][0].keys()


@on_sqlite
def test_diagnostics_of_an_account_whose_plugin_is_gone_still_work(admin, core, create_account):
    account_id = create_account("vanished")
    told = json.loads(admin.get(f"/accounts/{account_id}/diagnostics").text)
    assert told["plugin"] == {"name": "vanished", "state": "missing"}
    assert admin.get("/accounts/4711/diagnostics").status_code == 404


@on_sqlite
def test_only_admins_get_diagnostics(agent, account_id):
    assert agent.get(f"/accounts/{account_id}/diagnostics").status_code == 403


@on_sqlite
def test_the_page_says_where_the_provider_posts_to(admin, core, account_id, create_account):
    page = admin.get(f"/accounts/{account_id}").text
    assert page.count(f"{core.config.address}/hooks/echo/{account_id}") == 1
    assert 'data-copies="webhook-url"' in page

    mailbox = create_account("mailbox", address="help@example.com")
    assert "webhook-url" not in admin.get(f"/accounts/{mailbox}").text


@on_sqlite
def test_changed_settings_are_called_as_the_form_calls_them(admin, core, account_id):
    typed = {"account_name": "Desk echo", "prefix": "# ", "shared_secret": "", "action": "save"}
    admin.get(f"/accounts/{account_id}/settings")
    assert admin.post(f"/accounts/{account_id}/settings", typed).status_code == 303

    assert "Begin each echo with" in admin.get(f"/accounts/{account_id}").text
