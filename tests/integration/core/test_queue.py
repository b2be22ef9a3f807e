"""Promises of the queue: wake-ups ring the bell of whoever does the work, from another process as from the worker itself."""

import time
from dataclasses import replace

import pytest

from app.jobs.queue import Queue

BELLS = {"deliver": "bell", "complete": "completion_bell", "look": "journal_bell"}


@pytest.fixture
def create_queue(tidings_app, core, tmp_path):
    """Return a function that opens the queue as one more process of the installation does."""
    config = replace(core.config, queue_url=f"sqlite:///{tmp_path}/queue.sqlite3")

    def create() -> Queue:
        queue = Queue(config)
        queue.bind(tidings_app, core)
        return queue

    return create


@pytest.fixture
def worker(create_queue):
    queue = create_queue()
    consumer = queue.consumer()
    consumer.start()
    yield queue
    consumer.stop(graceful=True)


@pytest.mark.parametrize("task", BELLS)
def test_a_page_rings_the_workers_bell(create_queue, worker, task):
    create_queue().wake(task, 0)
    assert getattr(worker, BELLS[task]).wait(10)
    assert [name for name in BELLS.values() if getattr(worker, name).is_set()] == [BELLS[task]]


@pytest.mark.parametrize("task", BELLS)
def test_the_worker_rings_its_own_bell_at_once_and_queues_nothing(worker, task):
    worker.wake(task, 1)
    assert getattr(worker, BELLS[task]).is_set()
    assert worker.huey.pending_count() == 0


def test_a_later_bell_waits_for_its_time(worker):
    worker.wake("deliver", 1, delay_s=3600)
    until = time.monotonic() + 10
    while not worker.huey.scheduled_count() and time.monotonic() < until:
        time.sleep(0.05)
    assert worker.huey.scheduled_count() == 1
    assert not worker.bell.is_set()


def test_a_queue_that_is_away_costs_no_more_than_a_line_in_the_log(create_queue, tmp_path, caplog):
    queue = create_queue()
    queue.huey.storage.close()
    (tmp_path / "queue.sqlite3").unlink()
    (tmp_path / "queue.sqlite3").mkdir()
    queue.wake("look", 0)
    assert "could not wake the worker for look 0" in caplog.text
