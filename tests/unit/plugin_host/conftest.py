"""A backend in memory, a clock that stands still, and plugins written into a temporary folder."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

from app.domain.events import AgentSummary, ContactSummary, Viewer
from app.errors import NotFound
from app.plugin_api.channel import Account
from app.plugin_api.host import AccountStats, Received, Visited
from app.plugin_api.messages import RawEvent
from app.plugin_host import (
    Activation,
    HealthReport,
    Limits,
    MigrationFailed,
    PluginHost,
    PluginInfo,
    Pulse,
    SharedHealth,
    Sources,
    discover,
)
from tests.unit.plugin_host.drop_in import manifest_of

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@dataclass
class MemoryBackend:
    """Everything the host asks of the application, in dictionaries. Two hosts over one backend stand for two processes."""

    folder: Path
    owned: list[Account] = field(default_factory=list)
    switched: dict[str, Activation] = field(default_factory=dict)
    is_safe: bool = False
    behind: frozenset[str] = frozenset()
    broken_migrations: dict[str, str] = field(default_factory=dict)
    broken_chains: dict[str, str] = field(default_factory=dict)
    migrated: list[tuple[str, str]] = field(default_factory=list)
    failures: list[tuple[str, int, str]] = field(default_factory=list)
    reports: list[HealthReport] = field(default_factory=list)
    breakers: dict[tuple[str, str], float] = field(default_factory=dict)
    health: int = 0
    received: list[tuple[int, RawEvent]] = field(default_factory=list)
    automatic: list[tuple[str, int, str]] = field(default_factory=list)
    words: dict[str, tuple[str, str]] = field(default_factory=dict)
    noted: list[tuple[str, str, str, Any]] = field(default_factory=list)
    told: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    keys: list[bytes] = field(default_factory=lambda: [b"first key"])
    changes: int = 0
    migrating_now: set[str] = field(default_factory=set)
    engine: Engine = field(default_factory=lambda: create_engine("sqlite://", poolclass=StaticPool))

    def pulse(self) -> Pulse:
        return Pulse(self.changes, self.health)

    def activations(self) -> Mapping[str, Activation]:
        return dict(self.switched)

    def is_safe_mode(self) -> bool:
        return self.is_safe

    def set_active(self, plugin: str, is_active: bool, version: str, granted: Sequence[str]) -> None:
        self.switched[plugin] = Activation(
            is_active, frozenset(granted), version, NOW + timedelta(seconds=self.changes)
        )
        self.changes += 1

    def raise_generation(self) -> None:
        self.changes += 1

    def is_behind(self, info: PluginInfo) -> bool:
        if info.name in self.broken_chains:
            raise MigrationFailed(self.broken_chains[info.name])
        return info.name in self.behind

    @contextmanager
    def migrating(self, info: PluginInfo) -> Iterator[None]:
        if info.name in self.broken_migrations:
            raise MigrationFailed(self.broken_migrations[info.name])
        before, self.behind = self.behind, self.behind - {info.name}
        try:
            yield
        except BaseException:
            self.behind = before
            raise
        self.migrated.append((info.name, info.version))

    def record_health(self, report: HealthReport) -> bool:
        self.reports.append(report)
        self.failures += [(plugin, one.count, one.last_error) for plugin, one in report.failures.items()]
        for key, news in report.breakers.items():
            self.breakers.pop(key, None)
            if news.is_open:
                self.breakers[key] = news.pause_s
            self.health += 1
        return True

    def shared_health(self) -> SharedHealth:
        return SharedHealth(dict(self.breakers))

    def end_reading(self) -> None:
        """There is no database."""

    def accounts(self, plugin: str, *, with_paused: bool = False) -> Sequence[Account]:
        return [account for account in self.owned if account.plugin == plugin]

    def account(self, plugin: str, account_id: int) -> Account | None:
        return next((account for account in self.accounts(plugin) if account.id == account_id), None)

    def owns_account(self, plugin: str, account_id: int) -> bool:
        return self.account(plugin, account_id) is not None

    def sending_accounts(self, kind: str) -> Sequence[tuple[int, str]]:
        return [(account.id, account.name) for account in self.owned]

    def account_stats(self, account_id: int) -> AccountStats:
        return AccountStats(received=len(self.received), received_last_week=len(self.received))

    def wake_account(self, account_id: int) -> None:
        self.values["woken", str(account_id)] = True

    def save_secret(self, account_id: int, key: str, value: str) -> None:
        self.values["secret", f"{account_id}:{key}"] = value

    def save_settings(self, account_id: int, values: Mapping[str, Any], viewer: Viewer | None) -> None:
        self.values["settings", str(account_id)] = dict(values)

    def add_account(
        self, plugin: str, name: str, settings: Mapping[str, Any], secrets: Mapping[str, str], viewer: Viewer | None
    ) -> int:
        self.owned.append(Account(len(self.owned) + 1, plugin, name, "", settings, secrets=secrets))
        return self.owned[-1].id

    def viewer(self) -> Viewer | None:
        return None

    def agents(self) -> Sequence[AgentSummary]:
        return []

    def contact(self, kind: str, value: str) -> ContactSummary | None:
        return None

    def done(self, text: str, path: str) -> str:
        return f"{text} {path}"

    def teams(self) -> Sequence[tuple[int, str]]:
        return [(1, "Night shift")]

    def language(self) -> str:
        return "en"

    def put_short_address(self, plugin: str, word: str, path: str) -> None:
        if self.words.setdefault(word, (plugin, path)) != (plugin, path):
            raise ValueError(f"{word} is taken")

    def drop_short_address(self, plugin: str, word: str) -> None:
        if self.words.get(word, ("", ""))[0] == plugin:
            del self.words[word]

    def visit(self, path: str, method: str, data: Any, files: Any, headers: Any) -> Visited:
        return Visited(200, {}, f"{method} {path}")

    def note_change(self, plugin: str, viewer: Any, action: str, subject: str, data: Any) -> None:
        self.noted.append((plugin, action, subject, data))

    def tell(self, plugin: str, subject: str, text: str, data: Any, path: str, level: str) -> None:
        self.told[plugin, subject] = (text % data, path)

    def over(self, plugin: str, subject: str) -> None:
        self.told.pop((plugin, subject), None)

    def receive(
        self,
        plugin: str,
        account_id: int,
        event: RawEvent,
        *,
        at_once: bool,
        beside: Callable[[Connection], None] | None,
    ) -> Received:
        if not self.owns_account(plugin, account_id):
            raise NotFound("This account does not exist any more.")
        if beside is not None:
            with self.engine.begin() as connection:
                beside(connection)
        self.received.append((account_id, event))
        return Received(event_id=len(self.received), state="new" if at_once else "queued")

    def send_automatic(
        self, plugin: str, conversation_id: int, text: str, *, is_verification: bool, is_test: bool
    ) -> int | None:
        self.automatic.append((plugin, conversation_id, text))
        return len(self.automatic)

    def raw_message(self, sha256: str) -> bytes:
        return sha256.encode()

    def get_value(self, plugin: str, key: str, default: Any) -> Any:
        return self.values.get((plugin, key), default)

    def set_value(self, plugin: str, key: str, value: Any, *, is_fleeting: bool = False) -> None:
        self.values[plugin, key] = value

    def delete_value(self, plugin: str, key: str) -> None:
        self.values.pop((plugin, key), None)

    def increment_value(self, plugin: str, key: str, by: int) -> int:
        self.values[plugin, key] = self.values.get((plugin, key), 0) + by
        return self.values[plugin, key]

    def settings(self, plugin: str) -> Mapping[str, Any]:
        return {"plugin": plugin}

    @contextmanager
    def table_connection(self, plugin: str, *, is_writing: bool, is_fleeting: bool = False) -> Iterator[Connection]:
        with self.engine.begin() if is_writing else self.engine.connect() as connection:
            yield connection

    def write_together(self, run: Callable[[Connection], int], *, is_fleeting: bool) -> int:
        with self.engine.begin() as connection:
            return run(connection)

    def rivals(self, plugin: str) -> tuple[str, ...]:
        return (f"{plugin}_rival",)

    def is_migrating(self, plugin: str) -> bool:
        return plugin in self.migrating_now

    def deployment_values(self, plugin: str) -> Mapping[str, str]:
        return {"region": f"{plugin}-land"}

    def url(self, path: str) -> str:
        return f"https://inbox.example.com{path}"

    def render(self, plugin: str, template: str, context: Mapping[str, Any]) -> str:
        return f"{plugin}:{template}:{sorted(context)}"

    def allow(self, plugin: str, limits: Mapping[str, str]) -> bool:
        counted = {key: self.increment_value(plugin, f"limit:{key}", 1) for key in limits}
        return all(counted[key] <= int(limit.split()[0]) for key, limit in limits.items())

    def signing_keys(self) -> Sequence[bytes]:
        return self.keys

    def data_folder(self, plugin: str) -> Path:
        return self.folder / plugin


class StillClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


class PluginShelf:
    """Writes plugins as packages into a folder that can be imported from, and finds them as the host would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.points: list[EntryPoint] = []

    def add(self, name: str, code: str, /, *, module: str = "", manifest: str = "", **fields: Any) -> Path:
        """Write a plugin; `fields` replace or add fields of its manifest, `manifest` replaces it whole."""
        module = module or f"shelf_{name}"
        package = self.folder.joinpath(*module.split("."))
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("from app.plugin_api.hookspecs import hookimpl\n" + code)
        (package / "manifest.toml").write_text(manifest or manifest_of(name, **fields))
        self.points.append(EntryPoint(name, module, "tidings.plugins"))
        return package

    def find(self) -> list[Any]:
        return discover(self.points)


