"""Runs the repeated jobs of plugins, each in a thread of its own: guarded, timed, and by one worker at a time."""

import logging
import threading
import time

from flask import Flask

from app.plugin_api.registrations import Job
from app.plugin_host.health.book import describe
from app.processes import process_name
from app.services.core import Core
from app.services.plugins.jobs import claim_job, due_jobs, finish_job, keep_job_claims, plan_jobs

__all__ = ["PluginJobs"]

log = logging.getLogger(__name__)

MOST_THREADS = 4
KEEP_EVERY_S = 20


class PluginJobs:
    """Starts what is due. `look` is called about once a second; what a plugin has that was switched off is not started any more."""

    def __init__(self, app: Flask, core: Core) -> None:
        self._app, self._core = app, core
        self._owner = process_name()
        self._running: dict[tuple[str, str], threading.Thread] = {}
        self._planned_edition = -1
        self._keep_at = 0.0

    def look(self) -> None:
        """Follow which jobs there are, and start those that are due."""
        self._running = {key: thread for key, thread in self._running.items() if thread.is_alive()}
        jobs = self._core.plugins.jobs
        if self._planned_edition != self._core.plugins.edition:
            self._planned_edition = self._core.plugins.edition
            plan_jobs(self._core, jobs)
        if self._running and time.monotonic() >= self._keep_at:
            self._keep_at = time.monotonic() + KEEP_EVERY_S
            keep_job_claims(self._core, self._owner, list(self._running))
        for plugin, job in due_jobs(self._core, jobs):
            if len(self._running) >= MOST_THREADS:
                break
            if (plugin, job.name) not in self._running and claim_job(self._core, plugin, job.name, self._owner):
                self._start(plugin, job)

    def stop(self, timeout_s: float = 10) -> None:
        """Begin nothing more and wait a little for what runs. What takes longer ends with the process and is run again by the next."""
        deadline = time.monotonic() + timeout_s
        for thread in list(self._running.values()):
            thread.join(max(deadline - time.monotonic(), 0))

    def _start(self, plugin: str, job: Job) -> None:
        thread = threading.Thread(target=self._run, args=(plugin, job), name=f"job-{plugin}-{job.name}", daemon=True)
        self._running[plugin, job.name] = thread
        thread.start()

    def _run(self, plugin: str, job: Job) -> None:
        """One run; what the plugin raises is counted by the guard and written into the job's record."""
        guarded = self._core.plugins.dispatcher.guarded(plugin, f"job {job.name}", limit_s=job.limit.total_seconds())
        started = time.monotonic()
        problem = ""
        try:
            guarded(job.run)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's job may raise anything
            logging.getLogger(f"tidings.plugins.{plugin}").error("the job %s failed", job.name, exc_info=error)
            problem = describe(error)
        try:
            with self._app.app_context():
                finish_job(self._core, plugin, job, self._owner, ran_s=time.monotonic() - started, problem=problem)
        except Exception:  # the database is away, for example; the lease ends by itself and the job runs again
            log.exception("how the job %s of %s went could not be written down", job.name, plugin)
