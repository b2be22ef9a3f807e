"""Promises of the feed of changes: open browsers hear of everything once, after quiet nights and in storms too."""

import pytest
from sqlalchemy import func, insert, select

from app.extensions import db
from app.jobs.housekeeping import do_housekeeping
from app.models import Change
from app.realtime import Feed
from app.realtime.feed import READ_AT_ONCE
from app.services.core import writing


@pytest.fixture
def feed(core):
    """A feed that follows from now on; `feed._look` is what its thread does every moment."""
    feed = Feed(db.engine, most_listeners=2)
    feed._begin()
    return feed


def tell(core, *topics):
    with writing(core) as unit:
        for topic in topics:
            unit.changed(topic)


def heard(feed):
    return [row.topic for row in feed._look()]


def test_changes_are_heard_once_and_in_order(core, feed):
    tell(core, "a", "b")
    tell(core, "c")

    assert heard(feed) == ["a", "b", "c"]
    assert heard(feed) == []


def test_changes_are_heard_after_everything_old_was_thrown_away(core, clock, feed):
    tell(core, "a", "b", "c")
    assert heard(feed) == ["a", "b", "c"]
    clock.advance(hours=3)
    do_housekeeping(core)
    assert core.session.scalar(select(func.count()).select_from(Change)) == 1
    core.session.rollback()

    tell(core, "d")

    assert heard(feed) == ["d"]
    assert [event.topics for event in feed.since(3)] == [("d",)]


def test_a_storm_is_heard_to_its_end(core, feed):
    many = [f"t{number}" for number in range(READ_AT_ONCE * 3)]
    tell(core, *many)

    rounds = [heard(feed) for _ in range(5)]
    assert [topic for one in rounds for topic in one] == many
    assert rounds[-1] == []


def test_a_change_that_is_committed_late_is_heard(core, feed):
    if db.engine.dialect.name == "sqlite":
        tell(core, "late", "early")  # one writer at a time: nobody can be overtaken
        assert heard(feed) == ["late", "early"]
        return
    with db.engine.connect() as slow:
        slow.execute(insert(Change.__table__), {"topic": "late", "data": {}, "created_at": core.clock.now()})
        tell(core, "early")
        assert heard(feed) == ["early"]
        slow.commit()

    assert heard(feed) == ["late"]
    assert heard(feed) == []
