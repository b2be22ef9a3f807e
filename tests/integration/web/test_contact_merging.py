"""Promises of merging contacts: one person's matters come together on any channel, and for a day they can be taken apart again."""

import json
import re

import pytest
from sqlalchemy import select

from app.models import AuditEntry, Contact, ContactIdentity, Conversation, Message
from app.plugin_api.messages import RawEvent
from app.services.contact_merging import merge_contacts, undo_merge
from app.services.contacts import save_contact
from app.services.core import Actor
from app.services.intake import receive
from app.services.replies import ReplyDraft, reply
from forms.definitions import Answer, Becomes, Kind
from plugins.webform.visiting.submission import Submission, encode
from tests.integration.core.mails import create_mail
from tests.integration.core.test_bounces import report

ROW = re.compile(r'id="row-(\d+)"')


@pytest.fixture
def say(core, create_account):
    """Return a function that lets somebody write on the echo channel."""
    account_id = create_account("echo")

    def now(person, text, name="Cleo Customer"):
        said = json.dumps({"id": text, "from": person, "name": name, "text": text}).encode()
        meta = {"received_at": core.clock.now().isoformat()}
        return receive(core, account_id, RawEvent(said, meta=meta)).conversation_id

    return now


@pytest.fixture
def fill_in(core, create_account):
    """Return a function that lets somebody send the form of the website."""
    account_id = create_account("webform", name="Website", settings={})

    def now(address):
        answers = (
            Answer("email", Kind.EMAIL, "E-mail", address, Becomes.EMAIL),
            Answer("message", Kind.LONG_TEXT, "Message", "Where is my refund?", Becomes.MESSAGE),
        )
        submission = Submission("n", core.clock.now(), values={}, answers=answers)
        return receive(core, account_id, encode(submission)).conversation_id

    return now


@pytest.fixture
def mail(receive_mail):
    """Return a function that lets somebody write a mail of a subject."""

    def now(subject, sender="Cleo Customer <cleo@mail.example.org>", **headers):
        return receive_mail(
            create_mail(message_id=f"{subject}@x.org", sender=sender, subject=subject, **headers)
        ).conversation_id

    return now


def contact_of(core, value):
    core.session.rollback()
    identity = core.session.scalars(select(ContactIdentity).where(ContactIdentity.value == value)).one()
    return identity.contact_id


def numbers_of(core, contact_id):
    core.session.rollback()
    statement = select(Conversation.number).where(Conversation.contact_id == contact_id)
    return list(core.session.scalars(statement.order_by(Conversation.number)))


def rows(visitor, address="/"):
    return [int(number) for number in ROW.findall(visitor.get(address).text)]


def test_a_case_reaches_over_channels_once_its_contacts_are_one(agent, core, mail, say, fill_in):
    mail("Refund")
    say("cleo", "Hello? I wrote a mail.")
    assert rows(agent) == [2, 1]
    fill_in("cleo@mail.example.org")
    assert rows(agent) == [3, 2]
    here, there = contact_of(core, "cleo@mail.example.org"), contact_of(core, "cleo")
    page = agent.get(f"/contacts/{here}").text
    assert "The same name" in page
    assert f'name="other" value="{there}"' in page

    answer = agent.post(f"/contacts/{here}/merge", {"other": str(there)})

    assert answer.location.endswith(f"/contacts/{here}")
    assert contact_of(core, "cleo") == here
    assert rows(agent) == [3]
    assert "+2</span>" in agent.get("/").text
    banner = re.search(r'<section class="case-banner.*?</section>', agent.get("/conversations/1").text, re.DOTALL)[0]
    assert ("Website" in banner, "#2" in banner) == (True, True)
    assert say("cleo", "Still there?")
    assert numbers_of(core, here) == [1, 2, 3]
    agent.post("/conversations/2/change", {"action": "resolve_case"})
    assert rows(agent) == []
    assert agent.get(f"/contacts/{there}").location.endswith(f"/contacts/{here}")
    assert f'href="/contacts/{there}"' not in agent.get("/contacts").text


