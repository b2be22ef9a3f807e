"""Promises of the file storage: the same bytes once, whole or not at all, on any file system."""

import os

import pytest

from app.files import FileStore


@pytest.fixture(params=["local", "memory"])
def store(request, tmp_path):
    return FileStore(str(tmp_path / "files") if request.param == "local" else f"memory://files-{os.getpid()}")


def test_bytes_come_back_under_their_digest(store):
    sha256 = store.put(b"hello")

    assert sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert store.get(sha256) == b"hello"
    assert store.put(b"hello") == sha256
    with store.open(sha256) as file:
        assert file.read() == b"hello"


def test_unknown_bytes_are_reported_as_missing(store):
    with pytest.raises(FileNotFoundError):
        store.get("0" * 64)


def test_no_half_written_file_is_left_behind(tmp_path):
    store = FileStore(str(tmp_path))
    store.put(b"x" * 100_000)

    assert [len(name) for _, _, names in os.walk(tmp_path) for name in names] == [64]


@pytest.mark.parametrize("name", ["../../secret.key", "/etc/passwd", "", "a" * 63, "A" * 64, "0" * 64 + "\n"])
def test_no_name_leads_out_of_the_storage(store, name):
    with pytest.raises(FileNotFoundError):
        store.get(name)
    with pytest.raises(FileNotFoundError):
        store.open(name)
