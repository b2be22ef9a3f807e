"""Plugin-wide settings: validated, secrets apart, told to every process, every change remembered."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.errors import InvalidInput, NotAllowed, NotFound
from app.models import AuditEntry, PluginState, SettingChange
from app.plugin_host import PluginHost, check_values
from app.services.plugins.backend import ServicesBackend
from app.services.plugins.settings import save_plugin_settings, settings_form, stored_settings
from forms.settings import SecretField


@pytest.fixture
def create_process(core, clock):
    """A further process over the same database."""

    def create():
        cores = []
        host = PluginHost(ServicesBackend(lambda: cores[0]), clock)
        cores.append(replace(core, plugins=host))
        host.start()
        return cores[0]

    return create


@pytest.fixture
def admin(create_agent):
    return create_agent("Lea", role="admin")


@pytest.fixture
def with_secret(core, monkeypatch):
    """The webform plugin's form with a secret besides."""
    monkeypatch.setattr(settings_form(core, "webform"), "token", SecretField("Token"), raising=False)


def save(core, actor, **values) -> None:
    form = settings_form(core, "webform")
    known = stored_settings(core, "webform")
    checked = check_values(form, {"free_links": 3, **values}, stored=known.values, has_secrets=known.secrets)
    save_plugin_settings(core, actor, "webform", checked)


def settings_in(core) -> dict:
    """As the plugin sees them in this process."""
    core.session.rollback()
    core.plugins._refresh_at = 0.0
    core.plugins.refresh()
    return dict(core.plugins._plugins.brought.running["webform"].host.settings)


def history(core) -> list[tuple]:
    rows = core.session.scalars(select(SettingChange).order_by(SettingChange.id))
    return [(row.key, row.before, row.after, row.is_secret, row.agent_name) for row in rows]


def test_without_any_the_form_says_what_holds(core):
    assert settings_in(core) == {"blocked_words": None, "blocked_senders": None, "fine_words": None, "free_links": 3}


def test_what_was_saved_holds_in_every_process(core, admin, create_process):
    other = create_process()
    assert settings_in(other)["free_links"] == 3
    save(core, admin, blocked_words="casino", free_links=1)
    saved = {"blocked_words": "casino", "blocked_senders": None, "fine_words": None, "free_links": 1}
    assert settings_in(other) == settings_in(core) == saved


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_saved_holds_in_the_saving_process_at_once(core, admin):
    host = core.plugins._plugins.brought.running["webform"].host
    assert host.settings["free_links"] == 3
    core.plugins.refresh()
    save(core, admin, free_links=1)

    assert host.settings["free_links"] == 1


def test_settings_are_read_once_until_they_change(core, create_process, monkeypatch):
    core = create_process()
    before = settings_in(core)
    monkeypatch.setattr("app.services.plugins.settings._read", lambda *_: pytest.fail("read again"))
    assert settings_in(core) == before


def test_secrets_are_sealed_kept_and_never_told(core, admin, with_secret):
    save(core, admin, token="the walrus eats")
    save(core, admin, blocked_words="casino")
    assert settings_in(core)["token"] == "the walrus eats"
    assert stored_settings(core, "webform").secrets == {"token"}
    row = core.session.get(PluginState, "webform", populate_existing=True)
    assert "walrus" not in f"{row.settings}{row.secrets}{history(core)}"
    assert "token" not in row.settings


def test_every_change_is_remembered_with_who_made_it(core, admin, with_secret):
    save(core, admin, blocked_words="casino", token="the walrus eats")
    save(core, admin, blocked_words="casino", token="the walrus eats")
    save(core, admin, blocked_words="casino", free_links=0)
    assert history(core) == [
        ("blocked_words", None, "casino", False, "Lea"),
        ("token", None, None, True, "Lea"),
        ("free_links", 3, 0, False, "Lea"),
    ]
    audits = core.session.scalars(select(AuditEntry.data).where(AuditEntry.action == "plugin.settings_changed")).all()
    assert audits[1] == {"settings": ["free_links"], "secrets": []}


def test_what_the_form_does_not_accept_is_not_saved(core, admin):
    with pytest.raises(InvalidInput) as refused:
        save(core, admin, blocked_senders="nobody at all", colour="red")
    assert set(refused.value.fields) == {"colour"}
    with pytest.raises(InvalidInput) as refused:
        save(core, admin, blocked_senders="nobody at all")
    assert set(refused.value.fields) == {"blocked_senders"}
    assert history(core) == []


def test_only_those_who_may_change_plugins_change_settings(core, create_agent):
    with pytest.raises(NotAllowed):
        save(core, create_agent("Ben", role="agent"), free_links=1)
    with pytest.raises(NotFound, match="echo has no settings"):
        settings_form(core, "echo")


def test_a_shipped_plugin_stays_on_when_its_settings_are_saved(core, admin, create_process):
    save(core, admin, free_links=1)
    assert create_process().plugins.info("webform").state == "active"
