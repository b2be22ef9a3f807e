"""Writing at X: below posts and directly, how long, with which files, what is refused, and what the composer is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugins.twitter.tests.accounts import Desk
from tidings import (
    Exchange,
    InboundMessage,
    NeedsReauth,
    OutboundAttachment,
    OutboundMessage,
    Participant,
    Permanent,
    ReplyRules,
    Temporary,
)

PNG = OutboundAttachment("lamp.png", "image/png", b"\x89PNG lamp")


def answer_to(desk: Desk, inbound: InboundMessage, text: str = "An answer", **more: Any) -> OutboundMessage:
    return OutboundMessage(
        message_id=1,
        conversation_id=1,
        external_id="t.1@inbox.example.com",
        to=(inbound.sender,),
        text=text,
        created_at=desk.clock.now(),
        thread_key=inbound.thread_key,
        in_reply_to=inbound.external_id,
        references=(inbound.external_id,),
        **more,
    )


def came(desk: Desk, item: Any) -> InboundMessage:
    """What an item became in the inbox."""
    desk.clock.tick(60)
    said = desk.said(desk.fetch())
    (found,) = [one for one in said if one.external_id.endswith(f":{item.id}")]
    return found


def rules_for(desk: Desk, inbound: InboundMessage | None) -> ReplyRules:
    exchange = Exchange(
        conversation_id=1 if inbound else 0,
        thread_key=inbound.thread_key if inbound else None,
        contact=inbound.sender if inbound else Participant("x", "1"),
        last_inbound_at=inbound.sent_at if inbound else None,
        last_inbound_id=inbound.external_id if inbound else "",
        fields=dict(inbound.fields) if inbound else {},
        now=desk.clock.now(),
    )
    return desk.channel.reply_rules(desk.account, exchange)


def test_an_answer_goes_below_the_newest_post_of_the_contact(desk: Desk) -> None:
    ada = desk.x.add_person("Ada", "ada")
    first = came(desk, desk.x.mention(ada, "One"))
    ours = desk.channel.send(desk.account, answer_to(desk, first))
    later = desk.x.mention(ada, "Two", in_reply_to=desk.x.sent_posts[0])
    second = came(desk, later)
    assert second.thread_key == first.thread_key
    message = replace(
        answer_to(desk, second, "Another answer"),
        references=(first.external_id, second.external_id, ours.external_id),
        in_reply_to=ours.external_id,
    )
    desk.channel.send(desk.account, message)
    answered = [one.in_reply_to.id for one in desk.x.sent_posts if one.in_reply_to]
    assert answered == [first.external_id.removeprefix("post:"), later.id]


def test_what_was_sent_comes_back_under_the_same_id(desk: Desk) -> None:
    ada = desk.x.add_person()
    question, psst = came(desk, desk.x.mention(ada, "?")), came(desk, desk.x.message(ada, "Psst"))
    receipts = [
        desk.channel.send(desk.account, answer_to(desk, one, f"To {one.external_id}")) for one in (question, psst)
    ]
    desk.clock.tick(60)
    said = desk.said(desk.fetch())
    assert {one.external_id for one in said} == {one.external_id for one in receipts}
    assert all(one.is_echo for one in said)


def test_a_public_question_can_be_answered_directly(desk: Desk) -> None:
    ada = desk.x.add_person()
    question = came(desk, desk.x.mention(ada, "?"))
    receipt = desk.channel.send(desk.account, answer_to(desk, question, "Just for you", choice="direct"))
    assert [one.recipient.id for one in desk.x.sent_messages] == [ada.id]
    assert not desk.x.sent_posts
    assert receipt.thread_key is None, "the conversation stays the one about the post"


def test_an_agent_begins_with_a_name_or_a_number(desk: Desk) -> None:
    ada = desk.x.add_person("Ada", "ada")
    for value in (ada.id, "@ada", "Ada"):
        message = OutboundMessage(1, 1, "x", (Participant("x", value),), f"Hello {value}", desk.clock.now())
        receipt = desk.channel.send(desk.account, message)
        assert receipt.thread_key == f"dm:{desk.x.sent_messages[-1].conversation_id}"
    with pytest.raises(Permanent, match="Nobody"):
        desk.channel.send(desk.account, OutboundMessage(1, 1, "x", (Participant("x", "@no"),), "Hi", desk.clock.now()))


@pytest.mark.parametrize("typed", ["../../users/me", "ada?expansions=x", "@ada/../../me", "@", "ädä"])
def test_what_is_no_name_is_not_looked_up(desk: Desk, typed: str) -> None:
    asked = len(desk.x.asked)
    with pytest.raises(Permanent, match="Nobody"):
        desk.channel.send(desk.account, OutboundMessage(1, 1, "x", (Participant("x", typed),), "Hi", desk.clock.now()))
    assert len(desk.x.asked) == asked


@pytest.mark.parametrize("by_keys", [False, True])
def test_pictures_and_videos_are_sent(create_desk: Callable[..., Desk], by_keys: bool) -> None:
    desk = create_desk(by_keys=by_keys)
    ada = desk.x.add_person()
    question, psst = came(desk, desk.x.mention(ada, "?")), came(desk, desk.x.message(ada, "Psst"))
    desk.channel.send(desk.account, answer_to(desk, question, "Four", attachments=(PNG,) * 4))
    desk.channel.send(desk.account, answer_to(desk, psst, "", attachments=(PNG,)))
    assert [len(one.media) for one in desk.x.sent_posts] == [4]
    assert desk.x.sent_messages[0].media
    assert desk.x.sent_messages[0].media.content == PNG.data


@pytest.mark.parametrize(
    "files",
    [
        (PNG,) * 5,
        (PNG, replace(PNG, content_type="video/mp4")),
        (replace(PNG, content_type="application/pdf"),),
        (replace(PNG, data=b"x" * (5 * 1024 * 1024 + 1)),),
    ],
)
def test_files_that_x_does_not_take_are_refused_before_they_are_sent(desk: Desk, files: Any) -> None:
    question = came(desk, desk.x.mention(desk.x.add_person(), "?"))
    calls = len(desk.x.asked)
    with pytest.raises(Permanent):
        desk.channel.send(desk.account, answer_to(desk, question, attachments=files))
    assert len(desk.x.asked) == calls


def test_length_is_counted_as_x_counts(create_desk: Callable[..., Desk]) -> None:
    desk = create_desk()
    question = came(desk, desk.x.mention(desk.x.add_person(), "?"))
    desk.channel.send(desk.account, answer_to(desk, question, "a" * 250 + " https://example.com/" + "b" * 500))
    desk.channel.send(desk.account, answer_to(desk, question, "日" * 140))
    calls = len(desk.x.asked)
    with pytest.raises(Permanent, match="282"):
        desk.channel.send(desk.account, answer_to(desk, question, "日" * 141))
    assert len(desk.x.asked) == calls
    long = create_desk(account={"may_post_long": True})
    long.x.account.subscription = "Premium"
    question = came(long, long.x.mention(long.x.add_person(), "?"))
    long.channel.send(long.account, answer_to(long, question, "a" * 20_000))
    assert [one.longest for one in rules_for(long, question).choices] == [25_000, None]


def test_what_may_have_been_sent_is_looked_for(desk: Desk) -> None:
    ada = desk.x.add_person()
    question, psst = came(desk, desk.x.mention(ada, "?")), came(desk, desk.x.message(ada, "Psst"))
    for inbound in (question, psst):
        message = answer_to(desk, inbound, "See https://example.com/a?b=1 & tell")
        assert desk.channel.was_sent(desk.account, message) is False
        with desk.x.fault("cut_connection"), pytest.raises(Temporary) as caught:
            desk.channel.send(desk.account, message)
        assert caught.value.outcome_unknown
        assert desk.channel.was_sent(desk.account, message) is False
        desk.channel.send(desk.account, message)
        assert desk.channel.was_sent(desk.account, message) is True
        assert desk.channel.was_sent(desk.account, replace(message, text="Another")) is False
        desk.clock.tick(600)
        later = replace(message, created_at=desk.clock.now())
        assert desk.channel.was_sent(desk.account, later) is False, "an earlier one of the same words"


def test_a_plan_that_forbids_writing_makes_the_account_read_only(desk: Desk) -> None:
    ada = desk.x.add_person()
    question = came(desk, desk.x.mention(ada, "?"))
    assert [one.key for one in rules_for(desk, question).choices] == ["public", "direct"]
    desk.x.allows_writing = False
    with pytest.raises(Permanent, match="plan"):
        desk.channel.send(desk.account, answer_to(desk, question))
    rules = rules_for(desk, question)
    assert [one.key for one in rules.choices] == ["direct"]
    with pytest.raises(Permanent):
        desk.channel.send(desk.account, answer_to(desk, question, choice="direct"))
    rules = rules_for(desk, question)
    assert rules.is_refused
    assert "read-only" in rules.notice
    assert dict(desk.channel.health(desk.account).rows)["Writing"].startswith("not allowed")
    assert came(desk, desk.x.mention(ada, "Still read"))
    desk.clock.tick(timedelta(hours=24).total_seconds())
    assert not rules_for(desk, question).is_refused, "after a day it may be tried again"
    desk.x.allows_writing = True
    desk.channel.send(desk.account, answer_to(desk, question))
    assert "Writing" not in dict(desk.channel.health(desk.account).rows)


def test_a_single_refusal_does_not_make_it_read_only(desk: Desk) -> None:
    ada = desk.x.add_person()
    question = came(desk, desk.x.mention(ada, "?"))
    desk.channel.send(desk.account, answer_to(desk, question, "Once"))
    with pytest.raises(Permanent, match="duplicate"):
        desk.channel.send(desk.account, answer_to(desk, question, "Once"))
    desk.x.delete(desk.x.state.posts[question.external_id.removeprefix("post:")])
    with pytest.raises(Permanent, match="deleted"):
        desk.channel.send(desk.account, answer_to(desk, question, "Twice"))
    assert not rules_for(desk, question).is_refused


def test_only_who_takes_direct_messages_is_offered_one(desk: Desk) -> None:
    shy = desk.x.add_person("Ben", takes_messages=False)
    question = came(desk, desk.x.mention(shy, "?"))
    rules = rules_for(desk, question)
    assert [one.key for one in rules.choices] == ["public"]
    assert rules.choices[0].longest == 280
    assert rules.count("日本 https://example.com/" + "a" * 300) == 28
    assert rules.notice
    with pytest.raises(Permanent, match="permission to DM"):
        desk.channel.send(desk.account, answer_to(desk, question, choice="direct"))


def test_direct_messages_are_long_and_offer_no_choice(desk: Desk) -> None:
    psst = came(desk, desk.x.message(desk.x.add_person(), "Psst"))
    for inbound in (psst, None):
        rules = rules_for(desk, inbound)
        assert (rules.longest, rules.choices, rules.is_refused) == (10_000, (), False)
    with pytest.raises(Permanent):
        desk.channel.send(desk.account, answer_to(desk, psst, "a" * 10_001))


def test_limits_and_ended_sign_ins_are_told_apart(desk: Desk) -> None:
    question = came(desk, desk.x.mention(desk.x.add_person(), "?"))
    desk.x.limits["post"] = 0
    with pytest.raises(Temporary) as caught:
        desk.channel.send(desk.account, answer_to(desk, question))
    assert caught.value.retry_at is not None
    desk.x.limits["post"] = 100
    desk.x.take_rights_back()
    with pytest.raises(NeedsReauth):
        desk.channel.send(desk.account, answer_to(desk, question))
