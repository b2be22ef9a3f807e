"""How Alembic runs over the core's tables, on SQLite and PostgreSQL alike. Plugins keep version tables of their own."""

from alembic import context
from sqlalchemy import func, select

from app.extensions import WRITE, db

__all__: list[str] = []

MIGRATING = 7_468_910_231
"""The number of the lock; any that nobody else uses."""


def is_ours(item, name, kind, reflected, compare_to) -> bool:
    """Leave tables of plugins, of the search index and of the queue alone, and on SQLite the index that only PostgreSQL has."""
    if kind == "index" and name == "ix_search_entry_document":
        return db.engine.dialect.name == "postgresql"
    return not (
        kind == "table" and (name.startswith(("plugin_", "search_fts", "huey_")) and name not in db.metadata.tables)
    )


def run() -> None:
    with db.engine.connect().execution_options(**{WRITE: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=is_ours,
            render_as_batch=True,
            compare_type=True,
            version_table="alembic_version",
            transactional_ddl=True,  # on SQLite too: between two of its commits somebody else would migrate
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":  # who comes second waits and finds it done
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
            context.run_migrations()


run()
