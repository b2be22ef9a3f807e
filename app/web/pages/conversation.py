"""The conversation page. What is done with a conversation stands in `conversation_verbs`."""

from typing import Any

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.events import ConversationSummary
from app.errors import NotFound
from app.models import Status
from app.plugin_api.messages import Participant
from app.queries.conversation_list import ConversationFilter, neighbours
from app.queries.conversation_page import (
    ConversationFacts,
    IdentityFacts,
    conversation_facts,
    identities_of,
    other_conversations,
)
from app.queries.correspondence import correspondence, last_received
from app.queries.tags import tag_names, tags_of
from app.queries.timeline import Timeline, timeline
from app.services.conversations import PRIORITIES
from app.services.core import Core
from app.services.seen import mark_seen
from app.web.case_banner import case_banner
from app.web.composer import Posted, composer_for, default_recipients
from app.web.contact_marks import identity_marks
from app.web.contexts import (
    ActivityItem,
    Choice,
    ContactCard,
    ConversationPage,
    MessageItem,
    NoteItem,
    PreviousConversation,
)
from app.web.current import current_actor, current_agent, current_core
from app.web.marks import Directory, channel_icon, contact_mark, directory, tag_mark
from app.web.moments import snooze_choices
from app.web.plugin_actions import collect_actions, contact_summary, with_actions
from app.web.shell import render_page
from app.web.slots import collect_panels
from app.web.timeline_items import timeline_items

__all__ = ["blueprint", "find", "render_conversation"]

blueprint = Blueprint("conversation", __name__)
_ANSWERS_ALL = {"all": True, "one": False}


@blueprint.get("/conversations/<int:number>")
def show(number: int) -> Response | BaseResponse:
    """The page; `?before=` shows what came earlier, `?answer=` says whom the reply box begins with: all or one."""
    found = find(number)
    if found.number != number:
        return redirect(url_for("conversation.show", number=found.number))
    return render_conversation(found, before=request.args.get("before", ""))


def find(number: int) -> ConversationFacts:
    """The conversation of a human number, or the one it was merged into. Raises `NotFound`."""
    core = current_core()
    found = conversation_facts(core.session, number, current_agent().id, core.clock.now())
    if found is None:
        raise NotFound(gettext("There is no conversation with the number %(number)s.", number=number))
    return found


def render_conversation(
    conversation: ConversationFacts, *, before: str = "", posted: Posted | None = None, status: int = 200
) -> Response:
    """The page as the agent sees it now; looking at it marks it as seen. `posted` is a refused post of the reply box."""
    page = _page(current_core(), conversation, before, posted)
    if conversation.seen_count != conversation.message_count and not before:
        mark_seen(current_core(), current_actor(), conversation.id, conversation.message_count)
    return render_page("conversation/show.html", page, section="inbox", status=status)


def _page(core: Core, conversation: ConversationFacts, before: str, posted: Posted | None) -> ConversationPage:
    number, known, agent = conversation.number, directory(), current_agent()
    shown = timeline(core.session, conversation.id, before=before)
    identities = identities_of(core.session, conversation.contact_id)
    passed = correspondence(core.session, conversation.id)
    last = last_received(core.session, conversation.id, passed)
    to = default_recipients(last, identities)
    summary = _summary(conversation, to)
    contact = contact_summary(conversation.contact_id, conversation.contact_name, identities)
    newer, older = _neighbours(core, conversation)
    return ConversationPage(
        number=number,
        subject=conversation.subject,
        status=conversation.status,
        channel=known.channel_mark(conversation.account_id),
        items=_items(conversation, shown, summary, identities, is_newest=not before),
        contact=_card(conversation, identities),
        composer=composer_for(
            core,
            conversation,
            known.accounts,
            to,
            signature=agent.signature,
            identities=identities,
            last=last,
            passed=passed,
            answers_all=_ANSWERS_ALL.get(request.args.get("answer", "")),
            posted=posted,
        ),
        page_url=url_for("conversation.show", number=number, before=before or None),
        back_url=url_for("inbox.index", **session.get("list", {})),
        priority=PRIORITIES[conversation.priority],
        assignee=known.agent_mark(conversation.assignee_id),
        team=known.teams.get(conversation.team_id) if conversation.team_id else None,
        tags=tuple(tag_mark(name) for name in tags_of(core.session, [conversation.id]).get(conversation.id, ())),
        known_tags=tuple(tag_names(core.session).values()),
        **_choices(known, conversation),
        snoozed_until=conversation.snoozed_until,
        previous=_previous(core, conversation),
        case=case_banner(core, conversation, known),
        panels=collect_panels("conversation_panels", conversation=summary),
        actions=collect_actions("conversation_actions", conversation=summary),
        contact_actions=collect_actions("contact_actions", contact=contact),
        earlier_url=url_for("conversation.show", number=number, before=shown.earlier) if shown.earlier else None,
        previous_url=url_for("conversation.show", number=newer) if newer else None,
        next_url=url_for("conversation.show", number=older) if older else None,
    )


