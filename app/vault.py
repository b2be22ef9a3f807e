"""The installation's keys: a file of Fernet keys (newest first) that encrypts secrets and from which signing keys are derived.

What is opened or closed here is remembered by `app.redaction`, which keeps it out of logs.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import ConfigError
from app.redaction import known_secrets

__all__ = ["Vault", "open_vault"]


class Vault:
    """Encrypts with the newest key and reads with any, so that keys can be rotated by putting a new line on top of the file."""

    def __init__(self, keys: list[bytes]) -> None:
        self._keys = keys
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._derived: dict[str, tuple[bytes, ...]] = {}

    def __repr__(self) -> str:
        return f"<Vault of {len(self._keys)} keys>"

    def seal(self, secrets: Mapping[str, str]) -> str:
        """Encrypt a mapping of secrets to a text; nothing at all becomes an empty text."""
        known_secrets.remember(secrets.values())
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""

    def unseal(self, sealed: str) -> dict[str, str]:
        """The mapping back. Raises `ConfigError` when no key of the file fits."""
        if not sealed:
            return {}
        try:
            secrets = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise ConfigError(
                "Stored credentials cannot be read: secret.key is not the one they were written with. Restore it from a backup."
            ) from None
        known_secrets.remember(secrets.values())
        return secrets

    def derived(self, purpose: str) -> list[bytes]:
        """32-byte keys for one purpose, newest first: sign with the first, accept any."""
        if purpose not in self._derived:
            info = b"tidings:" + purpose.encode()
            self._derived[purpose] = tuple(
                HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key) for key in self._keys
            )
        return list(self._derived[purpose])


def open_vault(path: Path) -> Vault:
    """Open the key file, making it (mode 0600) when it does not exist. Raises `ConfigError` when it is unusable or open to others."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path)
    if path.is_file() and path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others; run: chmod 600 {path}")
    try:
        return Vault([line.strip() for line in path.read_bytes().splitlines() if line.strip()])
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, IndexError):
        raise ConfigError(f"{path} holds no valid key; restore it from a backup.") from None


def _create(path: Path) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process of ours was first; its key is the one
    finally:
        fresh.unlink()
