"""Builds the application: ten named steps, in order. Nothing is read from the environment here, everything from the `Config`."""

import logging
from functools import partial
from pathlib import Path
from typing import cast

from flask import Flask
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, scoped_session

from app import models  # noqa: F401 - the tables must be known before anything asks for them
from app.clock import Clock, SystemClock
from app.config import Config
from app.dns import resolver_of
from app.errors import ConfigError
from app.extensions import babel, csrf, db, prepare_engine
from app.files import FileStore
from app.jobs.queue import Queue
from app.languages import install_languages
from app.plugin_host import PluginHost, discover
from app.plugin_host.finding.sources import sources_of
from app.redaction import mask_logs
from app.services.core import Core
from app.services.plugins.backend import InAnyThread, ServicesBackend
from app.services.plugins.health import count_queries
from app.vault import open_vault

__all__ = ["create_app"]

THEMES = Path(__file__).resolve().parent.parent / "themes"


def create_app(
    config: Config, *, clock: Clock | None = None, raise_errors: bool = False, with_web: bool = True
) -> Flask:
    """The Flask app with `app.extensions["tidings"]` (the `Core`) and `app.extensions["tidings.queue"]`.

    `raise_errors`: errors of plugins are raised instead of isolated, for tests. `with_web=False` leaves out pages and sign-in, for
    the worker and the command line. Raises `ConfigError` with a sentence when something of the deployment is wrong.
    """
    mask_logs()
    app = Flask("app", static_folder=None, template_folder=None, root_path=str(Path(__file__).parent))
    _make_home(config)
    vault = open_vault(config.home / "secret.key")
    _configure(app, config, vault.derived("sessions"))
    _bind_database(app)
    queue = Queue(config)
    plugins = PluginHost(
        InAnyThread(ServicesBackend(lambda: app.extensions["tidings"]), app),
        clock=clock or SystemClock(),
        is_safe_mode=config.safe_mode,
        raise_errors=raise_errors,
        is_traced=config.trace_hooks,
        find=partial(discover, sources=sources_of(config)),
    )
    core = Core(
        session=cast("scoped_session[Session]", db.session),
        clock=clock or SystemClock(),
        plugins=plugins,
        files=_open_files(config),
        vault=vault,
        config=config,
        wake=queue.wake,
        resolver=resolver_of(config),
    )
    app.extensions["tidings"] = core
    app.extensions["tidings.queue"] = queue
    queue.bind(app, core)
    with app.app_context():
        count_queries(db.engine, plugins.dispatcher.watchdog)
    if with_web:
        from app.web import install_web

        install_web(app, core, THEMES)
    return app


def _make_home(config: Config) -> None:
    try:
        config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"TIDINGS_HOME ({config.home}) cannot be made: {error.strerror}.") from error


def _open_files(config: Config) -> FileStore:
    try:
        return FileStore(config.files_address)
    except (ValueError, ImportError, OSError) as error:
        raise ConfigError(f"TIDINGS_FILES_URL cannot be used: {error}.") from error


def _configure(app: Flask, config: Config, session_keys: list[bytes]) -> None:
    logging.getLogger("app").setLevel(config.log_level.upper())
    app.config.update(
        SECRET_KEY=session_keys[0].hex(),
        SECRET_KEY_FALLBACKS=[key.hex() for key in session_keys[1:]],
        SQLALCHEMY_DATABASE_URI=config.database_address,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        MAX_CONTENT_LENGTH=config.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SECURE=config.is_https,
        REMEMBER_COOKIE_SAMESITE="Lax",
        TEMPLATES_AUTO_RELOAD=False,
    )


def _engine_options(config: Config) -> dict[str, object]:
    threads = config.web_threads + config.worker_threads + 16
    return {
        "pool_size": min(threads, 20),
        "max_overflow": threads,
        "pool_pre_ping": not config.database_address.startswith("sqlite"),
    }


def _bind_database(app: Flask) -> None:
    try:
        db.init_app(app)
    except (ArgumentError, ImportError, ValueError) as error:
        raise ConfigError(f"TIDINGS_DATABASE_URL cannot be used: {error}.") from error
    babel.init_app(app)
    install_languages()
    csrf.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
