"""Promises of the migrations: they make exactly the tables of the models, can be taken back, and may be started twice at once."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import inspect

from app.config import Config
from app.errors import ConfigError
from app.extensions import db
from app.factory import create_app
from app.schema import migrations, must_fit, newest_revision


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request, tmp_path):
    """An installation whose database is empty."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return Config(home=tmp_path / "home", database_url=url)


@pytest.fixture
def app_context(config):
    app = create_app(config, with_web=False)
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def tables():
    return {name for name in inspect(db.engine).get_table_names() if not name.startswith(("search_fts", "sqlite_"))}


def test_the_tables_are_those_of_the_models(app_context):
    command.upgrade(migrations(), "head")

    command.check(migrations())  # raises with what an automatic migration would change
    must_fit(db.engine)


def test_everything_can_be_taken_back_and_made_again(app_context):
    command.upgrade(migrations(), "head")
    made = tables()
    command.downgrade(migrations(), "base")
    assert tables() == {"alembic_version"}
    assert "search_fts" not in inspect(db.engine).get_table_names()
    command.upgrade(migrations(), "head")

    assert tables() == made


def test_an_empty_database_does_not_fit(app_context):
    with pytest.raises(ConfigError, match="tidings migrate"):
        must_fit(db.engine)


def test_the_newest_file_is_the_head(app_context):
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(migrations()).get_heads() == [newest_revision()]


@pytest.mark.slow
def test_two_that_migrate_at_once_both_succeed(config, app_context):
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("TIDINGS_")},
        "TIDINGS_HOME": str(config.home),
        "TIDINGS_DATABASE_URL": config.database_url,
    }

    def migrate():
        return subprocess.run(
            [sys.executable, "-m", "app.cli", "migrate"], env=environment, capture_output=True, text=True, timeout=120
        )

    with ThreadPoolExecutor(3) as pool:
        done = [future.result() for future in [pool.submit(migrate) for _ in range(3)]]

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 3
    must_fit(db.engine)
