"""The reply box: to whom and through what an answer would go, what its channel takes now, what was left in it, and what was wrong with
the last post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext

from app.domain.addresses import OwnAddresses
from app.plugin_api.channel import MAIL, Account, Capability
from app.plugin_api.exchanges import ReplyRules
from app.plugin_api.messages import Participant
from app.queries.accounts import AccountFacts, addresses_of
from app.queries.conversation_page import ConversationFacts, IdentityFacts, LastInbound
from app.queries.correspondence import Passed
from app.queries.draft_files import draft_files
from app.services.advice import advised_sending_account
from app.services.channel_limits import can_begin, largest_message
from app.services.core import Core
from app.services.recipients import other_recipients
from app.services.reply_rules import ANYTHING, has_rules, keeps_copies, rules_of
from app.services.senders import answering_address
from app.web.bounce_warnings import why_it_came_back
from app.web.contexts import Choice, Composer, KeptFile, ReplyLimits, ReplyOption
from app.web.current import current_agent
from app.web.moments import later
from app.web.new_people import who_is_new
from app.web.people_typed import show_people
from app.web.senders import account_chosen, addresses_to_send_from, shown_sender
from app.web.signature import signed
from app.web.texts import translated
from app.web.uploads import kept_marks

__all__ = ["Posted", "composer_for", "default_recipients", "limits_for"]


@dataclass(frozen=True, slots=True)
class Posted:
    """What a refused post held, so that nothing of it is lost. `errors` maps to, cc, bcc, account, body, files, choice, at
    to a sentence; `at` is the moment that was typed."""

    mode: str = "reply"
    to: str = ""
    cc: str = ""
    bcc: str = ""
    account: str = ""
    body: str = ""
    choice: str = ""
    at: str = ""
    cancels_on_reply: bool = True
    told_of: tuple[str, ...] = ()
    knows_of: tuple[str, ...] = ()
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
    identities: Sequence[IdentityFacts] = (),
    last: LastInbound | None = None,
    passed: Sequence[Passed] = (),
    answers_all: bool | None = None,
    posted: Posted | None = None,
) -> Composer:
    """The box for one conversation. `passed`: its messages, oldest first. `answers_all`: whether everybody who got the message `last` gets
    the answer; None leaves that to the account."""
    able = _sending_accounts(core, conversation, accounts, to)
    account = _account_of(able, posted)
    channel = core.plugins.channels[account.plugin] if account else None
    can = channel.capabilities if channel else frozenset()
    copied = _others(last, addresses_of(accounts.values()), to) if Capability.COPY in can else ()
    others = show_people(copied)
    if answers_all is None:
        answers_all = account is not None and bool(others) and keeps_copies(core, account.plugin, account.settings)
    kept = posted or Posted(to=show_people(to), cc=others if answers_all else "", body=conversation.draft_text or "")
    rules = rules_of(core, account.id, to[0], conversation.id) if account and has_rules(channel) else ANYTHING
    dead = _dead(identities, to)
    return Composer(
        mode=kept.mode,
        to=kept.to,
        cc=kept.cc,
        bcc=kept.bcc,
        senders=_senders(core, able, last, posted.account if posted else ""),
        others=others,
        answers_all=bool(others) and kept.cc == others,
        warnings=(*map(why_it_came_back, dead), *who_is_new(to + copied if answers_all else to, passed, identities)),
        told_of=(*kept.told_of, *(one.value for one in dead)),
        knows_of=kept.knows_of,
        body=kept.body,
        saved_at=conversation.draft_at if posted is None else None,
        kept=_kept_files(core, conversation),
        can_copy_others=Capability.COPY in can,
        can_attach=Capability.ATTACHMENTS in can,
        max_upload_mb=core.config.max_upload_mb,
        most_bytes=largest_message(core, _view(account)) if account else None,
        signature=signature.strip(),
        limits=limits_for(rules, kept.choice, signature),
        later=later(core.clock.now(), chosen=kept.at, cancels_on_reply=kept.cancels_on_reply),
        cannot_reply_because=None if channel else _why_not(to),
        errors={name: translated(sentence) for name, sentence in kept.errors.items()} or None,
    )


def limits_for(rules: ReplyRules, choice: str, signature: str) -> ReplyLimits:
    """What the channel takes now, as pages show it. `choice` is the key of the way that was chosen; without one it is the first."""
    chosen = choice or (rules.choices[0].key if rules.choices else "")
    return ReplyLimits(
        notice=translated(rules.notice) if rules.notice else "",
        is_closed=rules.is_refused and not rules.choices,
        until=rules.until,
        longest=rules.longest,
        taken=len(signed(".", signature)) - 1,
        options=tuple(
            ReplyOption(
                key=one.key,
                label=translated(one.label),
                description=translated(one.description),
                takes_text=one.takes_text,
                text=one.text,
                longest=one.longest or rules.longest,
                is_chosen=one.key == chosen,
            )
            for one in rules.choices
        ),
    )


def _account_of(able: Sequence[AccountFacts], posted: Posted | None) -> AccountFacts | None:
    """The one that was chosen, else the usual one."""
    chosen = account_chosen(posted.account) if posted else None
    return next((one for one in able if one.id == chosen), able[0] if able else None)


def _kept_files(core: Core, conversation: ConversationFacts) -> tuple[KeptFile, ...]:
    """Nothing is asked of the database where the agent has no draft."""
    if conversation.draft_at is None:
        return ()
    return kept_marks(draft_files(core.session, current_agent().id, conversation.id))


def _view(account: AccountFacts) -> Account:
    return Account(account.id, account.plugin, account.name, account.address, account.settings)


def _dead(identities: Sequence[IdentityFacts], to: Sequence[Participant]) -> list[IdentityFacts]:
    """Those of the contact's addresses in `to` that take no mail."""
    return [one for one in identities if one.bounced_at and (one.kind, one.value) in {(p.kind, p.value) for p in to}]


