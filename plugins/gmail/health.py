"""How a mailbox does at Google, from what is remembered; and the boxes on its page."""

from datetime import datetime

from plugins.gmail.access import ACCESS_TOKEN, expiry_of
from plugins.gmail.application import Application
from plugins.gmail.arrivals import missing_labels
from plugins.gmail.cursor import Place
from plugins.gmail.grants import grant_ends_at
from plugins.gmail.label_changes import waiting_changes
from plugins.gmail.settings import DELEGATED, OAUTH, GmailSettings
from plugins.gmail.units import quota_of, units_today
from plugins.gmail.watches import watch_state
from tidings import Account, AccountHealth, Host, Panel, translatable

__all__ = ["account_health", "account_panels"]

Row = tuple[str, str]
_ACCESS = {OAUTH: translatable("The owner signed in"), DELEGATED: translatable("A service account of the domain")}


def account_health(host: Host, account: Account) -> AccountHealth:
    """Most sign-ins at Google have no end; those of applications in testing do, and some that people give for a time."""
    ends_at = grant_ends_at(host, account.id)
    return AccountHealth(ends_at, (quota_of(host, account.id),), tuple(_facts(host, account)))


def account_panels(host: Host, account: Account) -> list[Panel]:
    """The panels of one account."""
    return [
        Panel("Mailbox", rows=tuple(_mailbox(host, account)), order=20),
        Panel("Google", rows=tuple(_facts(host, account)), order=21),
    ]


def _mailbox(host: Host, account: Account) -> list[Row]:
    settings, stats = GmailSettings.of(account), host.account_stats(account.id)
    rows = [
        (host.gettext("Address"), settings.address),
        (host.gettext("Access"), host.gettext(_ACCESS.get(settings.sign_in, settings.sign_in))),
        (host.gettext("Labels that are read"), ", ".join(settings.labels)),
        (host.gettext("Messages received"), str(stats.received)),
        (host.gettext("In the last seven days"), str(stats.received_last_week)),
    ]
    if missing := missing_labels(host, account.id):
        rows.append((host.gettext("Labels that do not exist"), ", ".join(missing)))
    if settings.send_as:
        rows.insert(1, (host.gettext("Sends as"), settings.send_as))
    if settings.meaning.is_on:
        rows.append((host.gettext("Labels waiting to be changed"), str(waiting_changes(host, account.id))))
    return rows


def _facts(host: Host, account: Account) -> list[Row]:
    stored, place = host.account(account.id), Place.of(account.cursor)
    expires_at = expiry_of(stored.secret(ACCESS_TOKEN)) if stored else None
    return [
        (host.gettext("Pushes"), _pushes(host, account)),
        (host.gettext("Access token good until"), _moment(expires_at) if expires_at else host.gettext("none yet")),
        (host.gettext("Last change read"), _moment(place.read_at) if place else host.gettext("not read yet")),
        (host.gettext("History"), place.history_id if place else host.gettext("not read yet")),
        (host.gettext("Quota units today"), str(units_today(host, account.id))),
    ]


def _pushes(host: Host, account: Account) -> str:
    if not Application.of(host).topic or not GmailSettings.of(account).is_pushed:
        return host.gettext("off, asked every minute")
    state = watch_state(host, account.id)
    if state is None:
        return host.gettext("about to begin")
    if state.trouble:
        return host.gettext("trouble: %(reason)s") % {"reason": state.trouble}
    return host.gettext("announced until %(moment)s") % {"moment": _moment(state.ends_at) if state.ends_at else "…"}


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
