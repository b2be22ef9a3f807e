"""What a comparison found, in words: for the page of an account, the page about it, and the page *Channel health*."""

from datetime import datetime

from flask_babel import format_decimal, gettext, ngettext

from app.plugin_api.channel import Capability, Channel
from app.queries.accounts import AccountFacts
from app.queries.reconciliation import ComparedFacts
from app.web.contexts import Health
from app.web.contexts.reconciliation import ReconciliationBox
from app.web.texts import translated

__all__ = ["numbers_text", "reconciliation_box"]


def reconciliation_box(
    account: AccountFacts, channel: Channel | None, facts: ComparedFacts | None, now: datetime
) -> ReconciliationBox | None:
    """The box of an account; None when its channel cannot say what the provider holds, or nothing was read from it yet."""
    if channel is None or Capability.INVENTORY not in channel.capabilities or facts is None or not facts.has_begun:
        return None
    progress = _progress(facts, now)
    return ReconciliationBox(
        mark=_mark(facts),
        missing=facts.missing,
        undelivered=facts.undelivered,
        gone=facts.gone,
        repaired=facts.repaired,
        compared_at=facts.finished_at,
        progress=progress,
        problem="" if progress else translated(facts.problem),
        failed_at=facts.started_at if facts.problem else None,
        may_compare=account.state == "active" and not progress,
    )


def numbers_text(on_server: int, here: int) -> str:
    """ "1,204 on the server, 1,204 here"."""
    words = {"server": format_decimal(on_server), "here": format_decimal(here)}
    return gettext("%(server)s on the server, %(here)s here", **words)


def _mark(facts: ComparedFacts) -> Health:
    if facts.finished_at is None:
        return Health("waiting", gettext("Not compared yet. This is done every night."))
    return Health("warning" if facts.missing else "ok", numbers_text(facts.on_server, facts.here))


def _progress(facts: ComparedFacts, now: datetime) -> str:
    """How far a comparison is; empty when none is wished for or under way."""
    if not facts.is_running(now):
        return gettext("It begins in a moment.") if facts.wanted_at else ""
    if facts.to_fetch:
        done, all_of_them = format_decimal(min(facts.fetched, facts.to_fetch)), format_decimal(facts.to_fetch)
        return gettext("Fetching what is missing: %(done)s of %(all)s", done=done, all=all_of_them)
    if not facts.looked_at:
        return gettext("Comparing with the server.")
    return ngettext(
        "Comparing: %(count)s message listed",
        "Comparing: %(count)s messages listed",
        facts.looked_at,
        count=format_decimal(facts.looked_at),
    )
