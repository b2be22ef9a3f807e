"""The file storage: bytes under their SHA-256, once however often they came, on any file system fsspec knows."""

import hashlib
import os
import re
import uuid
from typing import BinaryIO

import fsspec

__all__ = ["FileStore", "digest_of"]

_DIGEST = re.compile("[0-9a-f]{64}")


def digest_of(data: bytes) -> str:
    """The SHA-256 in hex, under which a storage keeps these bytes."""
    return hashlib.sha256(data).hexdigest()


class FileStore:
    """Content-addressed files below one folder or bucket. Written whole or not at all; never changed afterwards."""

    def __init__(self, address: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(address)
        self._is_local = "file" in self._fs.protocol or self._fs.protocol == "file"

    def path(self, sha256: str) -> str:
        """Where the bytes of this digest stand, relative to nothing: a path of the storage. Raises `FileNotFoundError` for what is no
        digest, so that no name leads out of the storage."""
        if not _DIGEST.fullmatch(sha256):
            raise FileNotFoundError(f"{sha256[:80]!r} is no SHA-256")
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def put(self, data: bytes) -> str:
        """Store bytes durably and return their SHA-256 in hex. Storing the same bytes again costs one look."""
        sha256 = digest_of(data)
        path = self.path(sha256)
        if self._is_local:
            self._put_local(path, data)
        elif not self._fs.exists(path):
            self._fs.pipe_file(path, data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises `FileNotFoundError` when they are not there."""
        return self._fs.cat_file(self.path(sha256))

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a readable file."""
        return self._fs.open(self.path(sha256), "rb")

    def _put_local(self, path: str, data: bytes) -> None:
        if os.path.exists(path):
            return
        fresh = f"{path}.{uuid.uuid4().hex}"
        try:
            _write_new(fresh, data)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _write_new(fresh, data)
        os.replace(fresh, path)


def _write_new(path: str, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
