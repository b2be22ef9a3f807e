"""Repeated jobs of plugins: run when they are due, by one worker, put off when they fail, gone with their plugin."""

import sys
import threading
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint

import pytest

from app.jobs import plugin_jobs as runner
from app.jobs.plugin_jobs import PluginJobs
from app.models import PluginJob
from app.plugin_host import PluginHost, discover
from app.redaction import known_secrets
from app.services.core import writing
from app.services.plugins.backend import InAnyThread, ServicesBackend
from app.services.plugins.jobs import claim_job, pause_after

MANIFEST = """name = "guest"
title = "Guest"
summary = "x"
kind = "automation"
version = "1"
api = "2"
permissions = ["store", "schedule"]
"""
CODE = """
from datetime import timedelta
from tidings import Job, hookimpl

def count(host):
    if host.store.increment("runs") in host.store.get("bad", []):
        raise ValueError("no luck with Mellon-friend")

@hookimpl
def register_jobs(host):
    return [
        Job("count", every=timedelta(minutes=10), run=lambda: count(host)),
        Job("idle", every=timedelta(hours=8), run=lambda: None),
    ]
"""
MINE, OTHER = "here:1", "elsewhere:2"


@pytest.fixture
def worker(core, tidings_app, clock, tmp_path, monkeypatch):
    """What runs the jobs, over an installation whose only plugin is the guest."""
    folder = tmp_path / "guests" / "jobs_guest"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(CODE)
    (folder / "manifest.toml").write_text(MANIFEST)
    monkeypatch.syspath_prepend(folder.parent)
    points = [EntryPoint("guest", "jobs_guest", "tidings.plugins")]
    cores = []
    backend = InAnyThread(ServicesBackend(lambda: cores[0]), tidings_app)
    host = PluginHost(backend, clock, find=lambda: discover(points))
    cores.append(replace(core, plugins=host))
    monkeypatch.setitem(tidings_app.extensions, "tidings", cores[0])
    host.start()
    host.activate("guest")
    jobs = PluginJobs(tidings_app, cores[0])
    jobs.core = cores[0]
    yield jobs
    jobs.stop()
    sys.modules.pop("jobs_guest", None)


def look(worker: PluginJobs) -> None:
    worker.look()
    worker.stop()


def record(worker: PluginJobs, name: str = "count") -> PluginJob | None:
    worker.core.session.rollback()
    return worker.core.session.get(PluginJob, ("guest", name), populate_existing=True)


def runs(worker: PluginJobs) -> int:
    return ServicesBackend(lambda: worker.core).get_value("guest", "runs", 0)


def put(worker: PluginJobs, key: str, value: object) -> None:
    ServicesBackend(lambda: worker.core).set_value("guest", key, value)


def test_a_job_runs_soon_and_then_when_it_is_due(worker, clock):
    look(worker)
    row = record(worker)
    assert (runs(worker), row.runs, row.failures, row.last_error) == (1, 1, 0, "")
    assert (row.ran_at, row.due_at, row.lease_owner) == (clock.now(), clock.now() + timedelta(minutes=10), "")
    clock.advance(minutes=9)
    look(worker)
    assert runs(worker) == 1
    clock.advance(minutes=1)
    look(worker)
    assert runs(worker) == 2
    calls = {health.hook: health.calls for health in worker.core.plugins.health_of("guest")}
    assert calls["job count"] == 2, "it is counted like a hook"


def test_one_that_fails_waits_longer_each_time_and_tells_why(worker, clock):
    known_secrets.remember(["Mellon-friend"])
    put(worker, "bad", [1, 2])
    for failures, minutes in ((1, 20), (2, 40)):
        look(worker)
        row = record(worker)
        assert (row.failures, row.due_at) == (failures, clock.now() + timedelta(minutes=minutes))
        assert row.last_error.startswith("ValueError: no luck")
        assert "Mellon" not in row.last_error, "credentials are masked"
        clock.advance(minutes=minutes)
    look(worker)
    row = record(worker)
    assert (row.runs, row.failures, row.last_error) == (3, 0, "")
    assert row.due_at == clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("every", "failures", "expected"),
    [
        (timedelta(minutes=1), 0, timedelta(minutes=1)),
        (timedelta(minutes=1), 3, timedelta(minutes=8)),
        (timedelta(minutes=1), 1000, timedelta(hours=6)),
        (timedelta(days=1), 2, timedelta(days=1)),
    ],
)
def test_the_pause_grows_and_ends(every, failures, expected):
    assert pause_after(every, failures) == expected


def test_a_job_that_takes_too_long_is_stopped_and_counts_as_failed(worker):
    job = replace(worker.core.plugins.jobs["guest"][1], limit=timedelta(seconds=0.3), run=spin)
    look(worker)
    with writing(worker.core) as unit:
        unit.session.get_one(PluginJob, ("guest", "idle")).due_at = unit.now
    assert claim_job(worker.core, "guest", "idle", worker._owner)
    worker._run("guest", job)
    assert "where 0.3 s are allowed" in record(worker, "idle").last_error


def spin() -> None:
    while True:
        threading.Event().wait(0.01)


def test_one_worker_at_a_time_runs_a_job(worker, clock, monkeypatch):
    runner.plan_jobs(worker.core, worker.core.plugins.jobs)
    assert claim_job(worker.core, "guest", "count", OTHER)
    assert not claim_job(worker.core, "guest", "count", MINE)
    look(worker)
    assert runs(worker) == 0
    clock.advance(seconds=50)
    runner.keep_job_claims(worker.core, OTHER, [("guest", "count")])
    clock.advance(seconds=50)
    look(worker)
    assert runs(worker) == 0, "the other still runs it"
    clock.advance(seconds=61)
    look(worker)
    assert runs(worker) == 1, "the other is gone"


def test_who_lost_a_job_writes_nothing_down(worker, clock):
    runner.plan_jobs(worker.core, worker.core.plugins.jobs)
    claim_job(worker.core, "guest", "count", MINE)
    clock.advance(seconds=61)
    assert claim_job(worker.core, "guest", "count", OTHER)
    runner.finish_job(worker.core, "guest", worker.core.plugins.jobs["guest"][0], MINE, ran_s=99, problem="late")
    row = record(worker)
    assert (row.lease_owner, row.runs, row.last_error) == (OTHER, 0, "")


def test_jobs_go_with_their_plugin_and_keep_their_time(worker, clock):
    look(worker)
    worker.core.plugins.deactivate("guest")
    clock.advance(minutes=30)
    look(worker)
    assert runs(worker) == 1
    worker.core.plugins.activate("guest")
    look(worker)
    assert runs(worker) == 2
    idle = record(worker, "idle")
    assert (idle.runs, idle.due_at) == (1, clock.now() + timedelta(hours=7.5))


def test_a_job_the_plugin_has_no_longer_is_forgotten_and_one_that_got_quicker_is_sooner(worker, clock):
    look(worker)
    count = worker.core.plugins.jobs["guest"][0]
    runner.plan_jobs(worker.core, {"guest": [replace(count, every=timedelta(minutes=2))]})
    assert record(worker, "idle") is None
    assert record(worker).due_at == clock.now() + timedelta(minutes=2)
