"""Promises of the verbs of agents: counters stay true, every change is told, roles are asked for."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.models import Activity, Change, Conversation, Counter, Note, SearchEntry, Status
from app.services import conversations, undelivered
from app.services.core import writing
from app.services.counting import state_counters
from tests.integration.core.mails import create_mail


@pytest.fixture
def ada(create_agent):
    return create_agent("Ada")


@pytest.fixture
def create_conversation(receive_mail):
    numbers = iter(range(1, 1000))

    def create():
        number = next(numbers)
        return receive_mail(
            create_mail(message_id=f"{number}@x.org", sender=f"p{number}@x.org", body=f"Question {number}")
        ).conversation_id

    return create


def counters(core):
    rows = core.session.execute(select(Counter.name, Counter.value).where(Counter.value != 0))
    return {name: value for name, value in rows if name.startswith(("status:", "open:"))}


def counted(core):
    """What the counters should be, counted from the rows themselves."""
    tally = {}
    for conversation in core.session.scalars(select(Conversation)):
        for name in state_counters(conversation):
            tally[name] = tally.get(name, 0) + 1
    return tally


def test_counters_stay_true_through_any_sequence_of_verbs(core, clock, ada, create_agent, create_conversation):
    ben = create_agent("Ben")
    ids = [create_conversation() for _ in range(6)]
    chance = random.Random(7)
    verbs = [
        lambda some: conversations.resolve(core, ada, some),
        lambda some: conversations.reopen(core, ada, some),
        lambda some: conversations.set_pending(core, ada, some),
        lambda some: conversations.spam(core, ada, some),
        lambda some: conversations.snooze(core, ada, some, clock.now() + timedelta(hours=1)),
        lambda some: conversations.assign(core, ada, some, ben.agent_id),
        lambda some: conversations.assign(core, ada, some, None),
    ]
    for _ in range(60):
        chance.choice(verbs)(chance.sample(ids, chance.randint(1, 4)))

    assert counters(core) == counted(core)


def test_each_change_writes_an_activity_and_tells_open_browsers(core, ada, create_conversation):
    conversation_id = create_conversation()
    before = core.session.scalar(select(func.max(Change.id)))
    conversations.assign(core, ada, [conversation_id], ada.agent_id)

    activity = core.session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    change = core.session.scalars(select(Change).where(Change.id > before)).one()
    assert (activity.kind, activity.agent_id, activity.data) == ("assigned", ada.agent_id, {"to": "Ada"})
    assert (change.topic, change.data["id"]) == ("conversation", conversation_id)


def test_snoozed_conversations_wake_at_their_moment(core, clock, ada, create_conversation):
    conversation_id = create_conversation()
    conversations.snooze(core, ada, [conversation_id], clock.now() + timedelta(hours=2))
    assert conversations.wake_snoozed(core) == 0

    clock.advance(hours=2)

    assert conversations.wake_snoozed(core) == 1
    assert core.session.get(Conversation, conversation_id).status == Status.OPEN


def test_snoozing_into_the_past_is_refused(core, clock, ada, create_conversation):
    with pytest.raises(InvalidInput):
        conversations.snooze(core, ada, [create_conversation()], clock.now())


def test_a_tag_is_counted_once_however_often_it_is_put(core, ada, create_conversation):
    conversation_id = create_conversation()
    conversations.add_tag(core, ada, [conversation_id], " Refund ")
    conversations.add_tag(core, ada, [conversation_id], "refund")
    assert core.session.scalar(select(Counter.value).where(Counter.name.startswith("tag:"))) == 1

    conversations.remove_tag(core, ada, [conversation_id], "refund")

    assert core.session.scalar(select(Counter.value).where(Counter.name.startswith("tag:"))) == 0


def test_a_note_is_kept_and_can_be_found(core, ada, create_conversation):
    note_id = conversations.add_note(core, ada, create_conversation(), "Called her, she is *happy*.")

    assert core.session.get(Note, note_id).agent_id == ada.agent_id
    assert core.session.scalar(select(SearchEntry.id).where(SearchEntry.note_id == note_id)) is not None


def test_a_conversation_that_is_not_there_is_reported(core, ada):
    with pytest.raises(NotFound):
        conversations.resolve(core, ada, [4711])


def test_a_disabled_agent_gets_nothing(core, ada, create_conversation, create_agent):
    from app.services import agents

    admin, gone = create_agent("Root", role="admin"), create_agent("Gone")
    agents.set_active(core, admin, gone.agent_id, False)

    with pytest.raises(InvalidInput):
        conversations.assign(core, ada, [create_conversation()], gone.agent_id)


def test_an_agent_may_not_look_into_the_tray(core, ada):
    with pytest.raises(NotAllowed):
        undelivered.raw_event(core, ada, 1)


def test_transactions_do_not_nest(core):
    with writing(core), pytest.raises(RuntimeError, match="already being written"), writing(core):
        pass


def test_the_last_admin_stays(core, create_agent):
    from app.services import agents

    admin = create_agent("Root", role="admin")

    with pytest.raises(Conflict):
        agents.set_active(core, admin, admin.agent_id, False)
    with pytest.raises(Conflict):
        agents.set_role(core, admin, admin.agent_id, "agent")
