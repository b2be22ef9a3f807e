"""Which raw text a migration of a plugin may run: looks at its own tables and at the catalog, however the rest is written."""

import pytest
import sqlalchemy as sa

from app.plugin_host.tables.guard import guarded_migration, is_named_for


@pytest.fixture
def guarded():
    """A connection that is guarded for the plugin `shop`; there is a foreign table `agent`."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE agent (id INTEGER)"))
        connection.execute(sa.text("CREATE TABLE plugin_shop_order (id INTEGER)"))
        with guarded_migration(connection, "shop", lambda table: is_named_for("shop", table), frozenset({"agent"})):
            yield connection
    engine.dispose()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM agent",
        "SELECT * FROM AGENT",
        "select * from `Agent`",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT query_to_xml ('SELECT 1', true, true, '')",
        "SELECT pg_catalog.set_config('role', 'x', false)",
        "SELECT load_extension('x')",
        "PRAGMA table_info(agent); DELETE FROM agent",
        "PRAGMA writable_schema = 1",
        "ATTACH DATABASE 'x' AS y",
        "WITH x AS (SELECT 1) SELECT * FROM x",
    ],
)
def test_text_that_reaches_further_is_refused(guarded, text):
    with pytest.raises(RuntimeError, match="A migration of shop may not do this"):
        guarded.execute(sa.text(text))


@pytest.mark.parametrize(
    "text", ["SELECT id FROM plugin_shop_order", "SELECT max(id) FROM plugin_shop_order;", "PRAGMA table_info('agent')"]
)
def test_text_that_looks_at_its_own_may_run(guarded, text):
    guarded.execute(sa.text(text))


AGENT = sa.table("agent", sa.column("id"))
ORDER = sa.table("plugin_shop_order", sa.column("id"))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (sa.select(AGENT).into("plugin_shop_copy"), "touches agent"),
        (sa.schema.CreateTableAs(sa.select(AGENT), "plugin_shop_copy"), "touches agent"),
        (sa.schema.CreateView(sa.select(AGENT), "plugin_shop_view"), "makes a view"),
        (sa.schema.CreateView(sa.select(ORDER), "plugin_shop_view"), "makes a view"),
        (sa.schema.DropTable(sa.table(sa.quoted_name("plugin_shop_order; DELETE FROM agent", quote=False))), "as text"),
    ],
    ids=range(5),
)
def test_nothing_of_others_is_brought_under_a_name_of_its_own(guarded, statement, sentence):
    with pytest.raises(RuntimeError, match=sentence):
        guarded.execute(statement)


def test_a_table_may_be_made_of_its_own(guarded):
    guarded.execute(sa.select(ORDER).into("plugin_shop_copy"))
