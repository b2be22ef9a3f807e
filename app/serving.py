"""The web server: gunicorn with threads, embedded, because each open event stream needs a thread and nothing else waits for it."""

from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker

from app.config import Config
from app.processes import stop_when

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["serve"]

GRACEFUL_S = 10


def serve(config: Config) -> None:
    """Serve until SIGTERM; does not return. The application is imported inside each worker process, so that the one above them stays
    small."""
    _Server(config).run()


class _Server(BaseApplication):
    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        config = self._config
        settings = {
            "bind": f"{config.host}:{config.port}",
            "workers": config.web_workers,
            "worker_class": "gthread",
            "threads": config.web_threads,
            "timeout": 60,
            "graceful_timeout": GRACEFUL_S,
            "keepalive": 2,
            "max_requests": 0,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": config.log_level.lower(),
            "proc_name": "tidings web",
            "control_socket_disable": True,
            "post_worker_init": _remember_worker,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> "Flask":
        from app.factory import create_app

        app = create_app(self._config)
        with app.app_context():
            app.extensions["tidings"].plugins.start()
            app.extensions["tidings"].session.remove()
        return app


def _remember_worker(worker: Worker) -> None:
    stop_when(lambda: not worker.alive)
