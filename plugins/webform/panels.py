"""The boxes that the plugin adds to pages of agents and admins."""

from collections.abc import Sequence
from dataclasses import dataclass

from plugins.webform.checking.pages import verdict_of
from plugins.webform.checking.results import arrivals, latest, week_of_tests
from plugins.webform.form_settings import FormSettings
from plugins.webform.guarding import proof
from plugins.webform.sharing.context import Context, ContextState
from plugins.webform.sharing.share_pages import snippets_of
from plugins.webform.sharing.short_address import short_address
from plugins.webform.storing.submissions import last_submission, submission_of
from plugins.webform.storing.versions import current
from plugins.webform.visiting import visitors
from plugins.webform.visiting.customer import read_kept
from tidings import MAIL, Account, ConversationSummary, Host, Panel, Viewer, translatable

__all__ = ["FormRow", "account_panels", "conversation_panels", "dashboard_panels"]

SHOWN_FORMS = 8
_TRUST = {
    ContextState.VERIFIED: translatable("Verified by the site"),
    ContextState.UNVERIFIED: translatable("Not verified"),
    ContextState.EXPIRED: translatable("Verified once, expired"),
}


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form on the dashboard: how much came this week, and how its last test ended ("passed", "failed", "unsure", empty without one).
    `path` leads to the test, for those who may open it."""

    name: str
    count: str
    test: str
    verdict: str
    path: str


def dashboard_panels(host: Host, viewer: Viewer) -> Sequence[Panel]:
    """What each form brought this week and whether it works; nothing when there is no form."""
    accounts = host.accounts()[:SHOWN_FORMS]
    if not accounts:
        return []
    tests, no_arrivals, is_admin = latest(host), week_of_tests(host), viewer.role == "admin"
    rows = []
    for account in accounts:
        week = host.account_stats(account.id).received_last_week - no_arrivals.get(account.id, 0)
        test = tests.get(account.id)
        rows.append(
            FormRow(
                name=account.name,
                count=host.gettext("%(count)s this week") % {"count": max(week, 0)},
                test=test.state.value if test else "",
                verdict=verdict_of(host, test) if test else host.gettext("not tested yet"),
                path=f"forms/{account.id}/test" if is_admin else "",
            )
        )
    context = {"rows": rows, "notice": proof.notice(host) if rows else ""}
    return (
        [Panel("Contact forms", template="webform/checking/dashboard.html", context=context, order=60)] if rows else []
    )


def conversation_panels(host: Host, conversation: ConversationSummary) -> Sequence[Panel]:
    """Which form it came from, in which version; for as long as it is kept, the visitor's internet address; and what the site around the
    form said of its customer, told apart by whether it can be believed."""
    account = host.account(conversation.account_id) if conversation.channel == host.plugin else None
    if account is None:
        return []
    submission = submission_of(host, conversation.id)
    sender = _sender_name(host, FormSettings.from_settings(account.settings))
    facts = (
        (host.gettext("Form"), account.name),
        (host.gettext("Version"), str(submission.number) if submission else ""),
        (host.gettext("Answers leave through"), sender if "@" in conversation.contact_address else ""),
        (host.gettext("Visitor's address"), visitors.visitor_address(host, account.id, conversation.id)),
    )
    customer = read_kept(submission.context) if submission else Context()
    panels = [Panel("Contact form", rows=tuple(fact for fact in facts if fact[1]), order=60)]
    if customer.values:
        panels.append(Panel(_TRUST[customer.state], rows=tuple(customer.values.items()), order=61))
    return panels


def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    """The way to the form's own pages, the line that most sites need, and when it last brought something."""
    definition = current(host, account).definition
    context = {
        "account_id": account.id,
        "address": short_address(host, account.id).url,
        "snippets": snippets_of(host, account, definition),
        "is_open": any(one.id == account.id for one in host.accounts()),
    }
    ever, week = arrivals(host, account.id)
    rows = (
        (host.gettext("Messages so far"), str(ever)),
        (host.gettext("This week"), str(week)),
        (host.gettext("Last one"), _last_arrival(host, account.id) or host.gettext("none yet")),
    )
    return [
        Panel("Put it on a website", template="webform/account_panel.html", context=context, order=10),
        Panel("Arrivals", rows=rows, order=20),
    ]


def _last_arrival(host: Host, account_id: int) -> str:
    at = last_submission(host, account_id)
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _sender_name(host: Host, settings: FormSettings) -> str:
    senders = dict(host.sending_accounts(MAIL))
    return senders.get(settings.answer_from) or next(iter(senders.values()), "") or host.gettext("no mailbox yet")
