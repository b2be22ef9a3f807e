"""A form of an owner's own making, through the whole installation: from its page to the inbox."""

import json
import re

import pytest
from sqlalchemy import select

from app.models import PRIORITIES, Contact, ContactIdentity, Conversation, PluginValue, Tag, Team
from app.models.conversation import conversation_tag
from app.services import accounts
from app.services.core import SYSTEM, writing
from app.services.intake import process_event
from app.services.journal import due_events
from forms.definitions import (
    Becomes,
    ChoiceDefinition,
    FieldDefinition,
    FormDefinition,
    Kind,
    Priority,
    Routing,
    StepDefinition,
)
from plugins.webform.storing import versions
from tests.integration.web.conftest import agent, sign_in, visitor  # noqa: F401 - fixtures are found by name

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def form(core) -> int:
    return accounts.create_account(
        core, SYSTEM, plugin="webform", name="Website", settings={}, secrets={}, is_tested=False
    )


@pytest.fixture
def path(core, form) -> str:
    row = core.session.query(PluginValue).filter_by(plugin="webform", key=f"account:{form}").one()
    return f"/plugins/webform/f/{row.value}"


@pytest.fixture
def publish(core, form):
    """Return a function that puts a form with these fields on the web."""

    def now(*fields: FieldDefinition, **changes: object) -> None:
        host = core.plugins.channels["webform"]._host
        account, definition = host.account(form), FormDefinition(("en",), (StepDefinition("main", fields),), **changes)
        revision = versions.draft(host, account).revision
        versions.save_draft(host, account, definition, revision=revision, by="Root")
        versions.publish(host, account, "Root")

    return now


@pytest.fixture
def team(core) -> int:
    with writing(core) as unit:
        team = Team(name="Orders")
        unit.session.add(team)
        unit.session.flush()
        return team.id


def send(visitor, path, clock, **values) -> int:  # noqa: F811
    """Open the form, type for a while, send it."""
    token = re.search(r'name="token" value="([^"]+)"', visitor.get(path).text)[1]
    clock.advance(seconds=30)
    return visitor.post(path, {**values, "token": token}, csrf=False).status_code


def work(core) -> None:
    for event_id in due_events(core):
        process_event(core, event_id)
    core.session.rollback()


def test_a_choice_decides_who_gets_it_how_urgent_it_is_and_its_tags(core, visitor, path, publish, team, clock):  # noqa: F811
    urgent = Routing(team, Priority.URGENT, ("orders",))
    order = ChoiceDefinition("order", {"en": "An order"}, urgent)
    topic = FieldDefinition(
        "topic", Kind.CHOICE, {"en": "Topic"}, choices=(order, ChoiceDefinition("other", {"en": "Else"}))
    )
    email = FieldDefinition("email", Kind.EMAIL, {"en": "E-mail"}, becomes=Becomes.EMAIL)
    number = FieldDefinition("number", Kind.TEXT, {"en": "Order number"})
    publish(topic, email, number, subject="Order {number}")
    assert send(visitor, path, clock, topic="order", email="Ada@Example.com", number="A-7") == 303
    assert core.session.scalars(select(Conversation)).all() == []
    work(core)
    (conversation,) = core.session.scalars(select(Conversation)).all()
    assert (conversation.team_id, conversation.priority, conversation.subject) == (
        team,
        PRIORITIES.index("urgent"),
        "Order A-7",
    )
    named = select(Tag.name).join(conversation_tag).where(conversation_tag.c.conversation_id == conversation.id)
    assert core.session.scalars(named).all() == ["orders"]
    assert core.session.scalars(select(ContactIdentity.value)).all() == ["ada@example.com"]


def test_somebody_who_leaves_a_phone_number_can_be_called_back(core, visitor, agent, path, publish, clock):  # noqa: F811
    name = FieldDefinition("name", Kind.TEXT, {"en": "Name"}, becomes=Becomes.NAME)
    phone = FieldDefinition("phone", Kind.PHONE, {"en": "Phone"}, becomes=Becomes.PHONE)
    firm = FieldDefinition("firm", Kind.TEXT, {"en": "Company"}, becomes=Becomes.COMPANY)
    publish(name, phone, firm, region="DE")
    assert send(visitor, path, clock, name="Ada Abel", phone="030 1234567", firm="Boots & Co") == 303
    work(core)
    (contact,) = core.session.scalars(select(Contact)).all()
    assert (contact.name, contact.phone, contact.company) == ("Ada Abel", "+49301234567", "Boots & Co")
    (conversation,) = core.session.scalars(select(Conversation)).all()
    page = agent.get(f"/conversations/{conversation.number}")
    assert page.status_code == 200
    assert "+49 30 1234567" in page.text
    assert re.search(r"<dt>Version</dt>\s*<dd[^>]*>2</dd>", page.text)


def test_a_form_without_any_words_to_answer_is_read_as_its_answers(core, visitor, path, publish, clock):  # noqa: F811
    publish(FieldDefinition("stars", Kind.RATING, {"en": "How was it?"}))
    for stars in ("5", "5"):
        assert send(visitor, path, clock, stars=stars) == 303
    work(core)
    texts = core.session.scalars(select(Conversation.subject)).all()
    assert texts == ["How was it?: 5 / 5"] * 2


def test_a_plain_form_of_another_site_arrives(core, visitor, path, clock):  # noqa: F811
    typed = {"name": "Ada", "email": "ada@example.com", "message": "Where is my order?"}
    headers = {"Origin": "https://shop.test", "Referer": "https://shop.test/contact.html"}
    answer = visitor.post(f"{path}/post", typed, csrf=False, headers=headers)
    assert (answer.status_code, answer.location) == (303, f"{path}/thanks?theme=auto")
    assert visitor.get(answer.location).status_code == 200
    work(core)
    (conversation,) = core.session.scalars(select(Conversation)).all()
    assert (conversation.subject, conversation.status) == ("Where is my order?", "open")


def test_a_program_sends_json(core, visitor, path, clock):  # noqa: F811
    token = visitor.get(f"{path}/form.json").json["token"]
    clock.advance(seconds=30)
    body = {"token": token, "name": "Ada", "email": "ada@example.com", "message": "Where is my order?"}
    answer = visitor.request("POST", f"{path}/submit", data=json.dumps(body), content_type="application/json")
    assert answer.json["ok"] is True
    work(core)
    assert core.session.scalars(select(Conversation.status)).all() == ["open"]
