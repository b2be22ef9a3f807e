"""The web server: gunicorn with threads, embedded, because each open event stream needs a thread and nothing else waits for it."""

import os
import sys
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from app.config import Config
from app.errors import AppError
from app.exclusive import must_be_free
from app.processes import settle_down, stop_when
from app.turnstile import Turnstile

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["serve"]

GRACEFUL_S = 10
_ACCESS = "%(t)s %(m)s %(U)s %(s)s %(D)s"
_REFUSED = Arbiter.APP_LOAD_ERROR


def serve(config: Config) -> None:
    """Serve until SIGTERM; does not return. The application is imported inside each worker process, so that the one above them stays
    small. Raises `ConfigError` when the port is taken; what the application refuses with is printed and ends the process with 2."""
    must_be_free(config.host, config.port)
    parent = os.getpid()
    try:
        _Server(config).run()
    except SystemExit as end:
        is_refusal = end.code == _REFUSED and os.getpid() == parent  # the processes it forks pass here too
        raise SystemExit(2 if is_refusal else end.code) from None


class _Server(BaseApplication):
    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        config = self._config
        settings = {
            "bind": config.listen_address,
            "workers": config.web_workers,
            "worker_class": "gthread",
            "threads": config.web_threads,
            "timeout": 60,
            "graceful_timeout": GRACEFUL_S,
            "keepalive": 2,
            "max_requests": 0,
            "accesslog": config.access_log or None,
            "access_log_format": _ACCESS,
            "errorlog": "-",
            "loglevel": config.log_level.lower(),
            "proc_name": "tidings web",
            "control_socket_disable": True,
            "post_worker_init": _remember_worker,
            "worker_exit": _tell_of_plugins,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> "Flask":
        try:
            return _ready_app(self._config)
        except AppError as error:
            sys.stderr.write(f"tidings: {error}\n")
            raise SystemExit(_REFUSED) from None


def _ready_app(config: Config) -> "Flask":
    from sqlalchemy.exc import DBAPIError

    from app.errors import ConfigError
    from app.extensions import db
    from app.factory import create_app
    from app.schema import must_fit

    app = create_app(config)
    try:
        with app.app_context():
            must_fit(db.engine)
            app.extensions["tidings"].plugins.start()
            app.extensions["tidings"].session.remove()
        app.wsgi_app = Turnstile(app.wsgi_app)  # type: ignore[method-assign]  # how Flask means middleware to be added
    except DBAPIError as error:
        raise ConfigError(f"The database cannot be used: {' '.join(str(error.orig).split())}") from error
    return app


def _remember_worker(worker: Worker) -> None:
    settle_down()
    stop_when(lambda: not worker.alive)


def _tell_of_plugins(_server: Arbiter, worker: Worker) -> None:
    """Write down what happened to plugins in this process since it was last told; there may be no app when the process never came up."""
    app: Flask | None = getattr(worker, "wsgi", None)
    if app is not None:
        with app.app_context():
            app.extensions["tidings"].plugins.flush_health()
