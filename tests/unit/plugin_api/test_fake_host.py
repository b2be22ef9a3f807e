"""Promises about the host for tests: its tables are those that the plugin's migrations make, its settings begin as the form says."""

import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from tidings.testing import FakeHost, import_from_folder

ROOT = Path(__file__).parents[3]
NUMBERS = count(1)

CARD = """
name = "{name}"
title = "Shelf"
summary = "Keeps things."
kind = "panel"
version = "1"
api = "2"
permissions = ["tables"]
"""

DOOR = """
from wtforms import BooleanField, IntegerField

from tidings import SecretField, SettingsForm, hookimpl


class ShelfSettings(SettingsForm):
    keep_days = IntegerField("Keep for", default=30, description="Days.")
    is_open = BooleanField("Open", default=True, description="Whether it is.")
    key = SecretField("Key", description="Of the shelf.")


@hookimpl(specname="register_settings")
def settings_of_the_shelf():
    return [ShelfSettings]
"""

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("plugin_{name}_thing", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("plugin_{name}_thing")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    with op.batch_alter_table("plugin_{name}_thing") as table:
        table.add_column(sa.Column("title", sa.String(80), nullable=False, server_default=""))


def downgrade():
    with op.batch_alter_table("plugin_{name}_thing") as table:
        table.drop_column("title")
"""


@pytest.fixture
def shelf(tmp_path):
    """Return a function that writes a plugin with these migrations, known by its name; a name of its own for each test."""
    name = f"shelf{next(NUMBERS)}"

    def write(*migrations: str) -> str:
        folder = tmp_path / name
        (folder / "migrations" / "versions").mkdir(parents=True)
        (folder / "manifest.toml").write_text(CARD.format(name=name))
        (folder / "__init__.py").write_text(DOOR)
        for number, migration in enumerate(migrations, 1):
            path = folder / "migrations" / "versions" / f"{number:04}_step.py"
            path.write_text(migration.replace("{name}", name))
        import_from_folder(folder)
        return name

    return write


def test_its_tables_are_those_that_the_migrations_make(shelf):
    name = shelf(FIRST, SECOND)
    host = FakeHost(name)
    with host.tables.connect() as connection:
        columns = [column["name"] for column in inspect(connection).get_columns(f"plugin_{name}_thing")]
    assert columns == ["id", "title"]


def test_each_host_has_tables_of_its_own(shelf):
    name = shelf(FIRST)
    one, other = FakeHost(name), FakeHost(name)
    with one.tables.begin() as connection:
        connection.execute(text(f"INSERT INTO plugin_{name}_thing (id) VALUES (1)"))
    for host, rows in ((one, 1), (other, 0)):
        with host.tables.connect() as connection:
            assert connection.scalar(text(f"SELECT count(*) FROM plugin_{name}_thing")) == rows


@pytest.mark.parametrize(
    ("migrations", "said"),
    [
        ([FIRST.replace("plugin_{name}_", "shop_")], "makes the table shop_thing"),
        ([FIRST.replace("sa.Integer", "sa.NoSuchType")], "NoSuchType"),
        ([FIRST, SECOND.replace('"0002"', '"0001b"').replace('"0001"\n', "None\n")], "2 ends"),
    ],
)
def test_a_migration_that_the_host_would_refuse_fails_the_test(shelf, migrations, said):
    host = FakeHost(shelf(*migrations))
    with pytest.raises(Exception, match=said), host.tables.connect():
        pass


def test_its_settings_begin_as_the_form_says(shelf):
    host = FakeHost(shelf())
    assert dict(host.settings) == {"keep_days": 30, "is_open": True, "key": None}


def test_what_was_saved_stands_before_the_defaults(shelf):
    host = FakeHost(shelf(), settings={"keep_days": 2})
    assert (host.settings["keep_days"], host.settings["is_open"]) == (2, True)
    host.settings["keep_days"] = 3
    assert host.settings["keep_days"] == 3


def test_of_a_plugin_that_is_not_there_it_knows_what_it_is_told():
    host = FakeHost("nowhere", settings={"a": 1})
    assert host.settings == {"a": 1}
    with host.tables.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_a_package_of_another_name_can_be_named(shelf):
    name = shelf(FIRST.replace("plugin_{name}_", "plugin_shop_"))
    host = FakeHost("shop", package=f"tidings_plugin_{name}")
    assert host.settings["keep_days"] == 30
    with host.tables.connect() as connection:
        assert "plugin_shop_thing" in inspect(connection).get_table_names()


def test_making_a_host_does_not_import_the_plugin():
    """What is not asked for is not looked up: making a channel must stay quick, and its import may be what is tested."""
    code = (
        "import sys; from tidings.testing import FakeHost; FakeHost('echo'); assert 'plugins.echo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
