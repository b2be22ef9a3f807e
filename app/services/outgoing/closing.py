"""From a letterhead to what stands below a message: its signature with logo and line, and its footer, filled in for this message."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from sqlalchemy import select

from app.domain.markup import markdown_to_html
from app.domain.placeholders import filled_html, filled_text, placeholders_in
from app.mime import written_text
from app.models import Contact, Conversation, Letterhead, Message, PluginValue, Team
from app.plugin_api.messages import Closing
from app.services.core import Unit
from app.services.settings import SETTINGS

__all__ = ["Logo", "closings", "logo_id", "logo_of", "values_for"]

_BUSINESS = select(PluginValue.value).where(PluginValue.plugin == SETTINGS, PluginValue.key == "business_name")
_WIDEST, _HIGHEST = 240, 80
_TABLE = (
    '<table role="presentation" border="0" cellpadding="0" cellspacing="0"{}><tr><td style="{}">\n{}</td></tr></table>'
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture: where the HTML finds it, and its size in pixels."""

    address: str
    width: int
    height: int


def logo_id(sha256: str) -> str:
    """The Content-ID of a logo."""
    return f"logo-{sha256[:24]}@letterhead.tidings.invalid"


def logo_of(letterhead: Letterhead) -> Logo | None:
    """The logo of a letterhead as the HTML of a mail names it."""
    if not letterhead.logo_sha256 or not letterhead.logo_width or not letterhead.logo_height:
        return None
    return Logo(f"cid:{logo_id(letterhead.logo_sha256)}", letterhead.logo_width, letterhead.logo_height)


def values_for(unit: Unit, letterhead: Letterhead, row: Message, conversation: Conversation) -> dict[str, str]:
    """What the placeholders of a letterhead stand for in a message; only what it names is looked up. The name of the business is what a
    logo is called, too."""
    named = placeholders_in(letterhead.signature, letterhead.footer)
    agent = row.sender_name if row.agent_id is not None else ""
    values = {
        "agent.name": agent,
        "agent.first_name": agent.split(" ")[0],
        "conversation.number": str(conversation.number),
    }
    if "business" in named or letterhead.logo_sha256:
        values["business"] = unit.session.scalar(_BUSINESS) or ""
    if "team" in named and conversation.team_id is not None:
        values["team"] = unit.session.get_one(Team, conversation.team_id).name
    if "contact.name" in named and conversation.contact_id is not None:
        values["contact.name"] = unit.session.get_one(Contact, conversation.contact_id).name
    return values


def closings(
    letterhead: Letterhead,
    values: Mapping[str, str],
    logo: Logo | None,
    *,
    own_text: str = "",
    is_automatic: bool = False,
) -> tuple[Closing, Closing]:
    """(signature, footer) of a message. `values`: what placeholders stand for. Nobody signs what is automatic, and words that end with the
    signature already (`own_text`) get no second one."""
    footer = _footer(letterhead, values)
    if is_automatic:
        return Closing(), footer
    text, html = _both(letterhead.signature, values)
    if text and own_text.rstrip().endswith(text):
        text = html = ""
    return Closing(text, _signature_html(html, letterhead.colour, logo, values)), footer


def _footer(letterhead: Letterhead, values: Mapping[str, str]) -> Closing:
    text, html = _both(letterhead.footer, values)
    return Closing(text, _TABLE.format("", "padding-top:12px;font-size:12px", html) if html else "")


def _both(written: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Plain text and HTML of what was written in Markdown."""
    if not written:
        return "", ""
    html = filled_html(written, values, markdown_to_html)
    return written_text(filled_text(written, values), html).strip(), html


def _signature_html(html: str, colour: str, logo: Logo | None, values: Mapping[str, str]) -> str:
    """In a table, which every mail program draws alike, and without colours for text and background, so that it can be read where it is
    dark. The class is how mail programs know a signature when they quote."""
    inner = html + (_picture(logo, values.get("business", "")) if logo else "")
    if not inner and not colour:
        return ""
    line = f"border-top:2px solid {colour};" if colour else ""
    return _TABLE.format(' class="signature" style="margin-top:16px"', f"{line}padding-top:8px", inner)


def _picture(logo: Logo, name: str) -> str:
    scale = min(1.0, _WIDEST / logo.width, _HIGHEST / logo.height)
    size = f'width="{max(1, round(logo.width * scale))}" height="{max(1, round(logo.height * scale))}"'
    return f'<p><img src="{escape(logo.address)}" alt="{escape(name)}" {size} border="0"></p>\n'
