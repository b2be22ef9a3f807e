"""The audit log."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from app.domain.roles import Permission
from app.queries.audit import AuditFacts, audit_entries
from app.queries.paging import Position
from app.queries.people import AgentName, agent_names
from app.web.contexts import AuditPage, AuditRow, Filter, FilterOption, avatar
from app.web.current import current_core, require_permission
from app.web.plugin_audit import plugin_action_text
from app.web.shell import render_page

__all__ = ["action_text", "blueprint"]

blueprint = Blueprint("audit", __name__)
_AREAS = ("agent", "team", "account", "contact", "plugin", "undelivered")


@blueprint.get("/audit")
def index() -> Response:
    """One page, newest first."""
    require_permission(Permission.AUDIT)
    core = current_core()
    area = request.args.get("area", "")
    who = request.args.get("who", "")
    chosen = {"area": area if area in _AREAS else None, "who": who if who.isdecimal() and len(who) < 10 else None}
    position = Position(after=request.args.get("after", ""), before=request.args.get("before", ""))
    agents = agent_names(core.session)
    found = audit_entries(
        core.session,
        area=chosen["area"] or "",
        agent_id=int(chosen["who"]) if chosen["who"] else None,
        position=position,
    )
    page = AuditPage(
        rows=tuple(_row(entry, agents) for entry in found.rows),
        filters=_filters(chosen, agents),
        older_url=url_for("audit.index", after=found.older, **_set(chosen)) if found.older else None,
        newer_url=url_for("audit.index", before=found.newer, **_set(chosen)) if found.newer else None,
    )
    return render_page("audit/list.html", page, section="audit")


def action_text(action: str, data: Mapping[str, object] | None = None) -> str:
    """What was done, in the reader's language; an action nobody knows is shown by its name."""
    about_plugins = plugin_action_text(action, data or {})
    if about_plugins is not None:
        return about_plugins
    texts = {
        "agent.created": gettext("Invited"),
        "agent.password_set": gettext("Set a password"),
        "agent.signed_out": gettext("Signed out everywhere"),
        "agent.enabled": gettext("Allowed to sign in again"),
        "agent.disabled": gettext("Disabled"),
        "agent.role": gettext("Changed the role"),
        "agent.changed": gettext("Changed"),
        "agent.two_factor_reset": gettext("Switched off the second factor"),
        "team.created": gettext("Made a team"),
        "team.changed": gettext("Changed a team"),
        "team.removed": gettext("Removed a team"),
        "account.created": gettext("Connected"),
        "account.changed": gettext("Changed the settings"),
        "account.paused": gettext("Paused"),
        "account.resumed": gettext("Resumed"),
        "account.removed": gettext("Removed"),
        "account.backfill": gettext("Fetched older messages"),
        "account.silence": gettext("Changed whether an unusual quiet is told"),
        "account.repair": gettext("Fetched what was missing"),
        "contact.merged": gettext("Merged a contact into another"),
        "contact.merge_undone": gettext("Took contacts apart again"),
        "contact.address_added": gettext("Added an address to a contact"),
        "contact.address_moved": gettext("Moved an address to another contact"),
        "letterhead.created": gettext("Made a letterhead"),
        "letterhead.changed": gettext("Changed a letterhead"),
        "letterhead.deleted": gettext("Removed a letterhead"),
        "notice.dismissed": gettext("Dismissed a notice"),
        "safe_mode.entered": gettext("Switched safe mode on"),
        "safe_mode.left": gettext("Left safe mode"),
        "undelivered.retried": gettext("Tried again what was not delivered"),
        "undelivered.discarded": gettext("Discarded what was not delivered"),
    }
    text = texts.get(action, action.replace(".", ": ").replace("_", " "))
    details = ", ".join(str(value) for value in (data or {}).values() if isinstance(value, str) and value)
    return f"{text} ({details})" if details else text


def _row(entry: AuditFacts, agents: Mapping[int, AgentName]) -> AuditRow:
    agent = agents.get(entry.agent_id) if entry.agent_id is not None else None
    return AuditRow(
        at=entry.created_at,
        text=action_text(entry.action, entry.data),
        who=avatar(agent.name, agent.id) if agent else None,
        target=entry.subject,
    )


def _set(chosen: Mapping[str, str | None]) -> dict[str, Any]:
    """The filters that are on."""
    return {name: value for name, value in chosen.items() if value}


def _filters(chosen: Mapping[str, str | None], agents: Mapping[int, AgentName]) -> tuple[Filter, ...]:
    areas = {
        "agent": gettext("Agents"),
        "team": gettext("Teams"),
        "account": gettext("Accounts"),
        "contact": gettext("Contacts"),
        "plugin": gettext("Plugins"),
        "undelivered": gettext("Undelivered"),
    }
    people = {str(agent.id): agent.name for agent in agents.values()}
    return (
        _filter("area", gettext("What"), areas, chosen),
        _filter("who", gettext("Who"), people, chosen),
    )


def _filter(name: str, label: str, options: Mapping[str, str], chosen: Mapping[str, str | None]) -> Filter:
    def url(value: str | None) -> str:
        return url_for("audit.index", **_set({**chosen, name: value}))

    return Filter(
        name=name,
        label=label,
        value_label=options.get(chosen[name] or ""),
        clear_url=url(None),
        options=tuple(FilterOption(text, url(value), value == chosen[name]) for value, text in options.items()),
    )
