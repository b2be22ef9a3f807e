"""Promises of writings in one transaction: each is committed when it returns, many cost one commit, and one that fails fails alone."""

import threading
import time

import pytest
from sqlalchemy import event, func, select

from app.extensions import db
from app.models import InboundEvent, Tag
from app.plugin_api.messages import RawEvent
from app.services.core import writing
from app.services.intake import accept
from app.services.together import WritingsTogether

THREADS = 24


def in_threads(app, *works):
    """Run all of them at once, each in an app context of its own; what came of each, an exception included."""
    gate, found = threading.Barrier(len(works)), {}

    def run(number, work):
        with app.app_context():
            gate.wait(20)
            try:
                found[number] = work()
            except Exception as error:  # noqa: BLE001 - looked at by the test
                found[number] = error
            db.session.remove()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [found[number] for number in range(len(works))]


def adds(core, together, name):
    def write(unit):
        if name == "bad":
            raise ValueError("not this one")
        unit.session.add(Tag(name=name))
        unit.session.flush()
        return name

    return lambda: together.write(core, write)


def test_many_writings_share_transactions_and_each_has_its_result(core, tidings_app):
    together, commits, engine = WritingsTogether(), [], db.engine

    is_led = threading.Event()

    def while_all_wait(unit):
        is_led.set()
        until = time.monotonic() + 30
        while len(together._waiting) < THREADS and time.monotonic() < until:
            time.sleep(0.01)

    note = lambda connection: commits.append(1)  # noqa: E731 - to be removed again
    event.listen(engine, "commit", note)
    try:
        works = [adds(core, together, f"tag {number}") for number in range(THREADS)]
        later = [lambda work=work: is_led.wait(30) and work() for work in works]
        results = in_threads(tidings_app, lambda: together.write(core, while_all_wait), *later)[1:]
    finally:
        event.remove(engine, "commit", note)

    assert results == [f"tag {number}" for number in range(THREADS)]
    assert core.session.scalar(select(func.count()).select_from(Tag)) == THREADS
    assert len(commits) == 2, "the first, and all that waited for it"


def test_one_that_cannot_be_written_fails_alone(core, tidings_app):
    together = WritingsTogether()
    names = [*(f"tag {number}" for number in range(THREADS // 2)), "bad"]

    *good, bad = in_threads(tidings_app, *(adds(core, together, name) for name in names))

    assert good == names[:-1]
    assert isinstance(bad, ValueError)
    core.session.rollback()
    assert core.session.scalar(select(func.count()).select_from(Tag)) == THREADS // 2


def test_nobody_waits_for_others_inside_a_transaction_of_their_own(core):
    with writing(core), pytest.raises(RuntimeError, match="already being written"):
        WritingsTogether().write(core, lambda unit: None)


@pytest.mark.parametrize("copies", [1, 2])
def test_events_that_come_at_once_stand_in_the_journal_once_each(core, tidings_app, create_account, copies):
    account_id = create_account("echo")
    keys = [f"key {number}" for number in range(THREADS // 2)] * copies
    events = [RawEvent(key.encode(), source_key=key) for key in keys]

    found = in_threads(tidings_app, *(lambda one=one: accept(core, account_id, one) for one in events))

    core.session.rollback()
    assert sorted(core.session.scalars(select(InboundEvent.source_key))) == sorted(set(keys))
    assert {one.state for one in found} == {"queued"}
    assert len({one.event_id for one in found}) == len(set(keys))
