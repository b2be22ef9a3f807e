"""A plugin with tables of its own: made when it is switched on, used by its code in any thread, gone with a start that failed."""

import shutil
import sys
import threading
import time
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.plugin_host import PluginHost, State, discover
from app.plugin_host.tables import migration_chain
from app.services.core import writing
from app.services.plugins.backend import InAnyThread, ServicesBackend

MANIFEST = """name = "shop"
title = "Shop"
summary = "x"
kind = "automation"
version = "1"
api = "2"
permissions = ["tables", "store", "schedule"]
"""
CODE = """
from datetime import timedelta
import sqlalchemy as sa
from tidings import Job, hookimpl

ORDERS = sa.Table("plugin_shop_order", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("what", sa.String(20)))

def order(host):
    with host.tables.begin() as connection:
        connection.execute(ORDERS.insert().values(what="tea"))

def count(host):
    with host.tables.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(ORDERS))

@hookimpl
def register_jobs(host):
    {at_start}
    return [Job("order", every=timedelta(hours=1), run=lambda: order(host))]
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None

def upgrade():
    op.create_table("plugin_shop_order", sa.Column("id", sa.Integer, primary_key=True), sa.Column("what", sa.String(20)))
"""


@pytest.fixture
def create_host(core, tidings_app, clock, tmp_path, monkeypatch):
    """A process with the shop, which does `at_start` while it registers its job."""
    folder = tmp_path / "shops" / "tables_shop"
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def create(at_start: str = "pass") -> PluginHost:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "migrations" / "versions").mkdir(parents=True)
        (folder / "__init__.py").write_text(CODE.replace("{at_start}", at_start))
        (folder / "manifest.toml").write_text(MANIFEST)
        (folder / "migrations" / "versions" / "0001_orders.py").write_text(MIGRATION)
        cores = []
        backend = InAnyThread(ServicesBackend(lambda: cores[0]), tidings_app)
        host = PluginHost(backend, clock, find=lambda: discover([EntryPoint("shop", "tables_shop", "tidings.plugins")]))
        cores.append(replace(core, plugins=host))
        monkeypatch.setitem(tidings_app.extensions, "tidings", cores[0])
        host.start()
        return host

    yield create
    sys.modules.pop("tables_shop", None)


def has_table() -> bool:
    db.session.rollback()
    return sa.inspect(db.engine).has_table("plugin_shop_order")


def test_tables_are_there_once_the_plugin_is_on_and_work_in_any_thread(create_host):
    host = create_host()
    assert not has_table()
    assert host.activate("shop").state is State.ACTIVE
    shop, job = sys.modules["tables_shop"], host.jobs["shop"][0]
    services = host._plugins.brought.running["shop"].host
    threads = [threading.Thread(target=job.run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    job.run()
    assert shop.count(services) == 7


def test_a_start_that_asks_the_database_fails_at_once_and_leaves_nothing(create_host):
    started = time.monotonic()
    info = create_host("host.store.set('started', 1)").activate("shop")
    assert (info.state, has_table()) == (State.QUARANTINED, False)
    assert "shop may not do this while its tables are brought up to date" in info.problem
    assert time.monotonic() - started < 10
    assert create_host("1 / 0").activate("shop").state is State.QUARANTINED
    assert not has_table()
    assert create_host().activate("shop").state is State.ACTIVE, "repaired, it starts"


def test_writing_inside_a_transaction_of_ours_is_refused_at_once(core, create_host):
    host = create_host()
    host.activate("shop")
    with writing(core), pytest.raises(RuntimeError, match="must not change anything"):
        host.jobs["shop"][0].run()


def test_small_values_survive_a_first_write_from_many_at_once(core, tidings_app):
    backend = InAnyThread(ServicesBackend(lambda: core), tidings_app)
    ready = threading.Barrier(8)
    errors = []

    def write(number: int) -> None:
        ready.wait(20)
        try:
            for key in range(5):
                backend.set_value("shop", f"last{key}", number)
                backend.increment_value("shop", f"count{key}", 1)
        except sa.exc.SQLAlchemyError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    core.session.rollback()
    assert [backend.get_value("shop", f"count{key}", 0) for key in range(5)] == [8] * 5
    assert all(backend.get_value("shop", f"last{key}", None) in range(8) for key in range(5))


@pytest.mark.parametrize("place", ["while it is read", "while it runs"])
def test_a_migration_that_never_ends_is_ended(create_host, monkeypatch, place):
    monkeypatch.setattr(migration_chain, "READING_S", 0.5)
    monkeypatch.setattr(migration_chain, "RUNNING_S", 0.5)
    host = create_host()
    path = host.info("shop").path / "migrations" / "versions" / "0001_orders.py"
    endless = "while True:\n    pass\n"
    path.write_text(
        MIGRATION + (endless if place == "while it is read" else f"    {endless.replace('    ', '        ')}")
    )
    started = time.monotonic()
    info = host.activate("shop")
    assert time.monotonic() - started < 10
    assert (info.state, has_table()) == (State.QUARANTINED, False)
    assert "where 0.5 s are allowed" in info.problem
    path.write_text(MIGRATION)
    assert host.activate("shop").state is State.ACTIVE, "the database was not left locked"