def _others(last: LastInbound | None, own: OwnAddresses, to: tuple[Participant, ...]) -> tuple[Participant, ...]:
    return other_recipients(last.recipients, to, own) if last is not None else ()


def _senders(core: Core, able: Sequence[AccountFacts], last: LastInbound | None, posted: str) -> tuple[Choice, ...]:
    """The From choices, the usual one first; none where there is nothing to choose. An account's own value stands for the address that the
    contact wrote to."""
    offered = ((one, _addresses(core, one, last)) for one in able)
    found = [shown_sender(one, address, addresses[0]) for one, addresses in offered for address in addresses]
    if len(found) < 2:
        return ()
    chosen = posted or found[0][0]
    return tuple(Choice(value, label, is_selected=value == chosen) for value, label in found)


def _addresses(core: Core, account: AccountFacts, last: LastInbound | None) -> Sequence[str]:
    recipients = last.recipients if last is not None else None
    usual = answering_address(addresses_of([account]), account.address, recipients)
    return addresses_to_send_from(core, account, usual)


def _sending_accounts(
    core: Core, conversation: ConversationFacts, accounts: Mapping[int, AccountFacts], to: tuple[Participant, ...]
) -> list[AccountFacts]:
    """The accounts an answer may leave through, the usual one first: the one that plugins advise, the conversation's own, else the first
    that reaches the address."""
    kind = to[0].kind if to else MAIL
    own = accounts.get(conversation.account_id)
    ordered = {one.id: one for one in [*([own] if own else []), *accounts.values()]}
    able = [one for one in ordered.values() if _can_send(core, one, kind, is_own=one is own)]
    if len(able) > 1 and to and core.plugins.dispatcher.listeners("choose_sending_account"):
        advised = advised_sending_account(core, conversation.id, to)
        able.sort(key=lambda one: one.id != advised)
    return able


def _can_send(core: Core, account: AccountFacts, kind: str, *, is_own: bool) -> bool:
    channel = core.plugins.channels.get(account.plugin)
    return (
        channel is not None
        and not account.is_paused
        and channel.address_kind == kind
        and Capability.SEND in channel.capabilities
        and (is_own or can_begin(channel.capabilities))
    )


def _why_not(to: tuple[Participant, ...]) -> str:
    if not to:
        return gettext("This contact has no address to answer to. You can write a note.")
    return gettext(
        "No account can send this answer. Connect a mailbox under Accounts; until then you can write a note."
    )