def _items(
    conversation: ConversationFacts,
    shown: Timeline,
    summary: ConversationSummary,
    identities: tuple[IdentityFacts, ...],
    *,
    is_newest: bool,
) -> tuple[MessageItem | NoteItem | ActivityItem, ...]:
    items = timeline_items(
        shown,
        directory(),
        number=conversation.number,
        subject=conversation.subject,
        new_after=conversation.message_count - conversation.seen_count if conversation.seen_count else 0,
        dead={one.value for one in identities if one.bounced_at},
        is_newest=is_newest,
    )
    return with_actions(items, summary, shown)


def _neighbours(core: Core, conversation: ConversationFacts) -> tuple[int | None, int | None]:
    """The conversations above and below in the list the agent came from."""
    from app.web.pages.inbox import filter_of

    wanted: ConversationFilter = filter_of(session.get("list", {}), current_agent().id)
    if wanted.order == "waiting":
        return None, None
    return neighbours(core.session, wanted, conversation.active_at, conversation.id)


def _card(conversation: ConversationFacts, identities: tuple[IdentityFacts, ...]) -> ContactCard:
    return ContactCard(
        id=conversation.contact_id,
        name=conversation.contact_name,
        mark=contact_mark(conversation.contact_name, conversation.contact_id, conversation.contact_picture),
        identities=identity_marks(identities),
        conversation_count=conversation.contact_conversations,
        first_seen_at=conversation.contact_since,
        note=conversation.contact_about,
        company=conversation.contact_company,
        phone=conversation.contact_phone,
    )


def _choices(known: Directory, conversation: ConversationFacts) -> dict[str, Any]:
    """What the selects beside the conversation offer."""
    agents = [a for a in known.agents.values() if a.is_active or a.id == conversation.assignee_id]
    names = {
        "low": gettext("Low"),
        "normal": gettext("Normal"),
        "high": gettext("High"),
        "urgent": gettext("Urgent"),
    }
    return {
        "assignees": (
            Choice("none", gettext("Nobody"), conversation.assignee_id is None),
            *(Choice(str(a.id), a.name, a.id == conversation.assignee_id) for a in agents),
        ),
        "teams": (
            Choice("none", gettext("No team"), conversation.team_id is None),
            *(Choice(str(i), name, i == conversation.team_id) for i, name in known.teams.items()),
        )
        if known.teams
        else (),
        "priorities": tuple(
            Choice(name, names[name], place == conversation.priority) for place, name in enumerate(PRIORITIES)
        ),
        "snooze_choices": snooze_choices(current_core().clock.now()),
    }


def _previous(core: Core, conversation: ConversationFacts) -> tuple[PreviousConversation, ...]:
    others = other_conversations(core.session, conversation.contact_id, conversation.id)
    return tuple(
        PreviousConversation(other.number, other.subject, other.status, other.active_at, channel_icon(other.channel))
        for other in others
    )


def _summary(conversation: ConversationFacts, to: tuple[Participant, ...]) -> ConversationSummary:
    return ConversationSummary(
        id=conversation.id,
        number=conversation.number,
        subject=conversation.subject,
        status=Status(conversation.status),
        channel=conversation.channel,
        account_id=conversation.account_id,
        contact_id=conversation.contact_id,
        contact_name=conversation.contact_name,
        contact_address=to[0].value if to else "",
        created_at=conversation.created_at,
    )
