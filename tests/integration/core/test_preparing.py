"""`tidings run` prepares the database when something of it is behind, and saves the time when nothing is."""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.jobs.supervisor import _PLUGINS, is_prepared
from app.services.agents import create_agent
from app.services.core import SYSTEM


@pytest.fixture
def config(tmp_path, migrated_sqlite):
    """An installation whose tables are all up to date and that has an admin."""
    shutil.copyfile(migrated_sqlite, tmp_path / "tidings.sqlite3")
    config = Config(home=tmp_path)
    with opened(config) as core:
        create_agent(core, SYSTEM, name="Ada", email="ada@example.com", role="admin")
    return config


@contextmanager
def opened(config):
    app = create_app(config, with_web=False)
    with app.app_context():
        yield app.extensions["tidings"]
        db.session.remove()
        db.engine.dispose()


def change(config, statement):
    with closing(sqlite3.connect(config.home / "tidings.sqlite3")) as connection, connection:
        connection.execute(statement)


def test_what_is_up_to_date_is_left_alone(config):
    assert is_prepared(config)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM agent",
        "UPDATE alembic_version SET version_num = '0001'",
        "DROP TABLE alembic_version",
        "UPDATE plugin_webform_alembic SET version_num = '0001'",
        "DROP TABLE plugin_webform_alembic",
    ],
)
def test_what_is_behind_is_prepared(config, statement):
    change(config, statement)

    assert not is_prepared(config)


def test_a_plugin_that_is_switched_off_may_stay_behind(config):
    change(config, "UPDATE plugin_webform_alembic SET version_num = '0001'")
    with opened(config) as core:
        core.plugins.start()
        core.plugins.deactivate("webform")

    assert is_prepared(config)


def test_one_that_must_be_used_is_prepared_though_it_was_switched_off(config):
    change(config, "UPDATE plugin_webform_alembic SET version_num = '0001'")
    with opened(config) as core:
        core.plugins.start()
        core.plugins.deactivate("webform")

    assert not is_prepared(replace(config, must_use_plugins=("webform",)))


def test_one_that_is_not_allowed_is_never_prepared(config):
    change(config, "DROP TABLE plugin_webform_alembic")

    assert is_prepared(replace(config, allowed_plugins=("echo", "mailbox")))


def test_one_whose_packages_are_missing_is_never_prepared(config, tmp_path, monkeypatch):
    change(config, "DROP TABLE plugin_webform_alembic")
    shutil.copytree(_PLUGINS / "webform", tmp_path / "plugins" / "webform")
    monkeypatch.setattr("app.jobs.supervisor._PLUGINS", tmp_path / "plugins")
    manifest = tmp_path / "plugins" / "webform" / "manifest.toml"
    manifest.write_text('requires = ["no-such-package>=1"]\n' + manifest.read_text())

    assert is_prepared(config)


def test_a_home_whose_name_looks_like_an_address_is_looked_at(config):
    odd = config.home.rename(config.home.with_name("100%25 a?b#c"))

    assert is_prepared(replace(config, home=odd))


def test_a_new_home_is_prepared(tmp_path):
    assert not is_prepared(Config(home=tmp_path / "new"))
