"""What may be answered now: anything for 24 hours after a person wrote, templates at any time.
https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages"""

from datetime import timedelta

from connectors.meta_graph.whatsapp import MOST_TEXT_CHARACTERS
from plugins.whatsapp.names import TEXT, template_key
from plugins.whatsapp.templates_of import kept_templates
from tidings import Account, Exchange, Host, ReplyChoice, ReplyRules, translatable

__all__ = ["reply_rules"]

WINDOW = timedelta(hours=24)

_FIRST = translatable("WhatsApp takes a template only to begin with, until they write.")
_LATE = translatable("They wrote more than 24 hours ago: WhatsApp takes templates only until they write again.")


def reply_rules(host: Host, account: Account, exchange: Exchange) -> ReplyRules:
    """What holds for an answer at `exchange.now`."""
    templates = tuple(
        ReplyChoice(
            template_key(one.name, one.language), f"{one.name} ({one.language})", takes_text=False, text=one.text
        )
        for one in kept_templates(host, account.id)
    )
    wrote_at = exchange.last_inbound_at
    if wrote_at is not None and exchange.now - wrote_at <= WINDOW:
        own = (ReplyChoice(TEXT, host.gettext("Message")),) if templates else ()
        notice = host.gettext("WhatsApp takes any answer for 24 hours after somebody wrote, then templates only.")
        until = wrote_at + WINDOW
        return ReplyRules(notice=notice, until=until, longest=MOST_TEXT_CHARACTERS, choices=(*own, *templates))
    notice = host.gettext(_FIRST if wrote_at is None else _LATE)
    if not templates:
        notice += " " + host.gettext("There is no approved template without places to fill in.")
    return ReplyRules(notice=notice, is_refused=True, longest=MOST_TEXT_CHARACTERS, choices=templates)
