"""Promises about what a message brings beside its text: tags, a priority, and what its sender said of themselves."""

import pytest
from sqlalchemy import select

from app.models import Activity, Contact, ContactIdentity, Conversation, Tag, conversation_tag
from app.plugin_api.messages import ContactFacts
from app.services import conversations
from app.services.contacts import save_contact
from app.services.intake import process_event, receive
from tests.integration.core.saying import provider, written  # noqa: F401 - a fixture is found by name


def tags_of(core, conversation_id):
    link = conversation_tag.c
    names = (
        select(Tag.name).join(conversation_tag, Tag.id == link.tag_id).where(link.conversation_id == conversation_id)
    )
    return sorted(core.session.scalars(names))


def test_tags_and_priority_stand_on_the_conversation_a_message_opens(core, provider):  # noqa: F811
    place = provider.say(written(1, tags=(" Orders ", "VIP", "vip", ""), priority="high")).conversation_id

    assert tags_of(core, place) == ["orders", "vip"]
    assert core.session.get(Conversation, place).priority == 2


def test_a_later_message_adds_its_tags_and_leaves_the_priority_to_the_agents(core, provider, create_agent):  # noqa: F811
    place = provider.say(written(1, tags=("orders",), priority="urgent")).conversation_id
    agent = create_agent("Noor")
    conversations.set_priority(core, agent, [place], 0)
    conversations.remove_tag(core, agent, [place], "orders")

    assert provider.say(written(2, tags=("orders", "late"), priority="urgent")).conversation_id == place

    assert tags_of(core, place) == ["late", "orders"]
    assert core.session.get(Conversation, place).priority == 0


def test_a_message_that_says_nothing_of_it_opens_a_conversation_of_normal_priority(core, provider):  # noqa: F811
    place = provider.say(written(1)).conversation_id

    assert (core.session.get(Conversation, place).priority, tags_of(core, place)) == (1, [])


def test_the_same_event_again_puts_nothing_twice(core, provider):  # noqa: F811
    event = provider.event_of(written(1, tags=("orders",)))
    first = receive(core, provider.account_id, event)
    process_event(core, first.event_id)

    assert tags_of(core, first.conversation_id) == ["orders"]
    lines = core.session.scalars(select(Activity).where(Activity.kind == "tagged")).all()
    assert len(lines) == 1


def test_company_and_phone_fill_what_is_empty_on_the_contact_and_nothing_else(core, provider, create_agent):  # noqa: F811
    provider.say(written(1, contact=ContactFacts(phone=" +48 22 000 00 00 ")))
    contact = core.session.scalars(select(Contact)).one()
    assert (contact.company, contact.phone) == ("", "+48 22 000 00 00")
    save_contact(core, create_agent("Noor"), contact.id, name="Cem", company="", phone="112", about="")

    provider.say(written(2, contact=ContactFacts(company="Lamps Ltd", phone="999")))

    core.session.rollback()
    contact = core.session.scalars(select(Contact)).one()
    assert (contact.company, contact.phone) == ("Lamps Ltd", "112")


def test_a_phone_that_somebody_states_is_no_address_of_theirs(core, provider):  # noqa: F811
    provider.say(written(1, contact=ContactFacts(phone="+48220000000")))

    assert [(one.kind, one.value) for one in core.session.scalars(select(ContactIdentity))] == [("echo", "cem")]


@pytest.mark.parametrize("priority", ["low", "normal", "high", "urgent"])
def test_each_priority_has_its_word(core, provider, priority):  # noqa: F811
    place = provider.say(written(1, priority=priority)).conversation_id

    assert core.session.get(Conversation, place).priority == ["low", "normal", "high", "urgent"].index(priority)
