"""Promises about the host for tests: its tables are those that the plugin's migrations make, its settings begin as the form says."""

import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from tidings import Account, AgentSummary, ContactSummary, Viewer
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


def test_an_account_of_an_address_that_is_known_is_changed_and_not_added_twice():
    """The mailbox says that the address of an account is what stands in `address`."""
    host = FakeHost("mailbox")
    first = host.add_account("Help", settings={"address": "help@example.com"}, secrets={"password": "one"})
    again = host.add_account("Help desk", settings={"address": "help@example.com"}, secrets={"token": "two"})
    other = host.add_account("Sales", settings={"address": "sales@example.com"}, secrets={})
    assert (again, other, len(host.accounts())) == (first, first + 1, 2)
    kept = host.account(first)
    assert (kept.name, kept.address) == ("Help", "help@example.com")
    assert dict(kept.secrets) == {"password": "one", "token": "two"}


def test_settings_that_are_saved_leave_the_others():
    host = FakeHost("nowhere", [Account(4, "nowhere", "Own", "here", {"a": 1, "b": 2})])
    host.save_settings(4, {"b": 3})
    assert dict(host.account(4).settings) == {"a": 1, "b": 3}
    assert host.account(4).address == "here"
    with pytest.raises(RuntimeError, match="not one of its own"):
        host.save_settings(5, {})


def test_who_asks_who_answers_and_whom_it_knows_is_what_the_test_says():
    host = FakeHost("nowhere")
    assert (host.viewer(), list(host.agents()), host.contact("phone", "+49301")) == (None, [], None)
    ada = ContactSummary(3, "Ada", (("phone", "+49301"),))
    host.signed_in = Viewer(1, "Ben", "admin")
    host.staff = [AgentSummary(2, "Cleo", "c@example.com", "agent"), AgentSummary(1, "ben", "b@example.com", "admin")]
    host.contacts = [ada]
    assert host.viewer().name == "Ben"
    assert [one.name for one in host.agents()] == ["ben", "Cleo"]
    assert host.contact("phone", "+49301") == ada


def test_what_was_done_is_told_and_leads_back():
    host = FakeHost("nowhere")
    assert [
        (answer.status_code, answer.location) for answer in (host.done("Hidden."), host.done("Done.", "/list"))
    ] == [
        (303, "/"),
        (303, "/plugins/nowhere/list"),
    ]
    assert host.told == ["Hidden.", "Done."]
    assert host.shared_webhook_url() == "https://inbox.example.com/hooks/nowhere"
