"""Reading `manifest.toml`, the card a plugin shows before any of its code is imported."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.plugin_api.errors import ManifestError
from app.plugin_api.texts import translatable

__all__ = ["API_VERSION", "KINDS", "PERMISSIONS", "Manifest", "read_manifest"]

API_VERSION = 1

KINDS = ("channel", "panel", "automation", "theme")

PERMISSIONS: Mapping[str, str] = {
    "receive_messages": translatable("Put messages into the inbox"),
    "read_conversations": translatable("Read conversations and messages"),
    "send_messages": translatable("Send messages to contacts"),
    "send_automatic": translatable("Answer contacts automatically"),
    "change_messages": translatable("Change messages on their way in or out"),
    "public_routes": translatable("Show pages to people who are not signed in"),
    "network": translatable("Talk to other servers"),
    "listen": translatable("Accept connections from other servers"),
    "store": translatable("Keep small values of its own"),
}
"""Permission name to the sentence that the owner reads."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d+))?\Z")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A plugin's card. `api` is the inclusive range of API versions it works with; `hosts` the servers it may talk to ("*" = those
    its accounts name)."""

    name: str
    title: str
    summary: str
    kind: str
    version: str
    api: tuple[int, int]
    capabilities: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    owner: str = ""

    @property
    def is_compatible(self) -> bool:
        return self.api[0] <= API_VERSION <= self.api[1]


def read_manifest(path: Path, expected_name: str | None = None) -> Manifest:
    """Read and check a manifest. Raises `ManifestError` with a sentence; imports nothing of the plugin."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"There is no readable manifest.toml beside the plugin ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"manifest.toml is not valid TOML: {error}.") from error
    unknown = sorted(set(data) - set(Manifest.__slots__))
    if unknown:
        raise ManifestError(f"manifest.toml has an unknown field: {unknown[0]}.")
    manifest = Manifest(
        name=_text(data, "name"),
        title=_text(data, "title"),
        summary=_text(data, "summary"),
        kind=_text(data, "kind"),
        version=_text(data, "version"),
        api=_api_range(_text(data, "api")),
        capabilities=_texts(data, "capabilities"),
        permissions=_texts(data, "permissions"),
        hosts=_texts(data, "hosts"),
        scopes=_texts(data, "scopes"),
        owner=data.get("owner", ""),
    )
    _check(manifest, expected_name)
    return manifest


def _check(manifest: Manifest, expected_name: str | None) -> None:
    if not _NAME.match(manifest.name):
        raise ManifestError("`name` must be lower-case letters, digits and underscores, and start with a letter.")
    if expected_name and manifest.name != expected_name:
        raise ManifestError(f"`name` is {manifest.name!r} but the entry point is called {expected_name!r}.")
    if manifest.kind not in KINDS:
        raise ManifestError(f"`kind` must be one of {', '.join(KINDS)}.")
    for permission in manifest.permissions:
        if permission not in PERMISSIONS:
            raise ManifestError(f"`permissions` names {permission!r}, which does not exist.")


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ManifestError(f"`{key}` is missing or is not a text.")
    return value.strip()


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ManifestError(f"`{key}` must be a list of texts.")
    return tuple(value)


def _api_range(text: str) -> tuple[int, int]:
    match = _RANGE.match(text)
    if not match:
        raise ManifestError('`api` must be a version or a range, such as "1" or "1-2".')
    low = int(match.group(1))
    return low, int(match.group(2) or low)
