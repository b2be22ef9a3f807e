"""Approved templates of a number's business account: fetched now and then, kept, and offered where free text no longer arrives."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.meta_graph.types import WhatsAppTemplate
from connectors.meta_graph.whatsapp import list_templates
from plugins.whatsapp.graph import number_client
from tidings import Account, Host

__all__ = ["Template", "fetch_templates", "kept_templates", "has_places"]

MOST, LONGEST_NAME = 60, 90
"""So many are offered, of a business's at most 250, and none whose name is longer than the key of a choice may be."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template whose text is complete: one with places to fill in is not offered."""

    name: str
    language: str
    text: str


def fetch_templates(host: Host, account: Account) -> int:
    """Look up what is approved and keep it; gives how many cannot be offered because they have places. Raises `ChannelError`."""
    with number_client(host, account) as client:
        approved = [one for one in list_templates(client, _business_id(account)) if one.status == "APPROVED"]
    ready = [one for one in approved if not has_places(one) and len(one.name) <= LONGEST_NAME]
    kept = [{"name": one.name, "language": one.language, "text": _text(one)} for one in ready[:MOST]]
    host.store.set(f"templates:{account.id}", kept)
    host.store.set(f"templates_left_out:{account.id}", len(approved) - len(kept))
    return len(approved) - len(kept)


def kept_templates(host: Host, account_id: int) -> Sequence[Template]:
    """What was kept last time."""
    return [Template(**one) for one in host.store.get(f"templates:{account_id}", [])]


def has_places(template: WhatsAppTemplate) -> bool:
    """Whether something must be filled in: {{1}} in a text, a picture in the header, a part of an address in a button."""
    for component in template.components:
        is_file = component.get("type") == "HEADER" and component.get("format") not in (None, "TEXT")
        if is_file or "{{" in str(component):
            return True
    return False


def _text(template: WhatsAppTemplate) -> str:
    texts = [
        str(one.get("text") or "") for one in template.components if one.get("type") in ("HEADER", "BODY", "FOOTER")
    ]
    return "\n\n".join(filter(None, texts)) or template.name


def _business_id(account: Account) -> str:
    return str(account.settings.get("business_id"))
