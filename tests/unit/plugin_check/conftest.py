"""A plugin that is sound, for tests to spoil."""

import pytest

from app.scaffold import write_plugin


@pytest.fixture
def folder(tmp_path):
    """A new channel that is sound."""
    write_plugin("channel", "pager", tmp_path)
    return tmp_path / "pager"
