"""`host.tables`: own tables through expressions, for reading and for writing; everything else is refused with a sentence."""

import pytest
import sqlalchemy as sa

from app.plugin_api.channel import Account
from app.plugin_api.manifest import Manifest
from app.plugin_api.messages import RawEvent
from app.plugin_api.testing import FakeClock, FakeHost
from app.plugin_host import PluginHostServices

META = sa.MetaData()
ORDERS = sa.Table(
    "plugin_shop_order", META, sa.Column("id", sa.Integer, primary_key=True), sa.Column("what", sa.String)
)
RIVAL = sa.Table("plugin_shop_rival_card", META, sa.Column("id", sa.Integer, primary_key=True))


@pytest.fixture
def make_host(backend):
    META.create_all(backend.engine)

    def make(*permissions: str) -> PluginHostServices:
        return PluginHostServices(
            Manifest("shop", "Shop", "A test.", "automation", "1", (2, 2), permissions=permissions),
            backend,
            FakeClock(),
        )

    return make


@pytest.fixture(params=["real", "fake"])
def host(request, make_host):
    if request.param == "real":
        return make_host("tables", "store")
    fake = FakeHost("shop")
    META.create_all(fake.tables.engine)
    return fake


def test_rows_are_written_and_read(host):
    with host.tables.begin() as connection:
        connection.execute(ORDERS.insert(), [{"what": "tea"}, {"what": "milk"}])
        assert connection.execute(ORDERS.insert().values(what="bread")).inserted_primary_key == (3,)
    with host.tables.connect() as connection:
        assert connection.scalars(sa.select(ORDERS.c.what).order_by(ORDERS.c.id)).all() == ["tea", "milk", "bread"]
        assert connection.scalar(sa.select(sa.func.count()).select_from(ORDERS)) == 3
        assert connection.execute(
            sa.select(ORDERS).where(ORDERS.c.id == sa.bindparam("number")), {"number": 2}
        ).one() == (2, "milk")


def test_what_the_block_raises_undoes_it(host):
    def order() -> None:
        with host.tables.begin() as connection:
            connection.execute(ORDERS.insert().values(what="tea"))
            raise LookupError

    with pytest.raises(LookupError):
        order()
    with host.tables.connect() as connection:
        assert connection.scalars(sa.select(ORDERS.c.what)).all() == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (sa.text("DELETE FROM plugin_shop_order"), "written as text"),
        (sa.select(sa.table("agent", sa.column("name"))), "touches agent, which is not a table of its own"),
        (sa.select(RIVAL), "touches plugin_shop_rival_card"),
        (sa.schema.DropTable(ORDERS), "is no SELECT, INSERT, UPDATE or DELETE"),
        ("DELETE FROM plugin_shop_order", "is no SELECT"),
    ],
)
def test_anything_else_is_refused(make_host, statement, sentence):
    for name in ("execute", "scalar", "scalars"):
        with (
            make_host("tables").tables.begin() as connection,
            pytest.raises(RuntimeError, match=f"shop may not .*{sentence}"),
        ):
            getattr(connection, name)(statement)


def test_one_statement_is_written_at_once_and_looked_at_as_any(make_host):
    tables = make_host("tables").tables
    assert tables.write(sa.insert(ORDERS), {"what": "tea"}, is_fleeting=True) == 1
    assert tables.write(sa.insert(ORDERS).values(what="milk")) == 1
    assert tables.write(sa.delete(ORDERS).where(ORDERS.c.what == "tea")) == 1
    with pytest.raises(RuntimeError, match="shop may not .*is no SELECT"):
        tables.write("DELETE FROM plugin_shop_order")
    with pytest.raises(RuntimeError, match="'tables'"):
        make_host("store").tables.write(sa.delete(ORDERS))
    with tables.connect() as connection:
        assert connection.scalars(sa.select(ORDERS.c.what)).all() == ["milk"]


class TestBesideAnEvent:
    EVENT = RawEvent(b"{}", source_key="1")

    def test_own_tables_may_be_written(self, make_host, backend):
        backend.owned = [Account(1, "shop", "Own", "", {})]
        host = make_host("tables", "receive_messages")
        host.receive(1, self.EVENT, at_once=False, beside=[sa.insert(ORDERS).values(what="tea")])
        with host.tables.connect() as connection:
            assert connection.scalars(sa.select(ORDERS.c.what)).all() == ["tea"]

    def test_other_statements_are_refused_and_nothing_is_stored(self, make_host, backend):
        backend.owned = [Account(1, "shop", "Own", "", {})]
        host = make_host("tables", "receive_messages")
        with pytest.raises(RuntimeError, match="touches plugin_shop_rival_card"):
            host.receive(1, self.EVENT, beside=[sa.insert(ORDERS).values(what="tea"), sa.insert(RIVAL).values(id=1)])
        assert backend.received == []
        with host.tables.connect() as connection:
            assert connection.scalars(sa.select(ORDERS.c.what)).all() == []

    def test_tables_need_their_permission(self, make_host, backend):
        backend.owned = [Account(1, "shop", "Own", "", {})]
        with pytest.raises(RuntimeError, match="'tables'"):
            make_host("receive_messages").receive(1, self.EVENT, beside=[sa.insert(ORDERS).values(what="tea")])

    def test_the_fake_writes_once_as_well(self):
        fake = FakeHost("shop", [Account(1, "shop", "Own", "", {})])
        META.create_all(fake.tables.engine)
        for state in ("queued", "duplicate"):
            received = fake.receive(1, self.EVENT, at_once=False, beside=[(sa.insert(ORDERS), {"what": "tea"})])
            assert received.state == state
        with fake.tables.connect() as connection:
            assert connection.scalars(sa.select(ORDERS.c.what)).all() == ["tea"]


def test_a_connection_ends_with_its_block(make_host):
    with make_host("tables").tables.connect() as connection:
        pass
    with pytest.raises(RuntimeError, match="ended with its block"):
        connection.execute(sa.select(ORDERS))


@pytest.mark.parametrize("opening", ["begin", "connect"])
def test_tables_need_the_permission(make_host, opening):
    with pytest.raises(RuntimeError, match="'tables'"), getattr(make_host("store").tables, opening)():
        pytest.fail("it was opened")


def test_nothing_is_asked_of_the_database_while_the_tables_are_changed(make_host, backend):
    host = make_host("tables", "store")
    backend.migrating_now.add("shop")
    for ask in (
        lambda: host.store.increment("starts"),
        lambda: host.tables.begin().__enter__(),
        host.accounts,
        lambda: host.allow("start", "5 per hour"),
        lambda: host.settings,
    ):
        with pytest.raises(RuntimeError, match="shop may not do this while its tables are brought up to date"):
            ask()
    assert host.url("/x").endswith("/plugins/shop/x")
    backend.migrating_now.clear()
    assert host.store.increment("starts") == 1
