"""Promises of uses counted against limits: exact within a process, told to the others, and rare in the table."""

import threading

import pytest
from sqlalchemy import event, select

from app.extensions import db
from app.models import Counter
from app.services import uses
from app.services.uses import Uses


@pytest.fixture
def pause(monkeypatch):
    """Return a function that sets how many seconds lie between two tellings."""
    return lambda seconds: monkeypatch.setattr(uses, "TELLS_EVERY_S", seconds)


def commits_of(work):
    found, engine = [], db.engine
    note = lambda connection: found.append(1)  # noqa: E731 - to be removed again
    event.listen(engine, "commit", note)
    try:
        work()
    finally:
        event.remove(engine, "commit", note)
    return len(found)


def test_a_limit_holds_and_each_key_has_its_own(core):
    here = Uses()
    assert [here.allow(core, {"ada": "3 per hour"}) for _ in range(5)] == [True, True, True, False, False]
    assert here.allow(core, {"ben": "3 per hour"})
    assert not here.allow(core, {"ben": "3 per hour", "ada": "3 per hour"})


def test_a_limit_is_over_with_its_window(core, clock):
    here = Uses()
    assert [here.allow(core, {"ada": "1 per minute"}) for _ in range(2)] == [True, False]
    clock.advance(seconds=61)
    assert here.allow(core, {"ada": "1 per minute"})


@pytest.mark.parametrize("seconds", [0, 60])
def test_many_at_once_are_counted_exactly(core, tidings_app, pause, seconds):
    pause(seconds)
    here, answers, gate = Uses(), [], threading.Barrier(16)

    def post():
        with tidings_app.app_context():
            gate.wait(20)
            answers.extend(here.allow(core, {"network": "50 per hour"}) for _ in range(5))
            db.session.remove()

    threads = [threading.Thread(target=post) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers.count(True) == 50
    assert answers.count(False) == 30


def test_another_process_knows_what_was_told(core, pause):
    pause(0)
    here, there = Uses(), Uses()
    for _ in range(2):
        assert here.allow(core, {"ada": "3 per hour"})
    assert there.allow(core, {"ada": "3 per hour"})
    assert not there.allow(core, {"ada": "3 per hour"})
    assert not here.allow(core, {"ada": "3 per hour"})


def test_what_comes_within_a_second_is_told_once(core, pause):
    pause(60)
    here = Uses()
    assert commits_of(lambda: [here.allow(core, {"ada": "50 per hour", "net": "90 per hour"}) for _ in range(20)]) == 1
    pause(0)
    here.allow(core, {"ben": "5 per hour"})
    core.session.rollback()
    assert sorted(core.session.scalars(select(Counter.value).where(Counter.name.startswith("rate:")))) == [1, 20, 20]


def test_a_limit_that_cannot_be_read_is_said(core):
    with pytest.raises(ValueError, match="not a limit"):
        Uses().allow(core, {"ada": "many"})


def test_a_limit_that_is_forgotten_while_it_is_asked_for_still_holds(core, pause):
    class Forgetful(Uses):
        def _stored(self, core, names):
            found = super()._stored(core, names)
            self.stored.clear()  # another thread has just told
            return found

    pause(0)
    here = Forgetful()
    assert [here.allow(core, {"ada": "2 per hour"}) for _ in range(3)] == [True, True, False]
