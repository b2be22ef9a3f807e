"""Promises of advice: plugins are asked while nobody writes, only when something is in question, and what they say is used."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.models import Contact, Conversation, Message, Team
from app.plugin_api.hookspecs import hookimpl
from app.plugin_api.manifest import Manifest
from app.plugin_api.messages import Participant
from app.plugin_host import PluginHostServices
from app.plugin_host.hooks.validation import new_manager
from app.services import replies
from app.services.core import writing
from app.services.plugins.backend import ServicesBackend
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail


class Adviser:
    """Counts in the database that it was asked: that writes, so it fails when it is asked inside a transaction of somebody else's."""

    def __init__(self, team_id, account_id):
        self.team_id, self.account_id = team_id, account_id

    @hookimpl
    def match_contact(self, host, sender):
        host.store.increment("match_contact")
        return replace(sender, value=sender.value.replace("+shop@", "@"))

    @hookimpl
    def choose_team(self, host):
        host.store.increment("choose_team")
        return self.team_id

    @hookimpl
    def choose_sending_account(self, host):
        host.store.increment("choose_sending_account")
        return self.account_id


@pytest.fixture
def mailboxes(create_account):
    return create_account("mailbox", address="help@example.com"), create_account("mailbox", address="sales@example.com")


@pytest.fixture
def team_id(core):
    with writing(core) as unit:
        team = Team(name="Night")
        unit.session.add(team)
        unit.session.flush()
        return team.id


@pytest.fixture
def adviser(core, clock, mailboxes, team_id):
    """The only plugin that is asked; gives the host as that plugin sees it."""
    return advise(core, clock, Adviser(team_id, mailboxes[1]))


def advise(core, clock, plugin):
    """Put a plugin in the place of all others; gives the host as that plugin sees it."""
    manifest = Manifest("adviser", "Adviser", "x", "automation", "1", (1, 2), permissions=("store",))
    host = PluginHostServices(manifest, ServicesBackend(lambda: core), clock)
    manager = new_manager()
    manager.register(plugin, "adviser")
    core.plugins.dispatcher.replace(manager, {"adviser": host})
    return host


def asked(host):
    hooks = ("match_contact", "choose_team", "choose_sending_account")
    return {hook: host.store.get(hook) for hook in hooks if host.store.get(hook)}


def test_plugins_are_asked_while_nobody_writes_and_their_answers_are_used(
    core, receive_mail, create_agent, adviser, mailboxes, team_id
):
    first = receive_mail(create_mail(sender="ada@x.org"), mailboxes[0])
    other = receive_mail(create_mail(sender="ada+shop@x.org", message_id="2@x.org", body="Two"), mailboxes[0])
    reply = replies.reply(core, create_agent("Ben"), first.conversation_id, ReplyDraft("Yes."))

    conversations = [core.session.get(Conversation, one.conversation_id) for one in (first, other)]
    assert {one.team_id for one in conversations} == {team_id}
    assert conversations[0].contact_id == conversations[1].contact_id
    assert core.session.scalar(select(func.count()).select_from(Contact)) == 1
    assert core.session.get(Message, reply).account_id == mailboxes[1]
    assert asked(adviser) == {"match_contact": 2, "choose_team": 2, "choose_sending_account": 1}


def test_nobody_is_asked_what_is_known(core, receive_mail, create_agent, adviser, mailboxes):
    first = receive_mail(create_mail(), mailboxes[0])
    before = asked(adviser)

    receive_mail(create_mail(message_id="2@x.org", body="And?", In_Reply_To="<first@mail.example.org>"), mailboxes[0])
    draft = ReplyDraft("Yes.", account_id=mailboxes[0])
    replies.reply(core, create_agent("Ben"), first.conversation_id, draft)

    assert asked(adviser) == before == {"match_contact": 1, "choose_team": 1}


def test_an_agents_first_message_goes_to_the_contact_that_plugins_know(
    core, receive_mail, create_agent, adviser, mailboxes
):
    first = receive_mail(create_mail(sender="ada@x.org"), mailboxes[0])
    to = Participant("email", "ada+shop@x.org")

    replies.start_conversation(
        core, create_agent("Ben"), account_id=mailboxes[0], to=to, subject="News", draft=ReplyDraft("Hello.")
    )

    contacts = core.session.scalars(select(Conversation.contact_id)).all()
    assert contacts == [core.session.get(Conversation, first.conversation_id).contact_id] * 2


def test_advice_that_names_nothing_is_left_out(core, receive_mail, adviser, mailboxes, team_id):
    with writing(core) as unit:
        unit.session.delete(unit.session.get(Team, team_id))

    received = receive_mail(create_mail(sender="ada+shop@x.org"), mailboxes[0])

    assert core.session.get(Conversation, received.conversation_id).team_id is None
    assert core.session.scalar(select(func.count()).select_from(Contact)) == 1


@pytest.mark.parametrize("nonsense", [-1, 0, 2**63, 10**30])
def test_numbers_that_no_database_knows_are_no_advice(core, receive_mail, create_agent, mailboxes, clock, nonsense):
    advise(core, clock, Adviser(nonsense, nonsense))

    received = receive_mail(create_mail(), mailboxes[0])
    reply = replies.reply(core, create_agent("Ben"), received.conversation_id, ReplyDraft("Yes."))

    assert received.state == "new"
    assert core.session.get(Message, reply).account_id == mailboxes[0]


@pytest.mark.parametrize(
    "nonsense", [Participant(1, 2), Participant("email", "\0" * 3), Participant("email", None, ())]
)
def test_an_address_that_is_none_is_no_advice(core, receive_mail, mailboxes, clock, nonsense):
    class Confused:
        @hookimpl
        def match_contact(self):
            return nonsense

    advise(core, clock, Confused())

    assert receive_mail(create_mail(), mailboxes[0]).state == "new"
