"""The pages about plugins. Their queries are proven on both databases in `tests/integration/core/test_plugin_queries.py`; the pages
themselves are looked at on SQLite only."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite"])
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"
