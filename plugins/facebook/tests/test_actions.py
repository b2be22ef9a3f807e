"""Buttons of agents, what they do at Facebook, and how the page is looked after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug import Request
from werkzeug.exceptions import NotFound

from connectors.errors import RateLimited
from plugins.facebook import actions, register_routes, subscription, threads
from plugins.facebook.channel import FacebookChannel
from plugins.facebook.panels import account_panels
from plugins.facebook.tests import pages
from plugins.facebook.troubles import channel_error
from tidings import Account, ConversationSummary, MessageSummary, Temporary
from tidings.testing import FakeHost

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
CONVERSATION = ConversationSummary(7, 7, "", "open", "facebook", 1, 3, "Ada", pages.PERSON_ID, NOW)


def message(external_id: str, fields: dict[str, str]) -> MessageSummary:
    said = (external_id, "Hi", True, False, True, None, NOW, 1)
    return MessageSummary(11, CONVERSATION, "inbound", "normal", *said, fields)


def press(host: FakeHost, path: str, **values: Any) -> str:
    """Do what the button does; gives what the agent is told."""
    route = next(one for one in register_routes(host=host) if one.name == path)
    route.view(Request({"REQUEST_METHOD": "POST"}), **values)
    return host.told[-1]


def test_a_conversation_is_taken_over_from_another_app(host: FakeHost, account: Account, graph: Any) -> None:
    assert actions.conversation_actions(host, CONVERSATION) == []
    threads.note_holder(host, account.id, pages.PERSON_ID, is_us=False)
    pages.person_of(graph).thread_owner = "263902037430900"
    (action,) = actions.conversation_actions(host, CONVERSATION)

    assert action.path == f"/take-over/1/{pages.PERSON_ID}"
    assert press(host, "take_over", account_id=1, person_id=pages.PERSON_ID) == "This conversation is yours now."
    assert pages.person_of(graph).thread_owner == graph.app_id
    assert actions.conversation_actions(host, CONVERSATION) == []


def test_where_the_app_may_not_take_it_asks(host: FakeHost, account: Account, graph: Any) -> None:
    graph.is_primary_receiver = False
    pages.person_of(graph).thread_owner = "263902037430900"

    assert "was asked" in press(host, "take_over", account_id=1, person_id=pages.PERSON_ID)
    assert graph.requested_threads == [(pages.PERSON_ID, "Tidings")]


def test_comments_are_hidden_and_shown_again(host: FakeHost, account: Account, graph: Any) -> None:
    comment = graph.comment(pages.person_of(graph), graph.add_post(pages.PAGE_ID, "Lamps"), "Nice")
    beside = [message(comment.id, {"Comment on": "Lamps"}), message("m_1", {})]
    (hide,) = actions.message_actions(host, CONVERSATION, beside)
    press(host, "hide", account_id=1, comment_id=comment.id)
    (show,) = actions.message_actions(host, CONVERSATION, beside)

    assert (hide.label, show.label) == ("Hide", "Show again")
    assert comment.is_hidden
    press(host, "show", account_id=1, comment_id=comment.id)
    assert not comment.is_hidden


def test_what_facebook_refuses_is_told(host: FakeHost, account: Account, graph: Any) -> None:
    assert "gone at Facebook" in press(host, "hide", account_id=1, comment_id="1_2")
    with pytest.raises(NotFound):
        press(host, "hide", account_id=9, comment_id="1_2")


def test_pages_are_looked_after(host: FakeHost, account: Account, channel: FacebookChannel, graph: Any) -> None:
    graph.state.tokens[pages.page_of(graph).token].expires_at = host.now() + timedelta(days=60)
    assert channel.health(account).token_expires_at is None
    subscription.look_after_pages(host)

    assert channel.health(account).token_expires_at == host.now() + timedelta(days=60)
    assert set(pages.page_of(graph).subscribed) == set(subscription.wanted_fields(account))
    rows = dict(account_panels(host, account)[0].rows)
    assert rows["Token ends"] == f"{host.now() + timedelta(days=60):%Y-%m-%d}"


def test_a_page_in_trouble_does_not_stop_the_others(host: FakeHost, account: Account, graph: Any) -> None:
    other = graph.add_page("Other")
    broken = Account(2, "facebook", "Broken", "", {"page_id": "1"}, secrets={"page_token": "nonsense"})
    host.put_account(broken)
    host.put_account(Account(3, "facebook", "Other", "", {"page_id": other.id}, secrets={"page_token": other.token}))
    subscription.look_after_pages(host)

    assert other.subscribed


@pytest.mark.parametrize(
    ("change", "step"),
    [("token", "Page"), ("page", "another page"), ("scope", "missing: pages_messaging"), ("webhook", "Webhook")],
)
def test_the_connection_test_names_what_is_wrong(
    host: FakeHost, account: Account, channel: Any, graph: Any, change: str, step: str
) -> None:
    page = pages.page_of(graph)
    token = graph.state.tokens[page.token]
    page.subscribed = subscription.wanted_fields(account)
    if change == "token":
        graph.kill(page.token)
    elif change == "page":
        account = Account(1, "facebook", "", "", {"page_id": "1"}, secrets=account.secrets)
    elif change == "scope":
        token.scopes = tuple(one for one in token.scopes if one != "pages_messaging")
    else:
        page.subscribed = ("messages",)

    assert step in channel.test_connection(account).problem


def test_a_limit_without_a_time_waits_a_while() -> None:
    error = channel_error(RateLimited("Slow down."), NOW)

    assert isinstance(error, Temporary)
    assert error.retry_at == NOW + timedelta(minutes=5)
