"""An installation of Tidings for one test, on SQLite and on PostgreSQL: tests that take `core` run on both."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, delete, event
from sqlalchemy.util import LRUCache

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.models import ChannelAccount, PluginCost
from app.plugin_api.host import Received
from app.plugin_api.messages import RawEvent
from app.schema import upgrade
from app.services import agents
from app.services.core import SYSTEM, Actor, Core, writing
from app.services.intake import receive
from app.services.own_addresses import claimed_addresses, put_addresses

if TYPE_CHECKING:
    from app.testing.databases import PostgresCopies

__all__ = [
    "FrozenClock",
    "clock",
    "core",
    "create_account",
    "create_agent",
    "database_url",
    "installation",
    "migrated_postgres",
    "migrated_postgres_url",
    "migrated_sqlite",
    "postgres_copies",
    "receive_mail",
    "tidings_app",
]


class FrozenClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **duration: float) -> datetime:
        """Move on by a `timedelta`'s arguments and return the new moment."""
        self._now += timedelta(**duration)
        return self._now


class _CompiledTemplates(BytecodeCache):
    """Keeps what templates were compiled to, as long as their source is the same: each test has an app of its own."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class _CompiledStatements:
    """Keeps what statements were compiled to, for all engines of a kind: each test has an engine of its own."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(4_000)

    def get(self, key: tuple[Any, ...]) -> Any:
        return self._kept.get(_of_any_engine(key))

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._kept[_of_any_engine(key)] = compiled


def _of_any_engine(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """SQLAlchemy's key begins with the engine's dialect."""
    dialect, *statement = key
    return dialect.name, dialect.driver, *statement


_COMPILED = _CompiledTemplates()
_STATEMENTS = _CompiledStatements()
_QUICK_PASSWORDS = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}
"""Quick to check, because nobody guesses them here."""


@pytest.fixture
def clock() -> FrozenClock:
    """2026-03-02 09:00 UTC, a Monday."""
    return FrozenClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, made once by the migrations and copied for each test."""
    home = tmp_path_factory.mktemp("migrated")
    app = create_app(Config(home=home), with_web=False)
    with app.app_context():
        _make_tables(app)
    with sqlite3.connect(home / "tidings.sqlite3") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home / "tidings.sqlite3"


def _make_tables(app: Flask) -> None:
    """All tables, those of the plugins that came with Tidings too; what making them cost is not written down."""
    upgrade()
    app.extensions["tidings"].plugins.upgrade_shipped()
    db.session.execute(delete(PluginCost))
    db.session.commit()
    db.session.remove()
    db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database of this test's own."""
    if request.param == "sqlite":
        path = tmp_path / "tidings.sqlite3"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    return request.getfixturevalue("migrated_postgres_url")


@pytest.fixture
def migrated_postgres_url(postgres_server, postgres_copies: "PostgresCopies") -> Iterator[str]:
    """A database like the migrated PostgreSQL database."""
    name = postgres_copies.take()
    yield postgres_server.url(name)
    postgres_copies.give_back(name)


@pytest.fixture(scope="session")
def postgres_copies(postgres_server, migrated_postgres: str) -> "PostgresCopies":
    """Databases like the migrated PostgreSQL database, used again and again."""
    from app.testing.databases import PostgresCopies

    return PostgresCopies(postgres_server, migrated_postgres)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with all tables, the template of those that tests get."""
    name = postgres_server.create_database()
    home = tmp_path_factory.mktemp("migrated_postgres")
    app = create_app(Config(home=home, database_url=postgres_server.url(name)), with_web=False)
    with app.app_context():
        _make_tables(app)
    return name


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Config:
    """The configuration of the test's installation."""
    return Config(home=tmp_path / "home", database_url=database_url, undo_s=5, log_level="WARNING", dns="off")


@pytest.fixture
def tidings_app(
    installation: Config, clock: FrozenClock, kept_route_builders: None, kept_installed_plugins: None
) -> Iterator[Flask]:
    """The app, its plugins started, inside an app context. Nobody is woken: tests call the verbs themselves."""
    app = create_app(installation, clock=clock, raise_errors=True)
    app.config.update(TESTING=True)
    app.jinja_env.bytecode_cache = _COMPILED
    app.extensions["security"].pwd_context.update(**_QUICK_PASSWORDS)
    app.extensions["tidings"] = replace(app.extensions["tidings"], wake=_wake_nobody)
    with app.app_context():
        _be_quick(db.engine)
        _let_plugins_take_their_time(app.extensions["tidings"])
        app.extensions["tidings"].plugins.start()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def core(tidings_app: Flask) -> Core:
    """The installation as services see it."""
    return tidings_app.extensions["tidings"]


@pytest.fixture
def create_agent(core: Core) -> Callable[..., Actor]:
    """Return a factory of agents: `create_agent("Ada", role="admin")` gives the actor; the password is "correct horse battery"."""

    def create(name: str = "Ada", role: str = "agent", email: str | None = None) -> Actor:
        address = email or f"{name.lower()}@desk.example.com"
        agent_id = agents.create_agent(core, SYSTEM, name=name, email=address, role=role)
        agents.set_password(core, agent_id, "correct horse battery")
        return Actor(agent_id, name, role)

    return create


@pytest.fixture
def create_account(core: Core) -> Callable[..., int]:
    """Return a factory of accounts that skips the connection test: `create_account("mailbox", address="help@example.com")`."""

    def create(plugin: str = "echo", address: str = "", name: str = "Support", **settings: object) -> int:
        with writing(core) as unit:
            row = ChannelAccount(
                plugin=plugin, name=name, address=address, settings=settings, secrets="", created_at=unit.now
            )
            unit.session.add(row)
            unit.session.flush()
            channel = core.plugins.channels.get(plugin)
            claimed = claimed_addresses(channel, settings) if channel is not None else ()
            put_addresses(unit, row.id, tuple(dict.fromkeys(filter(None, (address.lower(), *claimed)))))
            return row.id

    return create


@pytest.fixture
def receive_mail(core: Core, create_account: Callable[..., int]) -> Callable[..., Received]:
    """Return a function that takes a raw mail in through a mailbox account (made when none is named)."""
    made: list[int] = []

    def receive_one(raw: bytes | str, account_id: int | None = None, source_key: str | None = None) -> Received:
        if account_id is None:
            if not made:
                made.append(create_account("mailbox", address="help@example.com"))
            account_id = made[0]
        payload = raw.encode() if isinstance(raw, str) else raw
        payload = payload.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return receive(core, account_id, RawEvent(payload, source_key=source_key, content_type="message/rfc822"))

    return receive_one


def _be_quick(engine: Engine) -> None:
    """As on the PostgreSQL of tests, nobody waits for the disk: a commit survives the end of the process, not a power cut."""
    engine.update_execution_options(compiled_cache=_STATEMENTS)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))


def _let_plugins_take_their_time(core: Core) -> None:
    """A machine that runs many tests at once is slow for a while; tests about time limits set their own."""
    core.plugins.health.limits = replace(core.plugins.health.limits, start_s=60.0, request_s=60.0, call_s=120.0)


def _wake_nobody(task: str, identifier: int, delay_s: float = 0) -> None:
    """Tests decide themselves when the worker's part happens."""
