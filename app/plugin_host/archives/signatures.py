"""Signatures of plugin archives: Ed25519 over a list of all files, and the keys that this installation trusts.

A signature says whose archive it is, never that it is harmless. Nothing here asks anybody over the network. The format stands in
`docs/adr/0012-plugin-archives.md`.
"""

import base64
import binascii
import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from app.errors import InvalidInput

__all__ = [
    "SIGNATURE_FILE",
    "BrokenSignature",
    "Signed",
    "SignedState",
    "add_trusted",
    "create_keys",
    "key_id",
    "read_private_key",
    "read_public_key",
    "remove_trusted",
    "sign_files",
    "trusted_keys",
    "verify_files",
]

SIGNATURE_FILE = "SIGNATURE.toml"
_FORMAT = 1
_HEADER = "tidings plugin signature 1"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}\Z")
_MOST_BYTES = 4000


class BrokenSignature(InvalidInput):
    """A signature that does not fit what it lies beside, or a key that cannot be read: refused whoever it is from."""


class SignedState(StrEnum):
    """TRUSTED: by a key of the trust store. UNKNOWN: whole, but by a key nobody here vouches for. UNSIGNED: no signature at all."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Signed:
    """By whom some files are signed. `name` is the trust store's name for a trusted key; for an unknown one it is what the signer calls
    itself, which proves nothing. `key` is the key's short id, empty when unsigned."""

    state: SignedState = SignedState.UNSIGNED
    name: str = ""
    key: str = ""

    @property
    def is_trusted(self) -> bool:
        return self.state is SignedState.TRUSTED


def key_id(public_key: bytes) -> str:
    """The short name of a raw public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def sign_files(digests: Mapping[str, str], private_key: Ed25519PrivateKey, signer: str) -> str:
    """The text of `SIGNATURE.toml` for files given as path → SHA-256 in hex. The same input gives the same text."""
    signer = _check_signer(signer)
    public = _raw(private_key.public_key())
    signature = private_key.sign(_signed_text(digests, signer))
    lines = {
        "signer": signer,
        "key": key_id(public),
        "public_key": base64.b64encode(public).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return f"format = {_FORMAT}\n" + "".join(f'{name} = "{value}"\n' for name, value in lines.items())


def verify_files(digests: Mapping[str, str], signature: bytes | None, trusted: Mapping[str, bytes]) -> Signed:
    """Who signed these files (path → SHA-256), `signature` being the content of `SIGNATURE.toml`, None where there is none. `trusted` are
    the raw public keys of the trust store by name. Raises `BrokenSignature` when it does not fit."""
    if signature is None:
        return Signed()
    signer, public, value = _read_signature(signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(value, _signed_text(digests, signer))
    except InvalidSignature:
        raise BrokenSignature(
            "Its signature does not fit its files: something was changed after it was signed. Get it anew from its author."
        ) from None
    name = next((name for name, key in sorted(trusted.items()) if key == public), "")
    if name:
        return Signed(SignedState.TRUSTED, name, key_id(public))
    return Signed(SignedState.UNKNOWN, signer, key_id(public))


# ---- keys in files
def create_keys(private_path: Path, public_path: Path) -> str:
    """Write a new pair of keys as PEM, the private one readable by its owner alone; returns the key's id. Raises `InvalidInput` when one
    of the files is there already."""
    for path in (private_path, public_path):
        if path.exists():
            raise InvalidInput(f"{path} is there already; keys are never overwritten.")
    key = Ed25519PrivateKey.generate()
    _write_new(private_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write_new(public_path, _pem(key.public_key()), 0o644)
    return key_id(_raw(key.public_key()))


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key as `create_keys` wrote it. Raises `BrokenSignature`."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BrokenSignature(f"{path} holds no private Ed25519 key without a passphrase.")
    return key


def read_public_key(path: Path) -> bytes:
    """The raw 32 bytes of a public key in a PEM file. Raises `BrokenSignature`."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BrokenSignature(f"{path} holds no public Ed25519 key.")
    return _raw(key)


# ---- the trust store
def trusted_keys(folder: Path) -> dict[str, bytes]:
    """The trusted public keys by name, from `<name>.pub` files; none when there is no such folder. Raises `BrokenSignature` for a file
    that holds no key, since a store that cannot be read must not look like an empty one."""
    return {path.stem: read_public_key(path) for path in sorted(folder.glob("*.pub"))}


def add_trusted(folder: Path, name: str, public_path: Path) -> str:
    """Trust a public key under a name; returns its id. Raises `InvalidInput` when the name is taken or the key trusted already."""
    if not _NAME.match(name):
        raise InvalidInput(
            "A name of a key has small letters, digits, dots, dashes and underscores, at most 60 of them."
        )
    public = read_public_key(public_path)
    for known, key in trusted_keys(folder).items():
        if key == public or known == name:
            raise InvalidInput(f"{known} is trusted already, with the key {key_id(key)}.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_new(folder / f"{name}.pub", _pem(Ed25519PublicKey.from_public_bytes(public)), 0o644)
    return key_id(public)


def remove_trusted(folder: Path, name: str) -> None:
    """Trust a key no more. What it signed and is installed stays. Raises `InvalidInput` when there is none of this name."""
    path = folder / f"{name}.pub"
    if not _NAME.match(name) or not path.is_file():
        raise InvalidInput(f"No trusted key is called {name}.")
    path.unlink()


def _signed_text(digests: Mapping[str, str], signer: str) -> bytes:
    """What is signed: a header, the signer, and a line for each file, sorted by the bytes of the paths, which hold no line break."""
    files = sorted((path.encode(), digest.encode()) for path, digest in digests.items())
    head = f"{_HEADER}\nsigner {signer}\n".encode()
    return head + b"".join(b"%s  %s\n" % (digest, path) for path, digest in files)


def _read_signature(content: bytes) -> tuple[str, bytes, bytes]:
    """Signer, raw public key, raw signature."""
    try:
        if len(content) > _MOST_BYTES:
            raise ValueError("too long")
        data = tomllib.loads(content.decode())
        if data.get("format") != _FORMAT:
            raise BrokenSignature("Its signature is of a format that this version of Tidings does not know.")
        public = base64.b64decode(data["public_key"], validate=True)
        value = base64.b64decode(data["signature"], validate=True)
        signer = _check_signer(data["signer"])
        if len(public) != 32 or len(value) != 64 or data["key"] != key_id(public):
            raise ValueError("wrong lengths")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise BrokenSignature(f"Its {SIGNATURE_FILE} cannot be read.") from error
    return signer, public, value


def _check_signer(signer: object) -> str:
    if (
        not isinstance(signer, str)
        or not 1 <= len(signer) <= 80
        or not signer.isprintable()
        or set(signer) & set('"\\')
    ):
        raise BrokenSignature("The name of a signer is one line of at most 80 letters, without quotes and backslashes.")
    return signer


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
