"""What a contact's page says about who is one person: who looks like it, who was merged, and which addresses can be added."""

from collections.abc import Sequence

from flask_babel import gettext

from app.domain.same_person import Likeness
from app.plugin_api.channel import MAIL, Capability
from app.queries.contact_likeness import alike_contacts, undoable_merges
from app.queries.contacts import ContactFacts
from app.queries.conversation_page import IdentityFacts
from app.services.contact_merging import MERGED, UNDO_FOR
from app.web.contexts import AlikeRow, Choice, MergedRow
from app.web.current import current_core
from app.web.marks import contact_mark, directory
from app.web.texts import translated

__all__ = ["address_kinds", "alike_rows", "merged_rows"]


def alike_rows(contact: ContactFacts, identities: Sequence[IdentityFacts]) -> tuple[AlikeRow, ...]:
    """Who may be the same person."""
    because = {
        Likeness.PHONE: gettext("The same telephone number"),
        Likeness.COMPANY: gettext("The same name and company"),
        Likeness.NAME: gettext("The same name"),
    }
    found = alike_contacts(current_core().session, contact, identities)
    return tuple(AlikeRow(one.id, one.name, contact_mark(one.name, one.id), because[one.by]) for one in found)


def merged_rows(contact_id: int) -> tuple[MergedRow, ...]:
    """Who was merged into a contact and can still be taken apart."""
    core, agents = current_core(), directory().agents
    found = undoable_merges(core.session, contact_id, MERGED, core.clock.now() - UNDO_FOR)
    names = {agent_id: agent.name for agent_id, agent in agents.items()}
    return tuple(MergedRow(one.from_id, one.name, names.get(one.agent_id or 0, ""), one.at) for one in found)


def address_kinds(chosen: str) -> tuple[Choice, ...]:
    """The kinds of addresses that one can write to first, mail on top."""
    kinds = {MAIL: gettext("E-mail")}
    for channel in current_core().plugins.channels.values():
        if Capability.BEGIN in channel.capabilities:
            kinds.setdefault(channel.address_kind, translated(channel.title))
    return tuple(Choice(kind, name, kind == chosen) for kind, name in kinds.items())
