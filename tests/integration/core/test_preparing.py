"""`tidings run` prepares the database when something of it is behind, and saves the time when nothing is."""

import shutil
import sqlite3
from contextlib import closing, contextmanager

import pytest

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.jobs.supervisor import is_prepared
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


def test_a_new_home_is_prepared(tmp_path):
    assert not is_prepared(Config(home=tmp_path / "new"))
