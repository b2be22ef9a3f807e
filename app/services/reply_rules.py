"""What the channel of an account lets agents answer: asked while nobody writes, checked, and held against what is to be sent."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.domain.text import clean_line
from app.errors import InvalidInput
from app.languages import gettext
from app.models import ChannelAccount, Conversation, Direction, Message
from app.plugin_api.channel import Channel
from app.plugin_api.exchanges import Exchange, ReplyChoice, ReplyRules
from app.plugin_api.messages import Participant
from app.plugin_api.read_only import ReadOnlyDict
from app.plugin_api.texts import translatable
from app.services.account_view import account_view
from app.services.core import Core
from app.services.recipients import answer_recipients, sending_account

__all__ = [
    "ANYTHING",
    "Permitted",
    "any_rules",
    "has_rules",
    "keeps_copies",
    "permitted",
    "rules_of_answer",
    "rules_of_first",
]

log = logging.getLogger(__name__)

ANYTHING = ReplyRules()
_MOST_CHOICES, _LONGEST_KEY, _LONGEST_LINE, _LONGEST_TEXT = 500, 120, 300, 10_000
_REFUSED = translatable("The channel takes no answer now.")


@dataclass(frozen=True, slots=True)
class Permitted:
    """What may be sent of an answer: its text, and the way that was chosen (None where the channel offers none)."""

    text: str
    way: ReplyChoice | None


def has_rules(channel: Channel | None) -> bool:
    """Whether the channel says anything about answers; others are not asked."""
    return channel is not None and type(channel).reply_rules is not Channel.reply_rules


def any_rules(core: Core) -> bool:
    """Whether any channel does."""
    return any(map(has_rules, core.plugins.channels.values()))


def keeps_copies(core: Core, plugin: str, settings: Mapping[str, object]) -> bool:
    """Whether answers of an account with these settings go to everybody who got the message; not where its channel fails to say."""
    channel = core.plugins.channels.get(plugin)
    if channel is None or type(channel).answers_all is Channel.answers_all:
        return False
    try:
        return bool(core.plugins.dispatcher.guarded(plugin, "answers all")(channel.answers_all, settings))
    except (Exception, SystemExit):  # plugin code: whatever it does, agents can go on answering
        log.exception("plugin %s failed to say who gets an answer", plugin)
        return False


def rules_of(core: Core, account_id: int, to: Participant, conversation_id: int) -> ReplyRules:
    """What holds for an answer through an account to `to`; anything where its channel does not say, or fails. Ends the transaction of
    whatever was read before."""
    row = core.session.get(ChannelAccount, account_id)
    channel = core.plugins.channels.get(row.plugin) if row is not None else None
    if row is None or channel is None or not has_rules(channel):
        return ANYTHING
    account = account_view(core, row, with_secrets=False)
    exchange = _exchange(core, row, to, conversation_id)
    core.session.rollback()
    guarded = core.plugins.dispatcher.guarded(account.plugin, "reply rules")
    try:
        return guarded(lambda: _checked(channel.reply_rules(account, exchange)))
    except (Exception, SystemExit):  # plugin code: whatever it does, agents can go on answering
        core.session.rollback()
        log.exception("plugin %s failed to say what may be answered", account.plugin)
        return ANYTHING


def rules_of_answer(
    core: Core, conversation_id: int, to: Sequence[Participant], *, chosen: int | None, advised: int | None
) -> tuple[int | None, ReplyRules]:
    """The account an answer will leave through, and what holds for it. (None, anything), and nothing is asked of the database, where no
    channel says anything or there is no such conversation. Raises as `sending_account` does."""
    conversation = core.session.get(Conversation, conversation_id) if any_rules(core) else None
    if conversation is None:
        return None, ANYTHING
    to = to or answer_recipients(core.session(), conversation)
    account_id = sending_account(core, core.session(), conversation, to, chosen=chosen, advised=advised).id
    return account_id, rules_of(core, account_id, to[0], conversation_id)


def rules_of_first(core: Core, account_id: int, to: Participant) -> ReplyRules:
    """What holds for a first message, before there is a conversation."""
    return rules_of(core, account_id, to, 0) if any_rules(core) else ANYTHING


def permitted(rules: ReplyRules, *, text: str, choice: str = "", has_files: bool = False) -> Permitted:
    """What is sent of an answer. Raises `InvalidInput` when the rules refuse it: text, choice and files are the fields.

    Without a choice the first one is taken, unless that would send something else than what was written.
    """
    way = _chosen(rules, choice)
    if way is not None and not way.takes_text:
        if not choice and text.strip():
            reason = (
                _reason(rules) if rules.is_refused else gettext("Nothing can be written there. Choose another way.")
            )
            raise InvalidInput(reason, {"text": reason})
        if has_files:
            sentence = gettext("Files cannot be sent this way.")
            raise InvalidInput(sentence, {"files": sentence})
        return Permitted(way.text, way)
    if rules.is_refused:
        raise InvalidInput(_reason(rules), {"text": _reason(rules)})
    longest = way.longest if way is not None and way.longest is not None else rules.longest
    if longest is not None and (count := _length(rules, text)) > longest:
        values = {"count": count, "longest": longest}
        sentence = gettext("This message has %(count)s characters; at most %(longest)s can be sent.") % values
        raise InvalidInput(sentence, {"text": sentence})
    return Permitted(text, way)


def _length(rules: ReplyRules, text: str) -> int:
    """As the channel counts; plain characters where it fails to."""
    try:
        return int(rules.count(text))
    except (Exception, SystemExit):  # plugin code: whatever it does, agents can go on answering
        log.exception("a plugin failed to count the characters of an answer")
        return len(text)


def _chosen(rules: ReplyRules, key: str) -> ReplyChoice | None:
    if not key:
        return rules.choices[0] if rules.choices else None
    for one in rules.choices:
        if one.key == key:
            return one
    gone = gettext("This way of answering is not there any more. Choose another one.")
    sentence = _reason(rules) if rules.is_refused else gone
    raise InvalidInput(sentence, {"choice": sentence})


def _reason(rules: ReplyRules) -> str:
    return rules.notice if rules.is_refused and rules.notice else gettext(_REFUSED)


def _exchange(core: Core, account: ChannelAccount, to: Participant, conversation_id: int) -> Exchange:
    """The exchange as this account knows it: a conversation of another one has no key here, and nobody wrote in it."""
    conversation = core.session.get(Conversation, conversation_id)
    is_own = conversation is not None and conversation.account_id == account.id
    at = func.coalesce(Message.sent_at, Message.created_at)
    statement = (
        select(at, Message.external_id, Message.fields)
        .where(
            Message.conversation_id == conversation_id,
            Message.account_id == account.id,
            Message.direction == Direction.INBOUND,
            Message.kind != "bounce",
        )
        .order_by(at.desc(), Message.id.desc())
        .limit(1)
    )
    last = core.session.execute(statement).first() if conversation is not None else None
    now = core.clock.now()
    return Exchange(
        conversation_id=conversation_id,
        thread_key=conversation.thread_key if conversation is not None and is_own else None,
        contact=to,
        last_inbound_at=min(last[0], now) if last else None,
        last_inbound_id=last[1] if last else "",
        fields=ReadOnlyDict(last[2] or {}) if last else {},
        now=now,
    )


def _checked(rules: object) -> ReplyRules:
    """The rules with every value of its kind and of bearable length. Raises TypeError or ValueError for what is none."""
    if not isinstance(rules, ReplyRules):
        raise TypeError(f"reply_rules answered {type(rules).__name__} where ReplyRules was expected")
    if rules.until is not None and (not isinstance(rules.until, datetime) or rules.until.tzinfo is None):
        raise TypeError(f"until is {rules.until!r:.80}, which is no aware moment")
    _check_longest(rules.longest)
    choices = tuple(_checked_choice(one) for one in rules.choices[:_MOST_CHOICES])
    if len({one.key for one in choices}) < len(choices):
        raise ValueError("two of the choices have the same key")
    if rules.is_refused:
        choices = tuple(one for one in choices if not one.takes_text)
    return ReplyRules(
        notice=clean_line(rules.notice, _LONGEST_LINE),
        is_refused=bool(rules.is_refused),
        until=rules.until,
        longest=rules.longest,
        choices=choices,
        count=rules.count,
    )


def _check_longest(longest: object) -> None:
    if longest is not None and (not isinstance(longest, int) or longest < 1):
        raise TypeError(f"longest is {longest!r:.80}, which is no number of characters")


def _checked_choice(choice: object) -> ReplyChoice:
    if not isinstance(choice, ReplyChoice) or not isinstance(choice.key, str) or not isinstance(choice.text, str):
        raise TypeError(f"{choice!r:.80} is no ReplyChoice with a key and a text")
    if not choice.key or len(choice.key) > _LONGEST_KEY or clean_line(choice.key, _LONGEST_KEY) != choice.key:
        raise ValueError(f"{choice.key!r:.80} cannot be the key of a choice: at most {_LONGEST_KEY} plain characters")
    _check_longest(choice.longest)
    if not choice.takes_text and not choice.text.strip():
        raise ValueError(f"the choice {choice.key!r:.80} takes no text and has none")
    return ReplyChoice(
        key=choice.key,
        label=clean_line(choice.label, _LONGEST_LINE) or choice.key,
        description=clean_line(choice.description, _LONGEST_LINE),
        takes_text=bool(choice.takes_text),
        text=choice.text[:_LONGEST_TEXT],
        longest=choice.longest,
    )
