"""`tidings run`, `tidings web` and `tidings worker`: everything under one supervisor, or the parts one by one."""

from dataclasses import replace
from pathlib import Path

import click

from app.config import read_config
from app.processes import stop_with_parent

__all__ = ["run", "web", "worker"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
_PARENT = click.option("--parent", type=int, hidden=True, help="End when this process is gone.")
_SAFE = click.option("--safe-mode", is_flag=True, help="Start without optional plugins and custom themes.")


@click.command()
@_DATA
@_SAFE
def run(data: Path | None, safe_mode: bool) -> None:
    """Start everything: web pages, worker and account pollers."""
    from app.jobs.supervisor import supervise

    raise SystemExit(supervise(read_config(data), is_safe_mode=safe_mode))


@click.command()
@_DATA
@_SAFE
@_PARENT
def web(data: Path | None, safe_mode: bool, parent: int | None) -> None:
    """Serve the web pages only."""
    from app.serving import serve

    if parent is not None:
        stop_with_parent(parent)
    config = read_config(data)
    serve(replace(config, safe_mode=config.safe_mode or safe_mode))


@click.command()
@_DATA
@_SAFE
@_PARENT
def worker(data: Path | None, safe_mode: bool, parent: int | None) -> None:
    """Process, deliver and poll accounts only."""
    from app.cli.opening import telling_of_the_database
    from app.extensions import db
    from app.factory import create_app
    from app.jobs.worker import run_worker
    from app.schema import must_fit

    if parent is not None:
        stop_with_parent(parent)
    config = read_config(data)
    app = create_app(replace(config, safe_mode=config.safe_mode or safe_mode), with_web=False)
    with telling_of_the_database(), app.app_context():
        must_fit(db.engine)
        app.extensions["tidings"].plugins.start()
    run_worker(app, app.extensions["tidings"], app.extensions["tidings.queue"])
