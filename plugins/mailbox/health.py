"""How the sign-in of a mailbox does, from what is remembered: for *Channel health* and for the account's page. Passwords do not end."""

from datetime import datetime

from connectors.mail_oauth import PROVIDERS
from plugins.mailbox.settings import PASSWORD, MailboxSettings
from plugins.mailbox.signing_in.application import secret_ends_at
from plugins.mailbox.signing_in.grants import forget_grant, grant_of
from plugins.mailbox.signing_in.keeping import lost_sign_in
from tidings import Account, AccountHealth, Host, Panel, Term, translatable

__all__ = ["account_health", "forget_sign_in", "sign_in_panel"]

_SECRET = translatable("Client secret")
Row = tuple[str, str]


def account_health(host: Host, account: Account) -> AccountHealth:
    """When the owner must sign in again, when the application's secret ends, and whether renewing works."""
    settings = MailboxSettings.of(account)
    if settings.auth == PASSWORD:
        return AccountHealth()
    ends_at = grant_of(host, account.id, settings.auth).end(host.now())
    return AccountHealth(ends_at, rows=tuple(_rows(host, account, settings)), terms=_terms(host, settings))


def sign_in_panel(host: Host, account: Account) -> list[Panel]:
    """The box on the account's page; none for passwords."""
    settings = MailboxSettings.of(account)
    rows = [] if settings.auth == PASSWORD else _rows(host, account, settings)
    return [Panel("Sign-in", rows=tuple(rows), order=21)] if rows else []


def forget_sign_in(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    forget_grant(host, account_id)
    host.over(lost_sign_in(account_id))


def _terms(host: Host, settings: MailboxSettings) -> tuple[Term, ...]:
    provider = PROVIDERS.get(settings.auth)
    ends_at = secret_ends_at(host, provider) if provider else None
    return (Term(_SECRET, ends_at, f"/connect/{settings.auth}"),) if ends_at else ()


def _rows(host: Host, account: Account, settings: MailboxSettings) -> list[Row]:
    grant = grant_of(host, account.id, settings.auth)
    rows: list[Row] = []
    if grant.person:
        rows.append((host.gettext("Signed in as"), grant.person))
    if grant.failed_at:
        since = host.gettext("%(moment)s: %(reason)s") % {"moment": _moment(grant.failed_at), "reason": grant.reason}
        rows.append((host.gettext("Renewing fails since"), since))
    elif grant.refreshed_at:
        rows.append((host.gettext("Sign-in renewed"), _moment(grant.refreshed_at)))
    return rows


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
