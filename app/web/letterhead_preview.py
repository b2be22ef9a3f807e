"""How a message looks with a letterhead that need not be saved yet: both parts of the mail, as they would leave."""

import base64

from flask_babel import get_locale, gettext
from markupsafe import Markup

from app.domain.markup import markdown_to_html
from app.domain.placeholders import unknown_placeholders
from app.errors import AppError
from app.mime import sanitize_html
from app.models import Letterhead
from app.plugin_api.mail_body import html_body, text_body
from app.plugin_api.messages import Closing, OutboundMessage
from app.queries.letterheads import LetterheadFacts
from app.services.letterheads import LetterheadDraft, checked_colour, checked_logo
from app.services.outgoing.closing import Logo, closings
from app.web.contexts import LetterheadPreview
from app.web.current import current_agent, current_core
from app.web.locale import business

__all__ = ["preview_of"]


def preview_of(draft: LetterheadDraft, stored: LetterheadFacts | None, *, team: str) -> LetterheadPreview:
    """The message, or what is wrong with the letterhead. `stored`: the one whose logo stays unless the draft says otherwise."""
    locale = str(get_locale() or "en")
    unknown = unknown_placeholders(draft.signature, draft.footer)
    try:
        logo = _logo(draft, stored)
        colour = checked_colour(draft.colour)
    except AppError as error:
        return LetterheadPreview(locale, problem=str(error))
    if unknown:
        return LetterheadPreview(
            locale, problem=gettext("Nothing is known of %(name)s.", name="{{" + unknown[0] + "}}")
        )
    letterhead = Letterhead(signature=draft.signature.strip(), footer=draft.footer.strip(), colour=colour)
    signature, footer = closings(letterhead, _values(team), logo)
    message = _message(signature, footer)
    return LetterheadPreview(locale, Markup(sanitize_html(html_body(message))), text_body(message))


def _logo(draft: LetterheadDraft, stored: LetterheadFacts | None) -> Logo | None:
    """In the document itself: it is not sent, and nothing else may load there."""
    if draft.logo:
        kind, width, height = checked_logo(draft.logo)
        return Logo(_as_address(kind, draft.logo), width, height)
    if stored is None or not stored.logo_sha256 or draft.drops_logo:
        return None
    try:
        data = current_core().files.get(stored.logo_sha256)
    except FileNotFoundError:
        return None
    return Logo(_as_address(stored.logo_type, data), stored.logo_width, stored.logo_height)


def _as_address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _values(team: str) -> dict[str, str]:
    name = current_agent().name
    return {
        "agent.name": name,
        "agent.first_name": name.split(" ")[0],
        "team": team,
        "business": business()[0],
        "contact.name": "Ada",
        "conversation.number": "1047",
    }


def _message(signature: Closing, footer: Closing) -> OutboundMessage:
    text = gettext("Hello Ada,\n\nyour lamp is on its way.")
    return OutboundMessage(
        message_id=0,
        conversation_id=0,
        external_id="",
        to=(),
        text=text,
        html=markdown_to_html(text),
        created_at=current_core().clock.now(),
        quoted_text=gettext("Ada wrote:\n> Where is my lamp?"),
        signature=signature,
        footer=footer,
    )
