"""What stands around every page for those who look after the installation: the bell, the urgent notice, safe mode, slow plugins."""

import logging
from collections import defaultdict
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_babel import format_decimal, gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy

from app.domain.roles import Permission
from app.queries.notices import NoticeFacts, open_notices
from app.services.core import Core
from app.services.notices import notice_text
from app.services.plugins.news import PluginNews
from app.web.addresses import url_for
from app.web.contexts.notices import Alerts, NoticeRow, SafeMode, SlowPlugin
from app.web.current import current_core, may_do, signed_in
from app.web.slots import plugin_title

__all__ = ["alert_variables", "install_alerts", "notice_row"]

log = logging.getLogger(__name__)


def alert_variables() -> dict[str, object]:
    """`alerts` and `slow_plugins_of_page` for every template; nothing is read unless a template uses them."""
    return {"alerts": LocalProxy(_alerts), "slow_plugins_of_page": _slow_plugins}


def install_alerts(app: Flask, core: Core) -> None:
    """Give templates their variables, and tell of plugins that this process cannot run."""
    app.context_processor(alert_variables)
    news = PluginNews(core)

    @app.before_request
    def tell_of_plugins() -> None:
        try:
            news.look()
        except SQLAlchemyError:  # the page is answered whether or not this can be told now
            log.exception("what happened to plugins could not be told")


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
        label=gettext("Sign in") if "/sign-in" in facts.path else gettext("Look"),
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


def _slow_plugins() -> tuple[SlowPlugin, ...]:
    """Which plugins this page has waited for so far, for those who may switch them off; the slowest first."""
    slow = current_core().plugins.dispatcher.slot.slow
    if not slow or signed_in() is None or not may_do(Permission.PLUGINS):
        return ()
    seconds: defaultdict[str, float] = defaultdict(float)
    for call in slow:
        seconds[call.plugin] += call.seconds
    return tuple(
        SlowPlugin(plugin_title(name), format_decimal(round(took, 1)), url_for("plugins.show", name=name))
        for name, took in sorted(seconds.items(), key=lambda one: -one[1])
    )


def _here() -> str:
    """The page that the person looks at, also when a part of it fetches itself anew; for coming back to it."""
    shown = request.headers.get("HX-Current-URL", "")
    if shown:
        parts = urlsplit(shown)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return request.script_root + request.full_path.rstrip("?") if request.method == "GET" else ""
