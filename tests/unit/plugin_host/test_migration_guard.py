"""Which raw text a migration of a plugin may run: looks at its own tables and at the catalog, however the rest is written."""

import pytest
import sqlalchemy as sa

from app.plugin_host.tables.guard import guarded_migration, is_named_for


@pytest.fixture
def run():
    """Run a text on a connection that is guarded for the plugin `shop`; there is a foreign table `agent`."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE agent (id INTEGER)"))
        connection.execute(sa.text("CREATE TABLE plugin_shop_order (id INTEGER)"))
        with guarded_migration(connection, "shop", lambda table: is_named_for("shop", table), frozenset({"agent"})):
            yield lambda text: connection.execute(sa.text(text)).all()
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
def test_text_that_reaches_further_is_refused(run, text):
    with pytest.raises(RuntimeError, match="A migration of shop may not do this"):
        run(text)


@pytest.mark.parametrize(
    "text", ["SELECT id FROM plugin_shop_order", "SELECT max(id) FROM plugin_shop_order;", "PRAGMA table_info('agent')"]
)
def test_text_that_looks_at_its_own_may_run(run, text):
    run(text)
