"""What becomes of a message on its way in. Nothing is written: what was found is kept in memory until the message is stored."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select

from plugins.spamfilter.bayes import Counts
from plugins.spamfilter.marks import marks_of
from plugins.spamfilter.rules import findings_in
from plugins.spamfilter.scoring import Score, score_of
from plugins.spamfilter.tables import ALL, MARK
from tidings import SPAM_REASON, Account, Host, InboundMessage, MessageKind, MessageSummary, Verdict, translatable

__all__ = ["MAYBE", "Judgement", "filter_message", "take_judgement"]

MAYBE = translatable("maybe spam")
"""The tag of what is unsure."""

_KEPT: WeakKeyDictionary[Host, dict[tuple[int, str], "Judgement"]] = WeakKeyDictionary()
_KEEPING = threading.Lock()
_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was thought of a message: its marks, its score, and "spam", "unsure", "fine", or "told" where somebody else had said before
    that it is spam."""

    marks: Mapping[int, str]
    score: Score
    verdict: str


def filter_message(host: Host, message: InboundMessage, account: Account) -> InboundMessage | None:
    """The message in Spam with the reasons, or tagged, as the settings want it; None to leave it as it is."""
    if not _is_judged(host.settings, message, account):
        return None
    judgement = _judge(host, message)
    _keep(host, (account.id, message.external_id or message.text), judgement)
    if judgement.verdict == "spam":
        why = "; ".join(dict.fromkeys([*filter(None, [message.fields.get(SPAM_REASON)]), *judgement.score.reasons]))
        return replace(message, is_spam=True, accepts_auto_reply=False, fields={**message.fields, SPAM_REASON: why})
    if judgement.verdict == "unsure" and host.settings.get("tags_unsure"):
        return replace(message, tags=(*message.tags, host.gettext(MAYBE)))
    return None


def take_judgement(host: Host, message: MessageSummary) -> Judgement | None:
    """What was thought of a message that is stored now, once; None when it was not judged."""
    with _KEEPING:
        return _KEPT.get(host, {}).pop((message.account_id, message.external_id or message.text), None)


def _is_judged(settings: Mapping[str, Any], message: InboundMessage, account: Account) -> bool:
    """Delivery reports belong to what we sent, tests and copies of our own mail are nobody's, and some accounts are left out."""
    if message.is_echo or message.is_test or message.kind is MessageKind.BOUNCE:
        return False
    left_out = {line.strip().casefold() for line in str(settings.get("left_out") or "").splitlines()}
    if left_out & {account.name.casefold(), account.plugin.casefold(), account.address.casefold()} - {""}:
        return False
    return bool(message.text.strip() or message.subject.strip() or message.html or message.attachments)


def _judge(host: Host, message: InboundMessage) -> Judgement:
    marks = marks_of(message)
    known = _known(host, marks)
    score = score_of(
        marks,
        findings_in(message),
        known,
        known.get(ALL, Counts()),
        address=message.sender.value,
        dmarc=message.authenticity.dmarc if message.authenticity else Verdict.NONE,
    )
    return Judgement(marks, score, "told" if message.is_spam else _verdict(host.settings, score))


def _verdict(settings: Mapping[str, Any], score: Score) -> str:
    if score.percent >= int(settings.get("sure") or 95):
        return "spam"
    return "unsure" if score.percent >= int(settings.get("unsure") or 60) else "fine"


def _known(host: Host, marks: Mapping[int, str]) -> dict[int, Counts]:
    """What was learnt of these marks and, under `ALL`, of how many messages: one query."""
    statement = select(MARK.c.mark, MARK.c.spam, MARK.c.ham).where(MARK.c.mark.in_([ALL, *marks]))
    with host.tables.connect() as connection:
        return {row.mark: Counts(row.spam, row.ham) for row in connection.execute(statement)}


def _keep(host: Host, key: tuple[int, str], judgement: Judgement) -> None:
    with _KEEPING:
        kept = _KEPT.setdefault(host, {})
        kept.pop(key, None)
        kept[key] = judgement
        if len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
