"""The boxes that the plugin adds to pages of agents and admins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from plugins.webform.form_settings import FormSettings
from plugins.webform.guarding import proof
from plugins.webform.publication import PublishedForm, form_of
from plugins.webform.visiting import visitors
from plugins.webform.visiting.usual import USUAL_TITLE
from tidings import MAIL, Account, ConversationSummary, Host, Panel

__all__ = ["Snippets", "account_panels", "conversation_panels", "dashboard_panels", "note_arrival"]

SHOWN_FORMS = 8


@dataclass(frozen=True, slots=True)
class Snippets:
    """What an admin copies: the page's address, one line of script, a plain frame."""

    link: str
    script: str
    button: str
    frame: str


def dashboard_panels(host: Host) -> Sequence[Panel]:
    """How many messages each form brought this week; nothing when there is no form."""
    accounts = host.accounts()[:SHOWN_FORMS]
    rows = tuple((a.name, _this_week(host, host.account_stats(a.id).received_last_week)) for a in accounts)
    attack = ((host.gettext("Under attack"), notice),) if accounts and (notice := proof.notice(host)) else ()
    return [Panel("Contact forms", rows=(*attack, *rows), order=60)] if rows else []


def conversation_panels(host: Host, conversation: ConversationSummary) -> Sequence[Panel]:
    """Which form it came from and, for as long as it is kept, the visitor's internet address."""
    account = host.account(conversation.account_id) if conversation.channel == host.plugin else None
    if account is None:
        return []
    facts = (
        (host.gettext("Form"), account.name),
        (host.gettext("Answers leave through"), _sender_name(host, FormSettings.from_settings(account.settings))),
        (host.gettext("Visitor's address"), visitors.visitor_address(host, account.id, conversation.id)),
    )
    return [Panel("Contact form", rows=tuple(fact for fact in facts if fact[1]), order=60)]


def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    """The form's addresses, the snippets to copy, and when it last brought something."""
    published = form_of(host, account)
    stats = host.account_stats(account.id)
    context = {"snippets": snippets_for(host, published), "is_open": published.is_open}
    arrivals = (
        (host.gettext("Messages so far"), str(stats.received)),
        (host.gettext("This week"), str(stats.received_last_week)),
        (host.gettext("Last one"), _last_arrival(host, account.id) or host.gettext("none yet")),
    )
    return [
        Panel("Put it on a website", template="webform/account_panel.html", context=context, order=10),
        Panel("Arrivals", rows=arrivals, order=20),
    ]


def snippets_for(host: Host, published: PublishedForm) -> Snippets:
    """Ready to paste; without JavaScript the script's line still shows the frame or the link."""
    script, link, frame = host.url("/embed.js"), published.url(host), published.url(host, "/frame")
    title, invitation = escape(host.gettext("Contact form")), escape(host.gettext(USUAL_TITLE))
    tag = f'<script src="{script}" data-form="{published.key}"'
    iframe = f'<iframe src="{frame}" title="{title}" width="100%" height="720" frameborder="0" loading="lazy"></iframe>'
    return Snippets(
        link=link,
        script=f"{tag} async></script><noscript>{iframe}</noscript>",
        button=f'{tag} data-mode="button" async></script><noscript><a href="{link}">{invitation}</a></noscript>',
        frame=f'{iframe}<script src="{script}" async></script>',
    )


def _this_week(host: Host, count: int) -> str:
    return host.gettext("%(count)s this week") % {"count": count}


def note_arrival(host: Host, account_id: int, at: datetime) -> None:
    """Remember when a form last brought a message."""
    host.store.set(f"last:{account_id}", at.isoformat())


def _last_arrival(host: Host, account_id: int) -> str:
    stored = host.store.get(f"last:{account_id}")
    return f"{datetime.fromisoformat(stored):%Y-%m-%d %H:%M} UTC" if stored else ""


def _sender_name(host: Host, settings: FormSettings) -> str:
    senders = dict(host.sending_accounts(MAIL))
    return senders.get(settings.answer_from) or next(iter(senders.values()), "") or host.gettext("no mailbox yet")
