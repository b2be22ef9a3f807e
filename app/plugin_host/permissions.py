"""What a plugin may do: the permissions of its manifest, and which hooks and registrations need which of them."""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from time import perf_counter
from typing import NoReturn
from urllib.parse import urlsplit

from app.domain.roles import Role
from app.plugin_api.channel import Capability, Channel
from app.plugin_api.manifest import HOST_GRANT, PERMISSIONS, Manifest
from app.plugin_api.registrations import Route

__all__ = [
    "CAPABILITY_PERMISSIONS",
    "HOOK_PERMISSIONS",
    "Permit",
    "channel_problem",
    "grant_texts",
    "hook_problem",
    "is_host_declared",
    "route_problem",
]

LEEWAY_S = 5.0

HOOK_PERMISSIONS: Mapping[str, str] = {
    "register_services": "listen",
    "register_jobs": "schedule",
    "conversation_panels": "read_conversations",
    "conversation_actions": "read_conversations",
    "message_actions": "read_conversations",
    "contact_panels": "contacts",
    "contact_actions": "contacts",
    "conversation_changed": "read_conversations",
    "message_received": "read_conversations",
    "message_sent": "read_conversations",
    "delivery_failed": "read_conversations",
    "conversation_created": "read_conversations",
    "filter_inbound": "change_messages",
    "filter_outbound": "change_messages",
    "match_contact": "contacts",
    "choose_team": "read_conversations",
    "choose_sending_account": "read_conversations",
}
"""Hooks that show or change more than the plugin's own things, and the permission each of them needs."""

CAPABILITY_PERMISSIONS: Mapping[Capability, str] = {
    Capability.FETCH: "receive_messages",
    Capability.BACKFILL: "receive_messages",
    Capability.INVENTORY: "receive_messages",
    Capability.WEBHOOK: "receive_messages",
    Capability.SHARED_WEBHOOK: "receive_messages",
    Capability.COMPLETE: "receive_messages",
    Capability.PUBLIC_FORM: "receive_messages",
    Capability.SEND: "send_messages",
}


def grant_texts(grants: Iterable[str]) -> list[str]:
    """Each grant in plain words, as in `Manifest.grants`: "Talk to api.example.com" for the server."""
    return [
        _host_text(one.removeprefix(HOST_GRANT)) if one.startswith(HOST_GRANT) else PERMISSIONS[one] for one in grants
    ]


def _host_text(host: str) -> str:
    if host == "*":
        return "Talk to the servers that its accounts name"
    return f"Talk to all servers below {host[2:]}" if host.startswith("*.") else f"Talk to {host}"


class Permit:
    """What one plugin may do, asked at every request. What goes beyond it raises RuntimeError with a sentence and is recorded, also when
    the plugin catches that."""

    def __init__(
        self, manifest: Manifest, record: Callable[[str], None] | None = None, values: Iterable[str] = ()
    ) -> None:
        """`values` were set by whoever runs the installation: the plugin may talk to a server whose address is one of them."""
        self.manifest = manifest
        self.plugin = manifest.name
        self._origins = frozenset(filter(None, map(_origin, values)))
        self._record = record
        self._ends_at = inf

    def end(self) -> None:
        """The plugin was stopped: what it is doing just now it may finish, but threads it left behind may do nothing any more."""
        self._ends_at = perf_counter() + LEEWAY_S

    def must_hold(self) -> None:
        """Raise RuntimeError once the plugin was stopped."""
        if perf_counter() > self._ends_at:
            raise RuntimeError(f"{self.plugin} was switched off or replaced; what is left of it may not do this.")

    def require(self, permission: str) -> None:
        """Raise RuntimeError unless the plugin runs and its manifest asks for the permission."""
        self.must_hold()
        if permission not in self.manifest.permissions:
            wanted = PERMISSIONS[permission].lower()
            self.refuse(f"do this: its manifest does not ask for the permission {permission!r} ({wanted})")

    def may_reach(self, url: str) -> bool:
        """Whether the manifest names the server of `url`, or whoever runs the installation gave its address."""
        return is_host_declared(self.manifest, url) or _origin(url) in self._origins

    def refuse(self, deed: str) -> NoReturn:
        """Raise RuntimeError: the plugin may not do this."""
        sentence = f"{self.plugin} may not {deed}."
        if self._record is not None:
            self._record(sentence)
        raise RuntimeError(sentence)


def hook_problem(manifest: Manifest, hooks: Iterable[str]) -> str:
    """Why the plugin may not implement one of these hooks, as a sentence; empty when it may."""
    for hook in hooks:
        permission = HOOK_PERMISSIONS.get(hook)
        if permission and permission not in manifest.permissions:
            return f"It implements {hook} but its manifest does not ask for the permission {permission!r}."
    return ""


def channel_problem(manifest: Manifest, channel: Channel) -> str:
    """Why this channel may not stand under this manifest, as a sentence; empty when it may."""
    for capability in sorted(channel.capabilities):
        if capability not in manifest.capabilities:
            return f"Its channel can {capability!s} but its manifest does not name that capability."
        permission = CAPABILITY_PERMISSIONS.get(capability)
        if permission and permission not in manifest.permissions:
            return f"Its channel can {capability!s} but its manifest does not ask for the permission {permission!r}."
    return ""


def route_problem(manifest: Manifest, route: Route) -> str:
    """Why this route may not be mounted, as a sentence; empty when it may."""
    if route.is_public and "public_routes" not in manifest.permissions:
        return f"Its route {route.rule} is public but its manifest does not ask for the permission 'public_routes'."
    if route.role not in list(Role):
        return f"Its route {route.rule} is for the role {route.role!r}; there are {', '.join(Role)}."
    return ""


def is_host_declared(manifest: Manifest, url: str) -> bool:
    """Whether the manifest names the server of `url`: by its name, as "*.example.com" for those below it, or as "*" for any."""
    host = (urlsplit(url).hostname or "").lower()
    return bool(host) and any(
        declared == "*" or host == declared or (declared.startswith("*.") and host.endswith(declared[1:]))
        for declared in map(str.lower, manifest.hosts)
    )


def _origin(address: str) -> str:
    """ "http://127.0.0.1:8080" of an address of the web, an empty text of anything else."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    is_plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc.lower()}" if is_plain else ""
