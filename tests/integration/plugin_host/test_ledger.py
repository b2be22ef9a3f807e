"""The ledger of a plugin's tables: up to date in one transaction, nobody else's tables touched, rows out and in again."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent, indent

import pytest
import sqlalchemy as sa

from app.extensions import prepare_engine
from app.models import Tag
from app.plugin_host.backend import MigrationFailed
from app.plugin_host.info import PluginInfo
from app.plugin_host.tables.ledger import Ledger, is_under_way

FIRST = """
op.create_table(
    "plugin_shop_order",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("plugin_shop_order.id")),
    sa.Column("ordered_at", sa.DateTime(timezone=True)),
    sa.Column("due_on", sa.Date),
    sa.Column("price", sa.Numeric(12, 4)),
    sa.Column("weight", sa.Float),
    sa.Column("is_paid", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("picture", sa.LargeBinary),
    sa.Column("details", sa.JSON),
    sa.Column("state", sa.Enum("new", "sent", name="plugin_shop_state")),
    sa.Column("took", sa.Interval),
    sa.Column("key", sa.Uuid),
)
op.create_index("ix_plugin_shop_order_due_on", "plugin_shop_order", ["due_on"])
op.create_table(
    "plugin_shop_line",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("order_id", sa.Integer, sa.ForeignKey("plugin_shop_order.id", ondelete="CASCADE"), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
)
"""
SECOND = """
with op.batch_alter_table("plugin_shop_order") as batch:
    batch.add_column(sa.Column("note", sa.String(200), nullable=False, server_default=""))
    batch.alter_column("weight", new_column_name="weight_kg", existing_type=sa.Float)
orders = sa.table("plugin_shop_order", sa.column("id"), sa.column("note"))
op.execute(orders.update().values(note=sa.cast(orders.c.id, sa.String)))
"""
BASE = "op.create_table('plugin_shop_order', sa.Column('id', sa.Integer, primary_key=True))"


@pytest.fixture
def shop(tmp_path):
    """Write the plugin's migrations, one for each body, and give what the host knows of it."""

    def write(*bodies: str, name: str = "shop", downs: tuple[str, ...] | None = None) -> PluginInfo:
        folder = tmp_path / f"{name}_{uuid.uuid4().hex[:6]}"
        for number, body in enumerate(bodies, start=1):
            down = downs[number - 1] if downs else f"{number - 1:04}" if number > 1 else ""
            write_migration(folder, f"{number:04}", down, body)
        return PluginInfo(name, "", path=folder)

    return write


@pytest.fixture
def engine(database_url):
    engine = sa.create_engine(database_url)
    prepare_engine(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def empty_ledger() -> Ledger:
    """For what is the same on every database and asks it for little."""
    return Ledger(sa.create_engine("sqlite://"))


def write_migration(folder: Path, revision: str, down: str, body: str) -> None:
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    head = f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {revision!r}\ndown_revision = {down or None!r}\n"
    code = f"{head}\n\ndef upgrade():\n{indent(dedent(body).strip(), '    ')}\n"
    (versions / f"{revision}_step.py").write_text(code)


def migrate(ledger: Ledger, info: PluginInfo) -> None:
    with ledger.migrating(info):
        pass


def tables(engine: sa.Engine) -> set[str]:
    return {one for one in sa.inspect(engine).get_table_names() if one.startswith(("plugin_shop", "_alembic"))}


def reflected(engine: sa.Engine, name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=engine)


def fill(engine: sa.Engine, rows: dict[str, list[dict]]) -> None:
    with engine.begin() as connection:
        for name, values in rows.items():
            connection.execute(sa.insert(reflected(engine, name)), values)


def test_a_plugin_without_migrations_has_no_ledger(empty_ledger, tmp_path):
    for path in (tmp_path, tmp_path / "weather.py", None):
        info = PluginInfo("weather", "", path=path)
        assert not empty_ledger.is_behind(info)
        migrate(empty_ledger, info)
    assert (empty_ledger.revision("weather"), empty_ledger.owned_tables("weather")) == ("", [])


def test_tables_are_made_changed_and_counted(engine, ledger, shop):
    info = shop(FIRST)
    assert ledger.is_behind(info)
    migrate(ledger, info)
    assert (ledger.revision("shop"), ledger.is_behind(info)) == ("0001", False)
    fill(
        engine,
        {
            "plugin_shop_order": [
                {"id": 1, "weight": 2.5, "parent_id": None},
                {"id": 2, "weight": None, "parent_id": 1},
            ],
            "plugin_shop_line": [{"order_id": 1, "what": "tea"}],
        },
    )
    migrate(ledger, shop(FIRST, SECOND))
    assert ledger.owned_tables("shop") == [("plugin_shop_line", 1), ("plugin_shop_order", 2)]
    orders = reflected(engine, "plugin_shop_order")
    with engine.connect() as connection:
        rows = connection.execute(sa.select(orders.c.id, orders.c.weight_kg, orders.c.note).order_by(orders.c.id)).all()
    assert rows == [(1, 2.5, "1"), (2, None, "2")]


def test_what_a_block_raises_undoes_the_migration(engine, ledger, shop):
    def start() -> None:
        with ledger.migrating(shop(FIRST)):
            raise ZeroDivisionError(is_under_way("shop"))

    with pytest.raises(ZeroDivisionError, match="True"):
        start()
    assert (tables(engine), ledger.revision("shop"), is_under_way("shop")) == (set(), "", False)


def test_what_a_later_migration_raises_undoes_all_of_them(engine, ledger, shop):
    with pytest.raises(MigrationFailed, match="Its migration failed: LookupError: no such shelf"):
        migrate(ledger, shop(FIRST, SECOND, "raise LookupError('no such shelf')"))
    assert tables(engine) == set()
    migrate(ledger, shop(FIRST))
    with pytest.raises(MigrationFailed, match="SystemExit"):
        migrate(ledger, shop(FIRST, SECOND, "raise SystemExit(3)"))
    assert (ledger.revision("shop"), "note" in reflected(engine, "plugin_shop_order").c) == ("0001", False)


TAG = "sa.table('tag', sa.column('id'), sa.column('name'))"
FOREIGN_DEEDS = {
    "a table without the prefix": ("op.create_table('shop_order', sa.Column('id', sa.Integer))", "shop_order"),
    "a table of another plugin": (
        "op.create_table('plugin_shops_order', sa.Column('id', sa.Integer))",
        "plugin_shops_order",
    ),
    "another plugin's ledger": (
        "op.create_table('plugin_shop_sub_alembic', sa.Column('id', sa.Integer))",
        "shop_sub_alembic",
    ),
    "a column of the core": ("op.add_column('agent', sa.Column('shoe', sa.String(8)))", "agent"),
    "a batch on the core": ("with op.batch_alter_table('tag') as batch:\n    batch.drop_column('name')", "tag"),
    "an index of the core": ("op.create_index('ix_shop', 'agent', ['name'])", "agent"),
    "a table of the core, away": ("op.drop_table('mention')", "mention"),
    "a table of the core, renamed": ("op.rename_table('agent', 'plugin_shop_agent')", "agent"),
    "a table of its own, renamed": (f"{BASE}\nop.rename_table('plugin_shop_order', 'shop_order')", "shop_order"),
    "rows of the core, changed": (f"op.execute({TAG}.update().values(name='Eve'))", "touches tag"),
    "rows of the core, removed": (f"op.get_bind().execute({TAG}.delete())", "touches tag"),
    "rows of the core, copied": (
        f"{BASE}\norders = sa.table('plugin_shop_order', sa.column('id'))\n"
        f"op.execute(orders.insert().from_select(['id'], sa.select({TAG}.c.id)))",
        "touches tag",
    ),
    "text that changes": ("op.execute('DELETE FROM tag')", "written as text"),
    "text that changes its own": (f"{BASE}\nop.execute('DELETE FROM plugin_shop_order')", "written as text"),
    "text to the driver": ("op.get_bind().exec_driver_sql('DROP TABLE agent')", "written as text"),
    "text that reads the core": ("op.get_bind().execute(sa.text('SELECT * FROM agent'))", "written as text"),
    "a setting of the database": ("op.get_bind().exec_driver_sql('PRAGMA writable_schema=1')", "written as text"),
    "a definition as text": ("op.execute(sa.DDL('CREATE VIEW plugin_shop_x AS SELECT 1'))", "written as text"),
    "a key to the core": (
        "op.create_table('plugin_shop_note', sa.Column('agent_id', sa.Integer, sa.ForeignKey('agent.id')))",
        "refers to agent by a foreign key",
    ),
    "an end of the transaction": (f"{BASE}\nop.get_bind().commit()", "ends the transaction"),
    "a way back": (f"{BASE}\nop.get_bind().rollback()", "ends the transaction"),
    "a block of its own": (f"{BASE}\nwith op.get_context().autocommit_block():\n    pass", "Its migration failed"),
}


def test_a_migration_that_reaches_beyond_its_own_tables_is_undone(engine, ledger, shop):
    fill(engine, {"tag": [{"name": "vip"}]})
    before = sa.inspect(engine).get_table_names()
    for deed, (body, named) in FOREIGN_DEEDS.items():
        with pytest.raises(MigrationFailed) as refused:
            migrate(ledger, shop(body))
        assert named in str(refused.value), deed
        assert sa.inspect(engine).get_table_names() == before, deed
    with engine.connect() as connection:
        assert connection.scalars(sa.select(Tag.__table__.c.name)).all() == ["vip"]


def test_a_migration_may_look_at_its_tables_and_nest(ledger, shop):
    looking = """
    bind = op.get_bind()
    assert sa.inspect(bind).has_table("plugin_shop_order")
    orders = sa.Table("plugin_shop_order", sa.MetaData(), autoload_with=bind)
    with bind.begin_nested():
        bind.execute(orders.insert(), [{"id": 1}, {"id": 2}])
    try:
        with bind.begin_nested():
            bind.execute(orders.insert().values(id=3))
            raise LookupError
    except LookupError:
        pass
    assert bind.scalar(sa.select(sa.func.count()).select_from(orders)) == 2
    """
    migrate(ledger, shop(FIRST, looking))
    assert dict(ledger.owned_tables("shop"))["plugin_shop_order"] == 2


@pytest.mark.parametrize(
    ("bodies", "downs", "sentence"),
    [
        (("pass", "pass", "pass"), ("", "0001", "0001"), "2 ends (0002, 0003)"),
        (("pass", "pass"), ("", "0009"), "the revision '0009' is missing"),
        (("pass", "pass"), ("0002", "0001"), "cannot be read"),
    ],
)
def test_a_broken_chain_is_told(empty_ledger, shop, bodies, downs, sentence):
    info = shop(*bodies, downs=downs)
    for ask in (empty_ledger.is_behind, lambda info: migrate(empty_ledger, info)):
        with pytest.raises(MigrationFailed) as refused:
            ask(info)
        assert sentence in str(refused.value)


def test_a_file_that_cannot_be_read_is_told(empty_ledger, shop):
    info = shop("pass")
    (info.path / "migrations" / "versions" / "0002_broken.py").write_text("import no_such_module\n")
    with pytest.raises(MigrationFailed, match=r"cannot be read: ModuleNotFoundError: No module named 'no_such_module'"):
        empty_ledger.is_behind(info)


def test_tables_newer_than_the_plugin_are_told(ledger, shop):
    migrate(ledger, shop(FIRST, SECOND))
    with pytest.raises(MigrationFailed, match="at revision 0002, which this version of the plugin does not know"):
        ledger.is_behind(shop(FIRST))


def test_two_plugins_whose_names_begin_alike_keep_apart(engine, ledger, shop):
    migrate(ledger, shop(FIRST))
    table = "op.create_table('plugin_shop_gifts_card', sa.Column('id', sa.Integer, primary_key=True))"
    gifts = shop(table, name="shop_gifts")
    migrate(ledger, gifts)
    assert ledger.owned_tables("shop_gifts") == [("plugin_shop_gifts_card", 0)]
    assert [name for name, _ in ledger.owned_tables("shop")] == ["plugin_shop_line", "plugin_shop_order"]
    with pytest.raises(MigrationFailed, match="plugin_shop_gifts_card"):
        migrate(ledger, shop(FIRST, "op.drop_table('plugin_shop_gifts_card')"))
    ledger.drop("shop")
    assert tables(engine) == {"plugin_shop_gifts_alembic", "plugin_shop_gifts_card"}


def test_a_plugin_does_not_take_over_tables_it_finds(engine, ledger, shop):
    migrate(ledger, shop("op.create_table('plugin_shop_gifts_card', sa.Column('id', sa.Integer))"))
    gifts = shop("op.create_table('plugin_shop_gifts_box', sa.Column('id', sa.Integer))", name="shop_gifts")
    with pytest.raises(MigrationFailed, match="There is a table plugin_shop_gifts_card already"):
        migrate(ledger, gifts)


def full_row(number: int, **other: object) -> dict[str, object]:
    return {
        "id": number,
        "parent_id": None,
        "ordered_at": datetime(2026, 3, 1, 10, 30, 0, 250, tzinfo=UTC),
        "due_on": date(2026, 3, 9),
        "price": Decimal("12.3400"),
        "weight": 0.1,
        "is_paid": True,
        "picture": b"\x00\xff",
        "details": {"$": "no type", "tags": ["ü", None, 1.5]},
        "state": "sent",
        "took": timedelta(days=1, seconds=5),
        "key": uuid.UUID(int=7),
        **other,
    }


def all_rows(engine: sa.Engine, name: str) -> list[dict]:
    table = reflected(engine, name)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
        return [dict(row) for row in rows]


def test_rows_are_written_out_and_read_back_with_their_types(engine, ledger, shop):
    info = shop(FIRST)
    migrate(ledger, info)
    made = sa.Table("plugin_shop_order", sa.MetaData(), autoload_with=engine)
    for name, kind in (
        ("ordered_at", sa.DateTime(timezone=True)),
        ("took", sa.Interval()),
        ("key", sa.Uuid()),
        ("details", sa.JSON()),
    ):
        made.c[name].type = kind  # as the plugin itself declares them
    empty = {key: None for key in full_row(3)} | {"id": 3, "is_paid": False}
    with engine.begin() as connection:
        connection.execute(
            made.insert(), [full_row(2), full_row(1, parent_id=2, details=sa.JSON.NULL), empty | {"details": sa.null()}]
        )
    fill(engine, {"plugin_shop_line": [{"order_id": 2, "what": "tea"}]})
    orders, lines = all_rows(engine, "plugin_shop_order"), all_rows(engine, "plugin_shop_line")

    dumped = list(ledger.dump("shop"))
    assert len(dumped) == 4
    ledger.drop("shop")
    assert (tables(engine), ledger.revision("shop")) == (set(), "")
    assert ledger.restore(info, "0001", dumped) == 4
    assert (all_rows(engine, "plugin_shop_order"), all_rows(engine, "plugin_shop_line")) == (orders, lines)
    assert list(ledger.dump("shop")) == dumped
    with engine.begin() as connection:
        assert connection.execute(made.insert().values(is_paid=False)).inserted_primary_key == (4,)


def test_restoring_brings_back_an_older_state_whole(engine, ledger, shop):
    info = shop(FIRST)
    migrate(ledger, info)
    fill(engine, {"plugin_shop_order": [{"id": 5, "weight": 1.0}]})
    dumped = list(ledger.dump("shop"))
    migrate(ledger, shop(FIRST, SECOND))
    assert ledger.restore(info, "0001", dumped) == 1
    assert (ledger.revision("shop"), [row["weight"] for row in all_rows(engine, "plugin_shop_order")]) == (
        "0001",
        [1.0],
    )
    with pytest.raises(MigrationFailed, match="Its rows cannot be put back"):
        ledger.restore(info, "0001", ['{"table": "plugin_shop_nothing", "row": {}}'])
    assert [row["id"] for row in all_rows(engine, "plugin_shop_order")] == [5], "nothing was thrown away"


def test_rows_that_refer_to_nothing_are_refused(ledger, shop):
    info = shop(FIRST)
    migrate(ledger, info)
    with pytest.raises(MigrationFailed):
        ledger.restore(info, "0001", ['{"table": "plugin_shop_line", "row": {"id": 1, "order_id": 9, "what": "x"}}'])
    assert ledger.owned_tables("shop") == [("plugin_shop_line", 0), ("plugin_shop_order", 0)]


def test_a_batch_keeps_the_rows_that_refer_to_the_table(engine, ledger, shop):
    migrate(ledger, shop(FIRST))
    fill(engine, {"plugin_shop_order": [{"id": 1}], "plugin_shop_line": [{"order_id": 1, "what": "tea"}]})
    migrate(
        ledger, shop(FIRST, "with op.batch_alter_table('plugin_shop_order') as batch:\n    batch.drop_column('weight')")
    )
    assert ledger.owned_tables("shop") == [("plugin_shop_line", 1), ("plugin_shop_order", 1)]
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
