"""What pages say about permissions and servers of plugins: an icon, a sentence, and what it means for the business."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext

from app.plugin_api.manifest import PERMISSIONS, Manifest
from app.plugin_api.texts import translatable
from app.web.contexts import PermissionLine, ServerLine
from app.web.texts import translated

__all__ = ["HOST_GRANT", "cannot_lines", "permission_lines", "server_lines"]

HOST_GRANT = "host:"
"""How a server stands among what was agreed to: "host:api.example.com"."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """`sentence` for an owner; `refusal` for the list of what a plugin cannot do, empty when that would comfort nobody."""

    icon: str
    sentence: str
    refusal: str = ""


_MEANINGS: Mapping[str, _Meaning] = {
    "receive_messages": _Meaning(
        "inbox", translatable("New conversations and messages can come from it."), translatable("bring in messages")
    ),
    "read_conversations": _Meaning(
        "eye",
        translatable("It sees what your customers write and what you answer, with names and addresses."),
        translatable("read your conversations"),
    ),
    "send_messages": _Meaning(
        "send-horizontal",
        translatable("Answers of your agents leave through it."),
        translatable("send messages to your customers"),
    ),
    "send_automatic": _Meaning(
        "zap",
        translatable("It can write to customers by itself, without an agent. Limits against loops apply."),
        translatable("answer your customers by itself"),
    ),
    "change_messages": _Meaning(
        "pencil",
        translatable("It can change a message before it is stored or before it is sent."),
        translatable("change messages on their way"),
    ),
    "contacts": _Meaning(
        "book-user",
        translatable(
            "It sees names and addresses of your contacts, and can say that an unknown address is one of them."
        ),
        translatable("see your contacts"),
    ),
    "agents": _Meaning(
        "users",
        translatable("It sees who your agents are, with their addresses and roles, for example to call them."),
        translatable("see who your agents are"),
    ),
    "accounts": _Meaning(
        "plug",
        translatable("It connects accounts when you sign in at its provider, and keeps their settings up to date."),
        translatable("connect accounts"),
    ),
    "public_routes": _Meaning(
        "globe",
        translatable("Anybody on the internet can open these pages, for example a contact form."),
        translatable("show pages to strangers"),
    ),
    "network": _Meaning(
        "external-link",
        translatable("It sends and fetches data over the internet, to the servers named below."),
        translatable("talk to other servers"),
    ),
    "listen": _Meaning(
        "plug",
        translatable("It opens a door of its own on this machine that others can connect to."),
        translatable("open a port on this machine"),
    ),
    "store": _Meaning("archive", translatable("It remembers small things between two runs, in your database.")),
    "tables": _Meaning(
        "archive",
        translatable("It makes tables in your database. They are its own; it reaches no others."),
        translatable("make tables in your database"),
    ),
    "schedule": _Meaning("alarm-clock", translatable("At night too, and when nobody is signed in.")),
    "other_accounts": _Meaning(
        "plug",
        translatable(
            "It sees names and addresses of the accounts of other plugins that can send, never their passwords."
        ),
        translatable("see your other accounts"),
    ),
}
_UNKNOWN = _Meaning("shield-alert", "")


def permission_lines(
    manifest: Manifest, agreed: Collection[str] = (), *, marks_new: bool = False
) -> tuple[PermissionLine, ...]:
    """What a plugin may do, in the order people should read it: what is new first, then as the manifest names it."""
    lines = [
        PermissionLine(
            icon=(meaning := _MEANINGS.get(name, _UNKNOWN)).icon,
            text=translated(PERMISSIONS[name]) if name in PERMISSIONS else name,
            meaning=translated(meaning.sentence) if meaning.sentence else "",
            is_new=marks_new and name not in agreed,
        )
        for name in manifest.permissions
    ]
    return tuple(sorted(lines, key=lambda line: not line.is_new))


def server_lines(
    manifest: Manifest, agreed: Collection[str] = (), *, marks_new: bool = False
) -> tuple[ServerLine, ...]:
    """The servers a plugin may talk to, "*" in words."""
    return tuple(
        ServerLine(_server_name(host), is_new=marks_new and f"{HOST_GRANT}{host}" not in agreed)
        for host in manifest.hosts
    )


def cannot_lines(permissions: Iterable[str]) -> tuple[str, ...]:
    """What a plugin with these permissions cannot do, as ends of "It cannot …"."""
    held = set(permissions)
    return tuple(
        translated(meaning.refusal)
        for name, meaning in _MEANINGS.items()
        if meaning.refusal and name in PERMISSIONS and name not in held
    )


def _server_name(host: str) -> str:
    if host == "*":
        return gettext("any server that you enter in its settings")
    if host.startswith("*."):
        return gettext("all servers of %(domain)s", domain=host[2:])
    return host