def test_merging_is_undone_for_a_day_with_all_that_came_since(agent, core, mail, say, clock):
    mail("Refund")
    say("cleo", "Hello?")
    here, there = contact_of(core, "cleo@mail.example.org"), contact_of(core, "cleo")
    save_contact(core, actor(agent), there, name="Cleo Customer", company="Lamps", phone="", about="Likes lamps.")
    merge_contacts(core, actor(agent), there, here)
    assert "Lamps" in agent.get(f"/contacts/{here}").text
    say("cleo", "Are you there?", name="Cleo Customer")
    mail("Chairs")
    clock.advance(hours=23)
    assert f'action="/contacts/{there}/unmerge"' in agent.get(f"/contacts/{here}").text

    agent.post(f"/contacts/{there}/unmerge")

    assert contact_of(core, "cleo") == there
    assert (numbers_of(core, here), numbers_of(core, there)) == ([1, 3], [2])
    writers = core.session.scalars(select(Message.contact_id).where(Message.sender_value == "cleo"))
    assert set(writers) == {there}
    contact = core.session.get(Contact, here)
    assert (contact.company, contact.about) == ("", "")
    actions = core.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("contact.%")).order_by(AuditEntry.id)
    )
    assert list(actions) == ["contact.merged", "contact.merge_undone"]


def test_what_came_back_follows_its_conversation(agent, core, receive_mail, mail):
    mail("Refund")
    mail("Chairs", sender="Cleo <cleo@work.example.org>")
    here, there = contact_of(core, "cleo@mail.example.org"), contact_of(core, "cleo@work.example.org")
    before = returned(agent, core, receive_mail, "Chairs")
    assert before == [there]

    merge_contacts(core, actor(agent), there, here)
    assert returned(agent, core, receive_mail, "Refund", "cleo@mail.example.org") == [here, here]
    mail("Tables", sender="Cleo <cleo@work.example.org>")
    returned(agent, core, receive_mail, "Tables")
    undo_merge(core, actor(agent), there)

    assert (numbers_of(core, here), numbers_of(core, there)) == ([1], [2, 3])
    assert reports(core) == [there, here, there]


def test_after_a_day_it_is_too_late(agent, core, mail, say, clock):
    mail("Refund")
    say("cleo", "Hello?")
    here, there = contact_of(core, "cleo@mail.example.org"), contact_of(core, "cleo")
    merge_contacts(core, actor(agent), there, here)
    clock.advance(hours=25)

    assert "unmerge" not in agent.get(f"/contacts/{here}").text
    agent.post(f"/contacts/{there}/unmerge")
    assert contact_of(core, "cleo") == here


def test_a_chain_of_merges_is_undone_from_its_end(agent, core, mail, say):
    mail("Refund")
    say("cleo", "Hello?")
    say("customer", "Hi?")
    first, second, third = (contact_of(core, one) for one in ("cleo@mail.example.org", "cleo", "customer"))
    merge_contacts(core, actor(agent), first, second)
    merge_contacts(core, actor(agent), second, third)

    agent.post(f"/contacts/{first}/unmerge")
    assert contact_of(core, "cleo@mail.example.org") == third
    undo_merge(core, actor(agent), second)
    undo_merge(core, actor(agent), first)

    places = [numbers_of(core, one) for one in (first, second, third)]
    assert places == [[1], [2], [3]]


def test_an_address_that_nobody_wrote_from_is_added(agent, core, mail):
    mail("Refund")
    here = contact_of(core, "cleo@mail.example.org")

    agent.post(f"/contacts/{here}/addresses", {"kind": "email", "address": "Cleo@Work.example.org"})
    mail("Chairs", sender="cleo@work.example.org")

    assert numbers_of(core, here) == [1, 2]
    assert rows(agent) == [2]
    refused = agent.post(f"/contacts/{here}/addresses", {"kind": "email", "address": "nonsense"})
    assert refused.status_code == 422
    assert "is not an e-mail address" in refused.text


