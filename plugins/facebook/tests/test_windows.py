"""The composer says what may be answered now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.facebook import threads
from plugins.facebook.channel import FacebookChannel
from plugins.facebook.tests import pages
from tidings import Account, Exchange, Participant
from tidings.testing import FakeHost, providers


def exchange(host: FakeHost, ago: timedelta | None, thread_key: str = f"person:{pages.PERSON_ID}") -> Exchange:
    wrote_at = host.now() - ago if ago is not None else None
    return Exchange(7, thread_key, Participant("facebook", pages.PERSON_ID), wrote_at, "m_1", {}, host.now())


@pytest.mark.parametrize(
    ("hours", "human_agent", "is_refused", "lasts_h"),
    [
        (1, False, False, 24),
        (23, True, False, 24),
        (25, False, True, None),
        (25, True, False, 168),
        (169, True, True, None),
    ],
)
def test_messenger_has_two_windows(
    channel: FacebookChannel,
    host: FakeHost,
    graph: providers.FakeMetaGraph,
    hours: int,
    human_agent: bool,
    is_refused: bool,
    lasts_h: int | None,
) -> None:
    asked = exchange(host, timedelta(hours=hours))
    rules = channel.reply_rules(pages.create_account(graph, human_agent=human_agent), asked)

    assert rules.is_refused is is_refused
    assert asked.last_inbound_at is not None
    assert rules.until == (asked.last_inbound_at + timedelta(hours=lasts_h) if lasts_h else None)
    assert rules.notice
    assert rules.longest == 2000


def test_nobody_is_written_to_first(channel: FacebookChannel, account: Account, host: FakeHost) -> None:
    assert channel.reply_rules(account, exchange(host, None)).is_refused


def test_what_another_app_holds_is_said(channel: FacebookChannel, account: Account, host: FakeHost) -> None:
    threads.note_holder(host, account.id, pages.PERSON_ID, is_us=False)

    assert "Take it over" in channel.reply_rules(account, exchange(host, timedelta(hours=1))).notice


@pytest.mark.parametrize(("days", "ways"), [(1, ["public", "private"]), (8, ["public"])])
def test_comments_have_two_ways_for_a_week(
    channel: FacebookChannel, account: Account, host: FakeHost, days: int, ways: list
) -> None:
    rules = channel.reply_rules(account, exchange(host, timedelta(days=days), "comment:1_2"))

    assert [choice.key for choice in rules.choices] == ways
    assert not rules.is_refused
