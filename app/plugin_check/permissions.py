"""Permissions and servers: those that the code makes use of against those that the manifest asks for."""

from collections.abc import Iterator

from app.plugin_api.manifest import PERMISSIONS, Manifest
from app.plugin_check.report import Finding, error, warning
from app.plugin_check.source import Source
from app.plugin_check.usage import named_servers, permissions_used
from app.plugin_host.permissions import is_host_declared

__all__ = ["check_permissions"]


def check_permissions(source: Source) -> Iterator[Finding]:
    """Too few keep the plugin from working, too many frighten its owner for nothing."""
    manifest = source.manifest
    if manifest is None:
        return
    yield from _missing(source, manifest)
    yield from _unused(source, manifest)
    yield from _servers(source, manifest)


def _missing(source: Source, manifest: Manifest) -> Iterator[Finding]:
    told: set[str] = set()
    for use in permissions_used(source):
        if use.permission in PERMISSIONS and use.permission not in {*manifest.permissions, *told}:
            told.add(use.permission)
            text = f"{use.what} needs the permission {use.permission!r}, which the manifest does not ask for."
            yield error(use.path, use.line, "permission_missing", text, f'Add "{use.permission}" to `permissions`.')


def _unused(source: Source, manifest: Manifest) -> Iterator[Finding]:
    used = {use.permission for use in permissions_used(source)}
    for permission in manifest.permissions:
        if permission not in used:
            text = f"The manifest asks for {permission!r}, and nothing was found that needs it."
            yield warning(source.card, 0, "permission_unused", text, "Leave it out: owners agree to less more gladly.")


def _servers(source: Source, manifest: Manifest) -> Iterator[Finding]:
    servers = named_servers(source)
    told: set[str] = set()
    for server, path, line in servers:
        if not is_host_declared(manifest, f"https://{server}/") and server not in told:
            told.add(server)
            text = f"It names the server {server}, which is not among the manifest's `hosts`: `host.http` refuses it."
            yield error(path, line, "host_missing", text, f'Add "{server}" to `hosts`, or do not call it.')
    named = {server for server, _, _ in servers}
    for host in manifest.hosts:
        if "*" not in host and host not in named:
            text = f"The manifest names the server {host}, and no address of it stands in the code."
            yield warning(source.card, 0, "host_unused", text, "Leave it out, or write the address where it is used.")
    if manifest.hosts and "network" not in manifest.permissions:
        text = "The manifest names servers but does not ask for the permission 'network'."
        yield warning(source.card, 0, "host_unused", text, "Ask for it, or leave out `hosts`.")
    if "network" in manifest.permissions and not manifest.hosts:
        text = "The manifest asks for 'network' but names no server, so that none can be reached."
        yield warning(source.card, 0, "permission_unused", text, "Name the servers in `hosts`.")
