"""The pages about plugins. Their queries are proven on both databases in `tests/integration/core/test_plugin_queries.py`; the pages
themselves are looked at on SQLite only."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite"])
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(autouse=True)
def no_plugins_of_other_tests() -> Iterator[None]:
    """Each test has an installation of its own, but all are in one process, with one table of modules."""
    yield
    for name in [name for name in sys.modules if name.startswith("tidings_plugin_")]:
        del sys.modules[name]
