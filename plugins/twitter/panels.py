"""What an account's page and *Channel health* show: who it is, what was used today, what a day costs, how X is asked."""

from datetime import datetime

from plugins.twitter import restrictions
from plugins.twitter.pace import day_ends_at
from plugins.twitter.plans import budget_of, price_of
from plugins.twitter.reading import due_at
from plugins.twitter.subscription import told_of
from plugins.twitter.usage import reads_by_day, used_today
from tidings import Account, AccountHealth, Host, Panel, Quota

__all__ = ["account_panels", "health"]

DAYS_SHOWN = 7


def account_panels(host: Host, account: Account) -> list[Panel]:
    """The account, and what X costs."""
    told = told_of(host, account.id)
    rows = [
        (host.gettext("Account"), f"@{account.settings.get('username')}"),
        (host.gettext("Told at once"), host.gettext("yes") if told.is_on else told.why_not or host.gettext("no")),
        (host.gettext("X is asked next"), _moment(host, due_at(host, account))),
        (host.gettext("Writing"), _writing(host, account)),
    ]
    return [Panel("X account", rows=tuple(rows), order=20), Panel("Use of X today", rows=_use(host), order=21)]


def health(host: Host, account: Account) -> AccountHealth:
    """Quotas are those of the app, which all accounts share; a sign-in at X does not end by itself."""
    used, budget, resets_at = used_today(host), budget_of(host.settings), day_ends_at(host.now())
    quotas = (
        Quota(used.calls, budget.calls, host.gettext("calls"), resets_at),
        Quota(used.reads, budget.reads, host.gettext("posts and messages read"), resets_at),
    )
    rows = [(host.gettext("Cost today"), _dollars(host, used.reads))]
    if restrictions.why_not(host, account.id, "public") or restrictions.why_not(host, account.id, "direct"):
        rows.append((host.gettext("Writing"), _writing(host, account)))
    return AccountHealth(quotas=quotas, rows=tuple(rows))


def _use(host: Host) -> tuple[tuple[str, str], ...]:
    """All accounts together, since the plan is the app's."""
    used, budget = used_today(host), budget_of(host.settings)
    week = sum(count for _, count in reads_by_day(host, DAYS_SHOWN))
    of = host.gettext("%(used)s of %(limit)s")
    return (
        (host.gettext("Calls"), of % {"used": used.calls, "limit": budget.calls}),
        (host.gettext("Posts and messages read"), of % {"used": used.reads, "limit": budget.reads}),
        (host.gettext("Cost of reading today"), _dollars(host, used.reads)),
        (host.gettext("Cost of a day at most"), _dollars(host, budget.reads)),
        (host.gettext("Cost of the last seven days"), _dollars(host, week)),
        (
            host.gettext("Please note"),
            host.gettext("Counted here, at the price in the settings; X's console has the last word."),
        ),
    )


def _dollars(host: Host, reads: int) -> str:
    return f"US$ {price_of(host.settings, reads)}"


def _writing(host: Host, account: Account) -> str:
    closed = [way for way in ("public", "direct") if restrictions.why_not(host, account.id, way)]
    names = {"public": host.gettext("posts"), "direct": host.gettext("direct messages")}
    if not closed:
        return host.gettext("allowed")
    return host.gettext("not allowed by X: %(what)s") % {"what": ", ".join(names[way] for way in closed)}


def _moment(host: Host, at: datetime) -> str:
    return host.gettext("within a minute") if at <= host.now() else f"{at:%Y-%m-%d %H:%M} UTC"
