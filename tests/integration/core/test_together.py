"""Promises of writings in one transaction: each is committed when it returns, many cost one commit, and one that fails fails alone."""

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import event, func, insert, select

from app.extensions import db
from app.models import InboundEvent, Tag
from app.plugin_api.messages import RawEvent
from app.services.core import writing
from app.services.intake import accept, receive
from app.services.together import WritingsTogether, lasting

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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # elsewhere nobody holds up others
def test_those_who_come_while_another_process_writes_share_its_turn_as_well(core, tidings_app):
    together, gate, commits = WritingsTogether(), threading.Event(), []
    engine = db.engine

    def hold():
        with writing(core):
            gate.set()
            until = time.monotonic() + 30
            while len(together._waiting) < THREADS - 1 and time.monotonic() < until:
                time.sleep(0.01)

    note = lambda connection: commits.append(1)  # noqa: E731 - to be removed again
    event.listen(engine, "commit", note)
    try:
        works = [adds(core, together, f"tag {number}") for number in range(THREADS)]
        in_threads(tidings_app, hold, *[lambda work=work: gate.wait(30) and work() for work in works])
    finally:
        event.remove(engine, "commit", note)

    assert core.session.scalar(select(func.count()).select_from(Tag)) == THREADS
    assert len(commits) == 2, "the one that held the others up, and all of them"


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


@pytest.mark.parametrize("take", [accept, receive])
def test_what_is_written_beside_an_event_is_there_with_it_and_once(core, create_account, take):
    account_id, event = create_account("echo"), RawEvent(b"{}", source_key="1")
    beside = lambda connection: connection.execute(insert(Tag.__table__).values(name="beside"))  # noqa: E731

    for _ in range(2):
        take(core, account_id, event, beside=beside)

    assert core.session.scalar(select(func.count()).select_from(Tag)) == 1


@pytest.mark.parametrize("take", [accept, receive])
def test_an_event_is_not_stored_without_what_belongs_beside_it(core, create_account, take):
    def beside(connection):
        raise ValueError("cannot be written")

    with pytest.raises(ValueError, match="cannot be written"):
        take(core, create_account("echo"), RawEvent(b"{}", source_key="1"), beside=beside)

    core.session.rollback()
    assert core.session.scalar(select(func.count()).select_from(InboundEvent)) == 0


def test_the_worker_is_asked_once_to_look_for_all_that_came_together(core, tidings_app, create_account):
    account_id, woken, gate = create_account("echo"), [], threading.Event()
    watched = replace(core, wake=lambda task, identifier, delay_s=0: woken.append((task, identifier)))

    def hold(connection):
        gate.set()
        until = time.monotonic() + 30
        while len(lasting._waiting) < 9 and time.monotonic() < until:
            time.sleep(0.01)

    def take(number, beside=None):
        return accept(watched, account_id, RawEvent(b"{}", source_key=str(number)), beside=beside)

    later = [lambda number=number: gate.wait(30) and take(number) for number in range(9)]
    in_threads(tidings_app, lambda: take("first", hold), *later)

    assert woken == [("look", 0)] * 2, "for the first, and for all that waited for it"
