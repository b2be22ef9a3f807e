"""The record of repeated jobs of plugins: when each is due, who runs it now, how its last run went. `app.jobs.plugin_jobs` runs them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.domain.leases import is_leased
from app.domain.text import clean_line
from app.models import PluginJob
from app.plugin_api.registrations import Job
from app.processes import is_gone
from app.redaction import masked
from app.services.core import Core, Unit, writing
from app.services.counting import upsert

__all__ = ["claim_job", "due_jobs", "finish_job", "keep_job_claims", "pause_after", "plan_jobs"]

LEASE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=6)

Jobs = Mapping[str, Sequence[Job]]
"""The jobs of the plugins that run, by plugin name."""


def plan_jobs(core: Core, jobs: Jobs) -> None:
    """Write down new jobs, due at once, and forget those that a running plugin has no longer. What is known of plugins that do not run
    stays until they are removed."""
    with writing(core) as unit:
        for plugin, its_jobs in jobs.items():
            names = [job.name for job in its_jobs]
            unit.connection.execute(delete(PluginJob).where(PluginJob.plugin == plugin, PluginJob.name.not_in(names)))
            for job in its_jobs:
                _plan(unit, plugin, job)


def due_jobs(core: Core, jobs: Jobs) -> list[tuple[str, Job]]:
    """The jobs that should run now and that nobody runs, longest overdue first."""
    now = core.clock.now()
    known = {(plugin, job.name): job for plugin, its_jobs in jobs.items() for job in its_jobs}
    statement = select(PluginJob).where(PluginJob.due_at <= now).order_by(PluginJob.due_at)
    found = [
        (row.plugin, known.get((row.plugin, row.name)), _is_free(row, now)) for row in core.session.scalars(statement)
    ]
    core.session.rollback()
    return [(plugin, job) for plugin, job, is_free in found if job is not None and is_free]


def claim_job(core: Core, plugin: str, name: str, owner: str) -> bool:
    """Take a job that is due for this process, so that no other runs it. False when another was first."""
    with writing(core) as unit:
        row = unit.session.get(PluginJob, (plugin, name), with_for_update=True)
        if row is None or row.due_at > unit.now or not _is_free(row, unit.now):
            return False
        row.lease_owner, row.leased_until = owner, unit.now + LEASE
        return True


def keep_job_claims(core: Core, owner: str, running: Iterable[tuple[str, str]]) -> None:
    """Prolong the leases of the jobs, by plugin and name, that this process runs."""
    with writing(core) as unit:
        for plugin, name in running:
            is_ours = (PluginJob.plugin == plugin) & (PluginJob.name == name) & (PluginJob.lease_owner == owner)
            unit.connection.execute(update(PluginJob).where(is_ours).values(leased_until=unit.now + LEASE))


def finish_job(core: Core, plugin: str, job: Job, owner: str, *, ran_s: float, problem: str = "") -> None:
    """Write down how a run went and when the next one is due. Nothing happens when this process does not hold the job any more."""
    with writing(core) as unit:
        row = unit.session.get(PluginJob, (plugin, job.name), with_for_update=True)
        if row is None or row.lease_owner != owner:
            return
        had_problem = bool(row.last_error)
        row.failures = row.failures + 1 if problem else 0
        row.last_error = clean_line(masked(problem), 1000)
        row.lease_owner, row.leased_until = "", None
        row.ran_at, row.ran_s, row.runs = unit.now, ran_s, row.runs + 1
        row.due_at = unit.now + pause_after(job.every, row.failures)
        if problem or had_problem:
            unit.changed("plugins")


def pause_after(every: timedelta, failures: int) -> timedelta:
    """How long to wait after so many failures in a row: twice as long after each, six hours at most, but never less than `every`."""
    return max(every, min(every * 2 ** min(failures, 20), LONGEST_PAUSE))


def _plan(unit: Unit, plugin: str, job: Job) -> None:
    new = upsert(unit.connection)(PluginJob.__table__).values(
        plugin=plugin, name=job.name, due_at=unit.now, lease_owner="", ran_s=0.0, runs=0, failures=0, last_error=""
    )
    unit.connection.execute(new.on_conflict_do_nothing(index_elements=["plugin", "name"]))
    latest = unit.now + job.every
    is_late = (PluginJob.failures == 0) & (PluginJob.due_at > latest)  # it runs more often than it did
    unit.connection.execute(
        update(PluginJob).where(PluginJob.plugin == plugin, PluginJob.name == job.name, is_late).values(due_at=latest)
    )


def _is_free(row: PluginJob, now: datetime) -> bool:
    return not is_leased(row.leased_until, now, LEASE) or row.lease_owner == "" or is_gone(row.lease_owner)
