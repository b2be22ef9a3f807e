"""Answers reach people and comments, once, within the windows that Meta sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugins.facebook.channel import FacebookChannel
from plugins.facebook.names import PRIVATE, PUBLIC
from plugins.facebook.tests import pages
from tidings import Account, OutboundAttachment, OutboundMessage, Participant, Permanent, Temporary
from tidings.testing import FakeHost, providers

FILE = OutboundAttachment("bill.pdf", "application/pdf", b"%PDF")
PHOTO = OutboundAttachment("lamp.jpg", "image/jpeg", b"jpeg")


@pytest.fixture
def answer(graph: providers.FakeMetaGraph, host: FakeHost) -> OutboundMessage:
    """To somebody who wrote just now."""
    graph.write(pages.person_of(graph), "Hello")
    to = (Participant("facebook", pages.PERSON_ID),)
    return OutboundMessage(11, 7, "t.11@desk.test", to, "Come by!", host.now(), thread_key=f"person:{pages.PERSON_ID}")


@pytest.fixture
def comment(graph: providers.FakeMetaGraph, host: FakeHost) -> Any:
    return graph.comment(pages.person_of(graph), graph.add_post(pages.PAGE_ID, "Lamps"), "How much?")


def under(comment: Any, answer: OutboundMessage, choice: str) -> OutboundMessage:
    return replace(answer, thread_key=f"comment:{comment.id}", in_reply_to=comment.id, choice=choice)


def texts(graph: providers.FakeMetaGraph) -> list[str]:
    return [one.text or str(one.attachments[0]["type"]) for one in graph.state.sent]


def test_text_and_files_go_out_in_order(channel: Any, account: Account, answer: Any, graph: Any) -> None:
    receipt = channel.send(account, replace(answer, attachments=(FILE, PHOTO)))

    assert texts(graph) == ["Come by!", "file", "image"]
    assert receipt.external_id == graph.state.sent[0].id


def test_a_repeated_attempt_goes_on_where_the_last_one_ended(
    channel: FacebookChannel, account: Account, answer: OutboundMessage, graph: providers.FakeMetaGraph
) -> None:
    message = replace(answer, attachments=(FILE,))
    with graph.fault("server_trouble", after=1), pytest.raises(Temporary):
        channel.send(account, message)
    channel.send(account, replace(message, attempt=2))

    assert texts(graph) == ["Come by!", "file"]


def test_what_went_out_before_the_line_broke_is_found(
    channel: FacebookChannel, account: Account, answer: OutboundMessage, graph: providers.FakeMetaGraph
) -> None:
    message = replace(answer, attachments=(FILE,))
    graph.write(pages.person_of(graph), "Come by!", is_by_page=True)

    assert channel.was_sent(account, message) is False
    channel.send(account, message)
    assert texts(graph) == ["file"]
    assert channel.was_sent(account, message)


def test_after_a_day_only_an_app_with_the_feature_may_answer(
    channel: FacebookChannel, account: Account, answer: OutboundMessage, graph: providers.FakeMetaGraph, host: FakeHost
) -> None:
    host.clock.tick(timedelta(days=2).total_seconds())
    with pytest.raises(Permanent, match="Too long ago"):
        channel.send(account, answer)
    channel.send(pages.create_account(graph, human_agent=True), answer)

    assert [one.tag for one in graph.state.sent] == ["HUMAN_AGENT"]


def test_an_automatic_answer_is_never_said_to_be_a_persons(channel: Any, answer: Any, graph: Any, host: Any) -> None:
    host.clock.tick(timedelta(days=2).total_seconds())
    with pytest.raises(Permanent, match="Too long ago"):
        channel.send(pages.create_account(graph, human_agent=True), replace(answer, is_automatic=True))


def test_a_conversation_of_another_app_says_what_to_do(channel: Any, account: Any, answer: Any, graph: Any) -> None:
    pages.person_of(graph).thread_owner = "263902037430900"
    with pytest.raises(Permanent, match="Take over"):
        channel.send(account, answer)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"text": "x" * 2001}, "2,001"),
        ({"thread_key": None}, "wrote first"),
        ({"attachments": (OutboundAttachment("film.mp4", "video/mp4", b"x" * (25 * 1024 * 1024 + 1)),)}, "25 MB"),
        ({"text": " "}, "nothing"),
        ({"thread_key": "comment:1_2", "attachments": (FILE,)}, "comment"),
    ],
)
def test_what_can_never_be_sent_is_refused_before_anything_is(
    channel: FacebookChannel,
    account: Account,
    answer: OutboundMessage,
    graph: providers.FakeMetaGraph,
    change: dict,
    why: str,
) -> None:
    with pytest.raises(Permanent, match=why):
        channel.send(account, replace(answer, **change))

    assert graph.state.sent == []


def test_a_comment_is_answered_below_it(channel: Any, account: Account, answer: Any, comment: Any, graph: Any) -> None:
    message = under(comment, answer, PUBLIC)
    receipt = channel.send(account, message)

    (below,) = [one for one in graph.state.comments.values() if one.parent_id == comment.id]
    assert (below.id, below.text) == (receipt.external_id, "Come by!")
    assert channel.was_sent(account, message)


def test_a_comment_is_answered_in_private_once(
    channel: Any, account: Account, answer: Any, comment: Any, graph: Any
) -> None:
    own = graph.write_comment(
        pages.PAGE_ID, comment.post_id, "It is", author=(pages.PAGE_ID, "Shop"), parent_id=comment.id
    )
    message = replace(under(comment, answer, PRIVATE), in_reply_to=own.id, references=(comment.id,))
    receipt = channel.send(account, message)

    assert comment.private_reply == receipt.external_id
    with pytest.raises(Permanent, match="private answer already"):
        channel.send(account, message)


def test_a_comment_that_is_gone_cannot_be_answered(
    channel: Any, account: Any, answer: Any, comment: Any, graph: Any
) -> None:
    graph.remove_comment(comment)
    for choice in (PUBLIC, PRIVATE):
        with pytest.raises(Permanent, match="gone"):
            channel.send(account, under(comment, answer, choice))
