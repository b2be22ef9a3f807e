"""Roles of agents and what each may do. A role includes those before it."""

from enum import StrEnum

__all__ = ["Permission", "Role", "may", "permissions_of", "reaches"]


class Role(StrEnum):
    """Ascending: each may do what the ones before it may."""

    AGENT = "agent"
    LEAD = "lead"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a service asks for before it acts."""

    ANSWER = "answer"
    """Read the Inbox, reply, note, assign, tag, resolve."""
    UNDELIVERED = "undelivered"
    """Look into the Undelivered tray: raw source, retry, discard."""
    TEAMS = "teams"
    """Make and change teams."""
    PEOPLE = "people"
    """Invite, disable and change agents."""
    LETTERHEADS = "letterheads"
    """Change what stands below answers: signatures, footers, logos."""
    ACCOUNTS = "accounts"
    """Connect, change, pause and remove accounts."""
    PLUGINS = "plugins"
    """Activate and deactivate plugins."""
    NOTICES = "notices"
    """Hear of what needs an owner: notices, their mails, safe mode."""
    AUDIT = "audit"
    """Read the audit log."""


_ADDED = {
    Role.AGENT: {Permission.ANSWER},
    Role.LEAD: {Permission.UNDELIVERED, Permission.TEAMS},
    Role.MANAGER: {Permission.PEOPLE, Permission.LETTERHEADS, Permission.AUDIT},
    Role.ADMIN: {Permission.ACCOUNTS, Permission.PLUGINS, Permission.NOTICES},
}


def permissions_of(role: str) -> frozenset[Permission]:
    """All permissions of a role, those of lower roles included."""
    roles = list(Role)
    included = roles[: roles.index(Role(role)) + 1]
    return frozenset().union(*(_ADDED[r] for r in included))


def reaches(role: str, least: str) -> bool:
    """True when a role is the other one or stands above it."""
    roles = list(Role)
    return roles.index(Role(role)) >= roles.index(Role(least))


def may(role: str, permission: Permission) -> bool:
    """True when the role has the permission."""
    return permission in permissions_of(role)
