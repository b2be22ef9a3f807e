"""What a conversation page shows of its case, and the question before a second agent answers the same person at the same time."""

from collections.abc import Sequence

from flask import request
from flask_babel import gettext

from app.domain.cases import LIVE
from app.errors import InvalidInput
from app.queries.cases import CaseMember, answered_by_others, others_of_case
from app.queries.conversation_page import ConversationFacts
from app.services.core import Core
from app.web.contexts import CaseBanner, CaseLine
from app.web.current import current_agent, current_core
from app.web.formats import duration
from app.web.marks import Directory, directory

__all__ = ["KNOWS_OF", "AnsweredElsewhere", "case_banner", "known_answers", "must_know_of_answers"]

KNOWS_OF = "knows_of"
"""Posted once for each answer of somebody else that the sender was told of."""


class AnsweredElsewhere(InvalidInput):
    """Another agent has just answered in the same case, and nobody told the sender; now the sentence does."""

    def __init__(self, sentence: str, message_ids: tuple[str, ...]) -> None:
        super().__init__(sentence, {"case": sentence})
        self.message_ids = message_ids


def case_banner(core: Core, conversation: ConversationFacts, known: Directory) -> CaseBanner | None:
    """What else the person wants; None when that is nothing, or when the conversation is done with."""
    if conversation.status not in LIVE or not conversation.has_others:
        return None
    others = _others(core, conversation)
    return CaseBanner(
        lines=tuple(_line(one, known) for one in others),
        is_answered=any(_who(one) not in (None, current_agent().id) for one in others),
        is_apart=conversation.is_apart,
    )


def must_know_of_answers(conversation: ConversationFacts) -> None:
    """Refuse a post while another agent has just answered in the case and the sender was not asked. Raises `AnsweredElsewhere`."""
    if conversation.is_apart or not conversation.has_others:
        return
    core, told = current_core(), set(request.form.getlist(KNOWS_OF))
    now = core.clock.now()
    lately = answered_by_others(_others(core, conversation), current_agent().id, now)
    unknown = [one for one in lately if str(one.answer_id) not in told]
    if unknown:
        raise AnsweredElsewhere(_sentence(core, unknown), tuple(str(one.answer_id) for one in unknown))


def known_answers(error: BaseException | None = None) -> tuple[str, ...]:
    """The answers that the sender knows of once the page with this refusal is shown."""
    before = tuple(request.form.getlist(KNOWS_OF)[:100])
    return (*before, *error.message_ids) if isinstance(error, AnsweredElsewhere) else before


def _others(core: Core, conversation: ConversationFacts) -> tuple[CaseMember, ...]:
    return others_of_case(
        core.session,
        contact_id=conversation.contact_id,
        but=conversation.id,
        agent_id=current_agent().id,
        now=core.clock.now(),
    )


def _sentence(core: Core, answers: Sequence[CaseMember]) -> str:
    now, known = core.clock.now(), directory()
    told = [
        gettext(
            "%(name)s answered in #%(number)s %(time)s ago.",
            name=mark.name if (mark := known.agent_mark(one.answered_by)) else "?",
            number=one.number,
            time=duration(now - one.answered_at),
        )
        for one in answers
        if one.answered_at is not None
    ]
    return gettext("%(told)s Send it again to send yours, too.", told=" ".join(told))


def _who(one: CaseMember) -> int | None:
    """The agent who is at it."""
    return one.writer_id or one.answered_by or one.assignee_id


def _line(one: CaseMember, known: Directory) -> CaseLine:
    mark = known.agent_mark(_who(one))
    state = "writing" if one.writer_id else "answered" if one.answered_by else "assigned"
    return CaseLine(
        number=one.number,
        subject=one.subject,
        status=one.status,
        channel=known.channel_mark(one.account_id),
        opened_at=one.created_at,
        state=state if mark else "nobody",
        who=mark.name if mark else "",
        at=one.answered_at if state == "answered" else None,
    )
