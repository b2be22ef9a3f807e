"""Promises of `conversation_changed`: told once for each transaction that really changed something, after the commit, with what was
before."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from app.errors import InvalidInput
from app.extensions import db
from app.models import Conversation
from app.plugin_api.hookspecs import hookimpl
from app.plugin_api.messages import Participant
from app.plugin_host.hooks.validation import new_manager
from app.services import conversations, replies
from app.services.conversation_rows import put_tag, set_status
from app.services.core import writing
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail


class Listener:
    """Keeps what it is told, and what the database says at that moment."""

    def __init__(self, core):
        self.core, self.told, self.stored = core, [], []

    @hookimpl
    def conversation_changed(self, change):
        self.told.append(change)
        self.core.session.rollback()
        self.stored.append(self.core.session.get(Conversation, change.conversation.id).status)

    def take(self):
        """What was told since the last time: (status before, status, tags added, tags removed, assignee)."""
        found = [
            (one.status_before, one.conversation.status, one.tags_added, one.tags_removed, one.assignee_id)
            for one in self.told
        ]
        assert self.stored == [one.conversation.status for one in self.told], "told before the commit"
        self.told.clear()
        self.stored.clear()
        return found


@pytest.fixture
def listener(core):
    """The only plugin that is told anything."""
    plugin = Listener(core)
    manager = new_manager()
    manager.register(plugin, "listener")
    core.plugins.dispatcher.replace(manager, {"listener": None})
    return plugin


def test_each_verb_tells_once_what_it_changed(core, clock, receive_mail, create_agent, listener):
    ada = create_agent("Ada")
    conversation_id = receive_mail(create_mail()).conversation_id
    assert listener.take() == [], "told although the conversation was only opened"

    conversations.add_tag(core, ada, [conversation_id], "Lamp")
    conversations.remove_tag(core, ada, [conversation_id], "LAMP")
    assert listener.take() == [
        ("open", "open", ("lamp",), (), None),
        ("open", "open", (), ("lamp",), None),
    ]
    message_id = replies.reply(core, ada, conversation_id, ReplyDraft("Yes."))
    assert listener.take() == [("open", "pending", (), (), ada.agent_id)], "assignee and status are one change"
    replies.undo(core, ada, message_id)
    assert listener.take() == [("pending", "open", (), (), None)]

    conversations.snooze(core, ada, [conversation_id], clock.now() + timedelta(hours=1))
    clock.advance(hours=2)
    conversations.wake_snoozed(core)
    conversations.resolve(core, ada, [conversation_id])
    receive_mail(create_mail(message_id="2@x.org", body="And?", In_Reply_To="<first@mail.example.org>"))
    assert [one[:2] for one in listener.take()] == [
        ("open", "snoozed"),
        ("snoozed", "open"),
        ("open", "resolved"),
        ("resolved", "open"),
    ]


def test_what_changes_nothing_is_not_told(core, receive_mail, create_agent, create_account, listener):
    ada = create_agent("Ada")
    conversation_id = receive_mail(create_mail()).conversation_id
    conversations.reopen(core, ada, [conversation_id])
    conversations.remove_tag(core, ada, [conversation_id], "lamp")
    conversations.set_priority(core, ada, [conversation_id], 3)
    with pytest.raises(InvalidInput):
        conversations.assign(core, ada, [conversation_id], 4711)
    account_id = create_account("mailbox", address="sales@example.com")
    to, draft = Participant("email", "ben@example.org"), ReplyDraft("Hello.", then="resolved")
    replies.start_conversation(core, ada, account_id=account_id, to=to, subject="News", draft=draft)
    assert listener.take() == []


def test_what_the_provider_said_is_marked_as_such(core, receive_mail, listener):
    conversation_id = receive_mail(create_mail()).conversation_id
    with writing(core) as unit:
        conversation = unit.session.get_one(Conversation, conversation_id)
        set_status(unit, conversation, "resolved", actor=None, is_from_provider=True)
        put_tag(unit, conversation, "archive", actor=None, is_from_provider=True)
    (told,) = listener.told
    assert told.is_from_provider
    assert (told.status_before, told.conversation.status, told.tags_added) == ("open", "resolved", ("archive",))


def test_where_no_plugin_listens_nothing_is_asked_about_the_contact(core, receive_mail, create_agent, listener):
    ada = create_agent("Ada")
    conversation_id = receive_mail(create_mail()).conversation_id

    def asks_for_the_address(verb) -> bool:
        asked: list[str] = []

        def note(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        verb(core, ada, [conversation_id])
        event.remove(db.engine, "before_cursor_execute", note)
        return any("contact_identity" in one for one in asked)

    assert asks_for_the_address(conversations.set_pending)
    core.plugins.dispatcher.replace(new_manager(), {})
    assert not asks_for_the_address(conversations.resolve)
