"""Channel health: how every account does at its provider, on one page."""

from datetime import datetime

from flask import Blueprint, Response
from flask_babel import format_decimal, gettext, ngettext

from app.domain.roles import Permission
from app.domain.terms import SOON
from app.plugin_api.channel import Account, AccountHealth, Capability, Channel, Quota, Term
from app.queries.accounts import AccountFacts
from app.queries.channel_health import Traffic, account_traffic
from app.queries.reconciliation import ComparedFacts, compared_accounts
from app.services.channel_health import all_accounts, health_of, terms_of
from app.web.account_health import account_health, clock_time
from app.web.account_links import plugin_page_url, renewal_url, sign_in_url
from app.web.addresses import url_for
from app.web.contexts import Health
from app.web.contexts.channel_health import ChannelHealthPage, Compared, HealthRow, QuotaBar, Refusal, TermLine
from app.web.current import current_core, require_permission
from app.web.marks import directory
from app.web.reconciliation import numbers_text
from app.web.shell import render_page
from app.web.texts import translated

__all__ = ["blueprint"]

blueprint = Blueprint("channel_health", __name__)
_NEARLY_USED = 0.8
_USED = 0.95


@blueprint.get("/accounts/health")
def show() -> Response:
    """All accounts, those that need somebody first."""
    require_permission(Permission.ACCOUNTS)
    core, known = current_core(), directory()
    traffic, compared, now = account_traffic(core.session), compared_accounts(core.session), core.clock.now()
    seen = {account.id: account for _, account in all_accounts(core)}
    core.session.rollback()
    rows = [
        _row(facts, seen[facts.id], traffic.get(facts.id, Traffic()), compared.get(facts.id), now)
        for facts in known.accounts.values()
        if facts.id in seen
    ]
    rows.sort(key=_urgency)
    troubled = sum(map(_needs_somebody, rows))
    return render_page("accounts/health.html", ChannelHealthPage(tuple(rows), troubled), section="accounts")


def _row(
    facts: AccountFacts, account: Account, traffic: Traffic, compared: ComparedFacts | None, now: datetime
) -> HealthRow:
    channel = current_core().plugins.channels.get(facts.plugin)
    told = health_of(current_core(), channel, account) if channel else AccountHealth()
    terms = terms_of(told) if told and not facts.is_paused else ()
    sign_in = sign_in_url(facts, channel)
    is_elsewhere = "/plugins/" in sign_in
    sign_ins = [term.ends_at for term in terms if not term.path]
    if not sign_in and channel and any(ends_at <= now + SOON for ends_at in sign_ins):
        sign_in = renewal_url(facts, channel)
    return HealthRow(
        id=facts.id,
        name=facts.name,
        channel=directory().channel_mark(facts.id),
        health=_health(facts, channel, is_elsewhere, has_ended=any(ends_at <= now for ends_at in sign_ins)),
        sign_in_url=sign_in,
        is_paused=facts.is_paused,
        last_received_at=facts.received_at,
        last_sent_at=traffic.last_sent_at,
        can_send=channel is not None and Capability.SEND in channel.capabilities,
        events_waiting=traffic.events_waiting,
        undelivered=traffic.undelivered,
        messages_waiting=traffic.messages_waiting,
        refusal=_refusal(traffic),
        compared=_compared(facts.id, compared),
        terms=tuple(_term(facts.plugin, term, now) for term in terms),
        quotas=tuple(_bar(quota, now) for quota in told.quotas) if told else (),
        rows=tuple((translated(label), str(value)) for label, value in told.rows) if told else (),
        is_silent=told is None,
    )


def _health(facts: AccountFacts, channel: Channel | None, is_elsewhere: bool, *, has_ended: bool) -> Health:
    health = account_health(facts, channel, signs_in_elsewhere=is_elsewhere)
    if not has_ended or health.state == "error":
        return health
    return Health("error", gettext("Its sign-in has ended."), None, gettext("Sign in to the provider again."))


def _refusal(traffic: Traffic) -> Refusal | None:
    """The newest message that could not be sent, unless one left since."""
    if traffic.refused_at is None or traffic.refused_number is None:
        return None
    if traffic.last_sent_at is not None and traffic.last_sent_at >= traffic.refused_at:
        return None
    url = url_for("conversation.show", number=traffic.refused_number)
    return Refusal(translated(traffic.refused_because) or gettext("It could not be sent."), traffic.refused_at, url)


def _compared(account_id: int, facts: ComparedFacts | None) -> Compared | None:
    """None for an account that was never compared."""
    if facts is None or facts.finished_at is None:
        return None
    tone = "warn" if facts.missing else "ok"
    return Compared(
        numbers_text(facts.on_server, facts.here),
        tone,
        facts.finished_at,
        url_for("reconciliation.show", id=account_id),
    )


def _term(plugin: str, term: Term, now: datetime) -> TermLine:
    label, ends_at = translated(term.label), term.ends_at
    url = plugin_page_url(plugin, term.path)
    if ends_at <= now:
        return TermLine(label, gettext("Ended"), ends_at, "danger", url)
    days = (ends_at - now).days
    left = ngettext("%(num)s day left", "%(num)s days left", days) if days else gettext("Ends today")
    return TermLine(label, left, ends_at, "warn" if ends_at <= now + SOON else "ok", url)


def _bar(quota: Quota, now: datetime) -> QuotaBar:
    share = quota.used / quota.limit if quota.limit else 1.0
    numbers = gettext("%(used)s of %(limit)s", used=format_decimal(quota.used), limit=format_decimal(quota.limit))
    tone = "danger" if share >= _USED else "warn" if share >= _NEARLY_USED else "ok"
    until = ""
    if quota.resets_at is not None and quota.resets_at > now:
        until = gettext("until %(time)s", time=clock_time(quota.resets_at))
    return QuotaBar(translated(quota.unit), numbers, max(quota.used, 0), quota.limit, tone, until)


def _needs_somebody(row: HealthRow) -> bool:
    is_ending = any(term.tone != "ok" for term in row.terms)
    is_used_up = any(bar.tone == "danger" for bar in row.quotas)
    is_missing_some = row.compared is not None and row.compared.tone != "ok"
    is_stuck = bool(row.undelivered or row.refusal or row.is_silent or is_missing_some)
    return row.health.state == "error" or is_ending or is_used_up or is_stuck


def _urgency(row: HealthRow) -> int:
    """What stands still first, then what soon will, what waits by itself, what does well, and what is paused."""
    if row.health.state == "error":
        return 0
    if _needs_somebody(row):
        return 1
    return 2 if row.health.state == "warning" else 3 + row.is_paused
