"""What stands around every page for those who look after the installation: the bell, the urgent notice, safe mode, slow plugins."""

from urllib.parse import urlsplit

from flask import g, request
from werkzeug.local import LocalProxy

from app.domain.roles import Permission
from app.queries.notices import NoticeFacts, open_notices
from app.services.notices import notice_text
from app.web.contexts.notices import Alerts, NoticeRow, SafeMode
from app.web.current import current_core, may_do, signed_in

__all__ = ["alert_variables", "notice_row"]


def alert_variables() -> dict[str, object]:
    """`alerts` for every template; nothing is read unless a template uses it."""
    return {"alerts": LocalProxy(_alerts)}


def notice_row(facts: NoticeFacts) -> NoticeRow:
    """A notice in the language of the page, without how its mail fares."""
    return NoticeRow(
        id=facts.id,
        level=facts.level,
        text=notice_text(facts.text, facts.data),
        url=request.script_root + facts.path if facts.path else "",
        at=facts.created_at,
        times=facts.times,
        seen_at=facts.seen_at,
        closed_at=facts.closed_at,
        closed_by=facts.closed_by,
    )


def _alerts() -> Alerts:
    if "alerts" not in g:
        g.alerts = _make_alerts()
    return g.alerts


def _make_alerts() -> Alerts:
    if signed_in() is None:
        return Alerts()
    may_see = may_do(Permission.NOTICES)
    found = open_notices(current_core().session) if may_see else []
    urgent = next((one for one in found if one.level != "info"), None)
    return Alerts(
        may_see=may_see,
        count=len(found),
        top=notice_row(urgent) if urgent else None,
        safe_mode=_safe_mode(may_see),
        here=_here(),
    )


def _safe_mode(may_leave: bool) -> SafeMode | None:
    core = current_core()
    if not core.plugins.is_safe_mode:
        return None
    return SafeMode(may_leave=may_leave and not core.config.safe_mode, is_fixed=core.config.safe_mode)


def _here() -> str:
    """The page that the person looks at, also when a part of it fetches itself anew; for coming back to it."""
    shown = request.headers.get("HX-Current-URL", "")
    if shown:
        parts = urlsplit(shown)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return request.script_root + request.full_path.rstrip("?") if request.method == "GET" else ""