@pytest.fixture
def backend(tmp_path: Path) -> MemoryBackend:
    return MemoryBackend(tmp_path / "files")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginShelf]:
    before = set(sys.modules)
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    yield PluginShelf(folder)
    for name in set(sys.modules) - before:
        if name.startswith("shelf_"):
            del sys.modules[name]


@pytest.fixture
def create_host(backend: MemoryBackend, clock: StillClock, shelf: PluginShelf) -> Callable[..., PluginHost]:
    """Start a host over the shelf with the named plugins switched on; further hosts stand for further processes."""

    def create(*switched_on: str, **options: Any) -> PluginHost:
        agreed = {info.name: info.manifest.grants for info in shelf.find() if info.manifest}
        for name in switched_on:
            backend.switched[name] = Activation(True, frozenset(agreed.get(name, ())))
        host = PluginHost(backend, clock, find=shelf.find, **options)
        host.start()
        return host

    return create


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="tidings")


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """The folder of drop-ins of a home folder."""
    folder = tmp_path / "home" / "plugins"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def create_drop_in_host(
    backend: MemoryBackend, clock: StillClock, plugins: Path
) -> Iterator[Callable[..., PluginHost]]:
    """Start a host over the folder; further hosts stand for further processes, which share the modules but nothing else."""

    def create(*, limits: Limits | None = None, **switches: Any) -> PluginHost:
        sources = Sources(plugins, **{"allow_drop_ins": True, **switches})
        find = partial(discover, [], sources)
        host = PluginHost(backend, clock, limits=limits, find=find)
        host.start()
        return host

    yield create
    for name in [name for name in sys.modules if name.startswith("tidings_plugin_")]:
        del sys.modules[name]