def test_what_no_page_posts_is_refused_and_changes_nothing(agent, core, mail):
    mail("Refund")
    here = contact_of(core, "cleo@mail.example.org")
    typed = {"kind": "email", "address": "cleo@work.example.org"}

    assert agent.post(f"/contacts/{here}/addresses", {**typed, "kind": "k" * 60}).status_code == 422
    assert agent.post(f"/contacts/{here}/merge", {"other": "\N{SUPERSCRIPT TWO}"}).status_code == 303
    assert "Choose a contact." in agent.get(f"/contacts/{here}").text
    assert list(core.session.scalars(select(ContactIdentity.kind))) == ["email"]

    assert agent.post(f"/contacts/{here}/addresses", {**typed, "takes_from": "\N{SUPERSCRIPT TWO}"}).status_code == 303
    assert contact_of(core, "cleo@work.example.org") == here


def test_an_address_of_somebody_else_is_taken_over_when_that_is_said_twice(agent, core, mail):
    mail("Refund")
    mail("Chairs", sender="Ben <ben@q.example.net>")
    mail("Tables", sender="Ben <ben@q.example.net>")
    here, ben = contact_of(core, "cleo@mail.example.org"), contact_of(core, "ben@q.example.net")
    agent.post(f"/contacts/{ben}/addresses", {"kind": "email", "address": "ben@home.example.net"})
    wanted = {"kind": "email", "address": "ben@q.example.net"}

    asked = agent.post(f"/contacts/{here}/addresses", wanted)
    assert asked.status_code == 422
    assert "belongs to Ben" in asked.text
    assert numbers_of(core, here) == [1]
    owner = re.search(r'name="takes_from" value="(\d+)"', asked.text)[1]
    agent.post(f"/contacts/{here}/addresses", {**wanted, "takes_from": owner})

    assert (numbers_of(core, here), numbers_of(core, ben)) == ([1, 2, 3], [])
    assert contact_of(core, "ben@home.example.net") == ben


def test_an_address_becomes_a_contact_of_its_own_with_what_was_written_from_it(agent, core, mail):
    mail("Refund")
    here = contact_of(core, "cleo@mail.example.org")
    agent.post(f"/contacts/{here}/addresses", {"kind": "email", "address": "clea@mail.example.org"})
    mail("Chairs", sender="Clea <clea@mail.example.org>")
    mail("Re: Refund", sender="Clea <clea@mail.example.org>", In_Reply_To="<Refund@x.org>")

    answer = agent.post(f"/contacts/{here}/addresses/part", {"kind": "email", "address": "clea@mail.example.org"})

    new = int(answer.location.rpartition("/")[2])
    assert (numbers_of(core, here), numbers_of(core, new)) == ([1], [2])
    agent.post(f"/contacts/{here}/addresses/part", {"kind": "email", "address": "cleo@mail.example.org"})
    assert contact_of(core, "cleo@mail.example.org") == here


def test_the_other_contact_is_found_by_name_or_address(agent, core, mail):
    mail("Refund")
    mail("Chairs", sender="Ben <ben@q.example.net>")
    here, ben = contact_of(core, "cleo@mail.example.org"), contact_of(core, "ben@q.example.net")

    assert "Nobody looks like the same person" in agent.get(f"/contacts/{here}/merge").text
    assert f'name="other" value="{ben}"' in agent.get(f"/contacts/{here}/merge?q=ben@").text
    assert agent.post(f"/contacts/{here}/merge", {"other": str(here)}).status_code == 303
    assert contact_of(core, "cleo@mail.example.org") == here


def returned(agent, core, receive_mail, subject, address="cleo@work.example.org"):
    """Answer the conversation of a subject, and let the answer come back."""
    core.session.rollback()
    conversation_id = core.session.scalar(select(Conversation.id).where(Conversation.subject == subject))
    message_id = reply(core, actor(agent), conversation_id, ReplyDraft("On its way."))
    external_id = core.session.get(Message, message_id).external_id
    core.session.rollback()
    receive_mail(report(external_id, address))
    return reports(core)


def reports(core):
    """The contacts of all reports."""
    core.session.rollback()
    return list(core.session.scalars(select(Message.contact_id).where(Message.kind == "bounce").order_by(Message.id)))


def actor(visitor):
    return Actor(visitor.agent_id, "Ada", "agent")
