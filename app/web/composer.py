"""The reply box: to whom and through what an answer would go, what was left in it, and what was wrong with the last post."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext

from app.plugin_api.channel import MAIL, Capability, Channel
from app.plugin_api.messages import Participant
from app.queries.accounts import AccountFacts
from app.queries.conversation_page import ConversationFacts, IdentityFacts, LastInbound
from app.services.channel_limits import can_begin
from app.services.core import Core
from app.web.contexts import Composer
from app.web.people_typed import show_people
from app.web.texts import translated

__all__ = ["Posted", "composer_for", "default_recipients"]


@dataclass(frozen=True, slots=True)
class Posted:
    """What a refused post held, so that nothing of it is lost. `errors` maps to, cc, body, files to a sentence."""

    mode: str = "reply"
    to: str = ""
    cc: str = ""
    body: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def default_recipients(last: LastInbound | None, identities: tuple[IdentityFacts, ...]) -> tuple[Participant, ...]:
    """Whoever wrote last (their Reply-To if they gave one), else the contact's first address; nobody when there is none."""
    if last is not None:
        reply_to = (last.recipients or {}).get("reply_to", [])
        named = tuple(Participant(p["kind"], p["value"], p.get("name", "")) for p in reply_to)
        return named or (Participant(last.sender_kind, last.sender_value, last.sender_name),)
    return tuple(Participant(i.kind, i.value, i.name) for i in identities[:1])


def composer_for(
    core: Core,
    conversation: ConversationFacts,
    accounts: Mapping[int, AccountFacts],
    to: tuple[Participant, ...],
    *,
    signature: str,
    posted: Posted | None = None,
) -> Composer:
    """The box for one conversation."""
    kind = to[0].kind if to else MAIL
    channel = _sending_channel(core, conversation, accounts, kind)
    can = channel.capabilities if channel else frozenset()
    kept = posted or Posted(to=show_people(to), body=conversation.draft_text or "")
    return Composer(
        mode=kept.mode,
        to=kept.to,
        cc=kept.cc,
        body=kept.body,
        saved_at=conversation.draft_at if posted is None else None,
        can_copy_others=Capability.COPY in can,
        can_attach=Capability.ATTACHMENTS in can,
        max_upload_mb=core.config.max_upload_mb,
        signature=signature.strip(),
        cannot_reply_because=None if channel else _why_not(to),
        errors={name: translated(sentence) for name, sentence in kept.errors.items()} or None,
    )


def _sending_channel(
    core: Core, conversation: ConversationFacts, accounts: Mapping[int, AccountFacts], kind: str
) -> Channel | None:
    """The channel an answer would leave through: the conversation's own, else the first that reaches the address."""
    own = accounts.get(conversation.account_id)
    for account in ([own] if own else []) + list(accounts.values()):
        channel = core.plugins.channels.get(account.plugin)
        if (
            channel is not None
            and not account.is_paused
            and channel.address_kind == kind
            and Capability.SEND in channel.capabilities
            and (account is own or can_begin(channel.capabilities))
        ):
            return channel
    return None


def _why_not(to: tuple[Participant, ...]) -> str:
    if not to:
        return gettext("This contact has no address to answer to. You can write a note.")
    return gettext(
        "No account can send this answer. Connect a mailbox under Accounts; until then you can write a note."
    )
