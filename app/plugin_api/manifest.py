"""Reading a manifest, the card a plugin shows before any of its code is imported: `manifest.toml` in its folder, or a block of comments
in a plugin that is one file. What its fields must look like is in `app.plugin_api.manifest_fields`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.plugin_api import manifest_fields as fields
from app.plugin_api.errors import ManifestError
from app.plugin_api.texts import translatable

__all__ = [
    "API_VERSION",
    "HOST_GRANT",
    "KINDS",
    "OLDEST_API",
    "PERMISSIONS",
    "Manifest",
    "parse_manifest",
    "read_manifest",
]

API_VERSION = 3
OLDEST_API = 1
"""Plugins made for this version or a later one still run: what is deprecated goes on working for one major version."""

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
    "tables": translatable("Keep tables of its own in the database"),
    "schedule": translatable("Do work in the background at set times"),
    "contacts": translatable("See who contacts are, and say which addresses belong to one"),
    "other_accounts": translatable("See the names of all accounts"),
    "accounts": translatable("Add accounts of its own and change their settings"),
    "agents": translatable("See the names and addresses of agents"),
}
"""Permission name to the sentence that the owner reads."""

HOST_GRANT = "host:"
"""What stands before the name of a server among the grants."""

LARGEST_BYTES = 1_000_000
_BLOCK_BEGINS = re.compile(r"^# /// tidings[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A plugin's card. `api` is the inclusive range of API versions it works with; `hosts` the servers it may talk to ("*" = those
    its accounts name). `requires` are Python distributions and `requires_plugins` other plugins, both as PEP 508 writes them
    ("phonenumbers>=8.13")."""

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
    requires: tuple[str, ...] = ()
    requires_plugins: tuple[str, ...] = ()
    homepage: str = ""
    licence: str = ""

    @property
    def is_compatible(self) -> bool:
        """Whether this host speaks a version of the API that the plugin works with."""
        return self.api[0] <= API_VERSION and self.api[1] >= OLDEST_API

    @property
    def spoken_api(self) -> int:
        """The version of the API that this host and the plugin speak with one another: the highest both know."""
        return min(self.api[1], API_VERSION)

    @property
    def grants(self) -> tuple[str, ...]:
        """Everything its owner must agree to: the names of its permissions, and "host:api.example.com" for each server."""
        return (*self.permissions, *(f"{HOST_GRANT}{host}" for host in self.hosts))


def read_manifest(path: Path, expected_name: str | None = None) -> Manifest:
    """Read and check the manifest in `path`: a TOML file, or a plugin that is one Python file. Raises `ManifestError` with a sentence;
    imports nothing of the plugin."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ManifestError(f"There is no readable {path.name} beside the plugin ({error.strerror}).") from error
    return decode_manifest(content, path.name, expected_name)


def decode_manifest(content: bytes, file: str, expected_name: str | None = None) -> Manifest:
    """The same for what a file of this name holds. Raises `ManifestError` with a sentence."""
    if len(content) > LARGEST_BYTES:
        raise ManifestError(f"{file} is larger than a megabyte.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(f"{file} is not valid UTF-8: {error}.") from error
    text = text.replace("\r\n", "\n")
    return parse_manifest(_block(text) if file.endswith(".py") else text, file, expected_name)


def parse_manifest(text: str, file: str = "manifest.toml", expected_name: str | None = None) -> Manifest:
    """Check a manifest given as TOML; `file` says in errors where it stood. Raises `ManifestError` with a sentence."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError(f"{file} is not valid TOML: {error}.") from error
    unknown = sorted(set(data) - set(Manifest.__slots__))
    if unknown:
        raise ManifestError(f"{file} has an unknown field: {unknown[0]}.")
    manifest = _build(data)
    if expected_name is not None and manifest.name != expected_name:
        raise ManifestError(f"`name` is {manifest.name!r}, but the plugin was found as {expected_name!r}.")
    return manifest


def _build(data: Mapping[str, Any]) -> Manifest:
    return Manifest(
        name=fields.name(data),
        title=fields.text(data, "title"),
        summary=fields.text(data, "summary"),
        kind=fields.one_of(data, "kind", KINDS),
        version=fields.version(data),
        api=fields.api_range(data),
        capabilities=fields.capabilities(data),
        permissions=fields.some_of(data, "permissions", PERMISSIONS),
        hosts=fields.hosts(data),
        scopes=fields.texts(data, "scopes"),
        owner=fields.optional_text(data, "owner"),
        requires=fields.requirements(data, "requires"),
        requires_plugins=fields.requirements(data, "requires_plugins"),
        homepage=fields.address(data, "homepage"),
        licence=fields.optional_text(data, "licence"),
    )


def _block(source: str) -> str:
    """The TOML between `# /// tidings` and `# ///`, each line of it a comment as in PEP 723."""
    begins = _BLOCK_BEGINS.findall(source)
    if not begins:
        raise ManifestError("It has no manifest: a block of comments from `# /// tidings` to `# ///`.")
    if len(begins) > 1:
        raise ManifestError("It has more than one `# /// tidings` block.")
    start = _BLOCK_BEGINS.search(source)
    assert start is not None
    lines: list[str] = []
    for line in source[start.end() + 1 :].split("\n"):
        if line.rstrip() == "# ///":
            return "\n".join(lines)
        if line.rstrip() != "#" and not line.startswith("# "):
            break
        lines.append(line[2:])
    raise ManifestError("Its `# /// tidings` block does not end with `# ///`.")
