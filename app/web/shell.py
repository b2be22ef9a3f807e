"""Rendering a page inside the shell: the rail with its counts, toasts, the offer to undo; whole, or as a fragment for htmx."""

import time
from collections.abc import Mapping
from typing import Any

from flask import Response, g, make_response, render_template, request, session
from flask_babel import gettext
from werkzeug.local import LocalProxy

from app.domain.roles import Permission
from app.queries.shell import shell_facts
from app.web.addresses import url_for
from app.web.contexts import CurrentAgent, Entrance, Shell, UndoOffer, avatar
from app.web.current import current_agent, current_core, may_do
from app.web.locale import business, reader, text_direction
from app.web.plugin_links import collect_links

__all__ = [
    "entrance",
    "is_partial",
    "offer_again",
    "offer_undo",
    "render_entrance",
    "render_page",
    "role_name",
    "shell_variables",
]

_UNDO = "undo"
_OFFER_S = 12
_REFRESH = "X-Tidings-Refresh"
"""Header of a page that fetches itself again because something changed; it takes no toasts away from a person's own page."""

_SECTIONS = {
    "accounts": Permission.ACCOUNTS,
    "plugins": Permission.PLUGINS,
    "people": Permission.PEOPLE,
    "letterheads": Permission.LETTERHEADS,
    "audit": Permission.AUDIT,
    "undelivered": Permission.UNDELIVERED,
}


def render_page(template: str, page: object, *, section: str, status: int = 200, search_text: str = "") -> Response:
    """A page of the signed-in product. htmx gets the content without the shell."""
    g.section, g.search_text = section, search_text
    response = make_response(render_template(template, page=page, shell=_shell(), is_fragment=is_partial()), status)
    response.headers["Vary"] = "HX-Request"
    return response


def render_entrance(template: str, page: object, *, status: int = 200) -> Response:
    """A page outside the shell."""
    return make_response(render_template(template, page=page), status)


def is_partial() -> bool:
    """Whether htmx asks for a part of a page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def shell_variables() -> dict[str, object]:
    """`shell` and `entrance` for every template; nothing is read unless a template uses them."""
    return {"shell": LocalProxy(_shell), "entrance": LocalProxy(entrance)}


def entrance() -> Entrance:
    """What surrounds pages outside the shell."""
    return Entrance(business_name=business()[0] or "Tidings", locale=_locale(), text_direction=text_direction())


def offer_undo(text: str, endpoint: str, number: int, message_id: int) -> None:
    """Show on the next page that a message can still be taken back."""
    seconds = current_core().config.undo_s
    if seconds > 0:
        _offer(text, endpoint, {"number": number}, seconds, fields={"message": str(message_id)})


def offer_again(text: str, label: str, endpoint: str, **values: str) -> None:
    """Show on the next page what was done, with a button that posts to `endpoint`, which takes it back."""
    _offer(text, endpoint, values, _OFFER_S, label=label)


def _offer(
    text: str,
    endpoint: str,
    values: Mapping[str, str | int],
    seconds: int,
    *,
    fields: Mapping[str, str] | None = None,
    label: str = "",
) -> None:
    session[_UNDO] = {
        "text": text, "endpoint": endpoint, "values": dict(values), "fields": dict(fields or {}), "label": label,
        "until": time.time() + seconds,
    }  # fmt: skip


def role_name(role: str) -> str:
    """The name of a role in the page's language."""
    names = {
        "agent": gettext("Agent"),
        "lead": gettext("Team lead"),
        "manager": gettext("Manager"),
        "admin": gettext("Admin"),
    }
    return names.get(role, role)


def _shell() -> Shell:
    if "shell" not in g:
        g.shell = _make_shell()
    return g.shell


def _make_shell() -> Shell:
    agent = current_agent()
    facts = shell_facts(current_core().session)
    allowed = {name for name, permission in _SECTIONS.items() if may_do(permission)}
    if may_do(Permission.TEAMS):
        allowed.add("people")
    return Shell(
        business_name=facts.business_name,
        agent=CurrentAgent(agent.id, agent.name, agent.email, role_name(agent.role), avatar(agent.name, agent.id)),
        current=g.get("section", ""),
        sections=frozenset({"inbox", "dashboard", "contacts", *allowed}),
        counts={
            "inbox": facts.open_count,
            "undelivered": facts.undelivered_count,
            "accounts": facts.troubled_accounts,
        },
        plugin_links=collect_links(),
        theme=agent.theme,
        locale=_locale(),
        text_direction=text_direction(),
        stream_url=url_for("realtime.stream", since=facts.change_id),
        undo=None if _REFRESH in request.headers else _take_undo(),
        search_text=g.get("search_text", ""),
    )


def _take_undo() -> UndoOffer | None:
    offer: dict[str, Any] = session.pop(_UNDO) if _UNDO in session else {"until": 0}
    left = int(offer["until"] - time.time())
    if left < 1:
        return None
    url = url_for(offer["endpoint"], **offer["values"])
    return UndoOffer(offer["text"], url, left, offer["fields"], offer["label"])


def _locale() -> str:
    return reader().language.replace("_", "-")
