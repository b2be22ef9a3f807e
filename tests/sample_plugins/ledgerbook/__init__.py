"""A plugin with a table, for tests: it writes a line for each message that arrives."""

from datetime import datetime

import sqlalchemy as sa

from tidings import hookimpl

ENTRY = sa.table(
    "plugin_ledgerbook_entry",
    sa.column("text", sa.String),
    sa.column("written_at", sa.DateTime),
)


@hookimpl
def message_received(host, message):
    with host.tables.begin() as connection:
        connection.execute(
            sa.insert(ENTRY).values(text=message.text.strip()[:200], written_at=datetime(2026, 1, 2, 3, 4, 5))
        )
    host.store.increment("lines")
