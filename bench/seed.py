"""Keeps a seeded database per size and schema revision in a folder of its own; makes it when it is not there."""

import hashlib
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from flask import current_app
from sqlalchemy import Connection, insert, text

from app.extensions import db
from app.schema import upgrade
from app.services.core import writing
from bench.installation import ROOT, core_of, create_bare_app
from bench.plan import planned_conversations, planned_messages
from bench.rows import SeedRows

__all__ = ["seeded"]

_CHUNK = 5000
_FORM = 2
"""Grows when what is seeded changes, so that old files are not used any more."""
_INDEX = text("INSERT INTO search_fts(rowid, subject, people, body) VALUES (:id, :subject, :people, :body)")


def seeded(count: int) -> Path:
    """The home folder of an installation with `count` conversations. Reused when it was made for the same schema."""
    home = ROOT / f"seed-{count}-{_fingerprint()}"
    if not (home / "done").exists():
        shutil.rmtree(home, ignore_errors=True)
        started = perf_counter()
        print(f"seeding {count:,} conversations into {home} …", file=sys.stderr, flush=True)
        _make(home, count)
        (home / "done").touch()
        print(f"seeded in {perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return home


def _fingerprint() -> str:
    """A digest of the migrations, those of the plugins too: they say what the tables look like."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(str(_FORM).encode())
    for path in sorted([*root.glob("app/migrations/versions/*.py"), *root.glob("plugins/*/migrations/versions/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _make(home: Path, count: int) -> None:
    end = datetime.now(UTC).replace(microsecond=0)
    conversations = list(planned_conversations(count, end))
    app = create_bare_app(home)
    with app.app_context():
        upgrade()
        core = core_of(current_app)
        rows = SeedRows(conversations, planned_messages(conversations), end, files=core.files)
        with writing(core) as unit:
            _write(unit.connection, rows)
        core.plugins.upgrade_shipped()
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("ANALYZE"))
        db.session.remove()
        db.engine.dispose()


def _write(connection: Connection, rows: SeedRows) -> None:
    for model, make_rows in rows.tables():
        _insert(connection, insert(model), make_rows())
    _insert(connection, _INDEX, rows.search_texts())


def _insert(connection: Connection, statement: Any, rows: Iterable[dict[str, Any]]) -> None:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        connection.execute(statement, chunk)
