"""A `Host` for tests: everything in memory, everything a plugin did can be looked at afterwards."""

import copy
import logging
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from jinja2 import Environment, FileSystemLoader, select_autoescape
from sqlalchemy import Connection, Engine, create_engine, event
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.domain.events import AgentSummary, ContactSummary, Viewer
from app.plugin_api.channel import Account
from app.plugin_api.host import AccountStats, Received, Store, Visited
from app.plugin_api.messages import RawEvent
from app.plugin_api.registrations import is_own_path
from app.plugin_api.testing.clock import FakeClock
from app.plugin_api.testing.declared import account_address, default_settings, migrate, routes_of
from app.plugin_api.testing.pages import visit_page

__all__ = ["FakeHost", "FakeStore", "FakeTables"]

ADDRESS = "https://inbox.example.com"


class FakeStore:
    """Small values in a dictionary, copied in and out as a database would."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return copy.deepcopy(self.values.get(key, default))

    def set(self, key: str, value: Any, *, is_fleeting: bool = False) -> None:
        self.values[key] = copy.deepcopy(value)

    def delete(self, key: str) -> None:
        self.values.pop(key, None)

    def increment(self, key: str, by: int = 1) -> int:
        self.values[key] = self.values.get(key, 0) + by
        return int(self.values[key])


class FakeTables:
    """Tables in a database of the test's own, for any thread, made by the plugin's own migrations when they are needed. Which tables a
    statement touches is not looked at here, the real host does that."""

    def __init__(self, plugin: str, package: str = "") -> None:
        self._plugin = plugin
        self._package = package
        self._folder = tempfile.TemporaryDirectory(prefix=f"tidings_{plugin}_tables_")
        self._making = threading.Lock()
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        with self._making:
            if self._engine is None:
                self._engine = self._made()
            return self._engine

    def _made(self) -> Engine:
        engine = create_engine(f"sqlite:///{self._folder.name}/tables.sqlite3")
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        with engine.begin() as connection:
            migrate(connection, self._plugin, self._package)
        return engine

    def connect(self) -> AbstractContextManager[Connection]:
        return self.engine.connect()

    def begin(self, *, is_fleeting: bool = False) -> AbstractContextManager[Connection]:
        return self.engine.begin()

    def write(self, statement: Any, parameters: Any = None, *, is_fleeting: bool = False) -> int:
        with self.begin() as connection:
            return connection.execute(statement, parameters).rowcount


class FakeSession(requests.Session):
    """A session that waits `timeout_s` at most, so that no test hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.timeout_s = 10.0
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout_s
        return super().send(request, **kwargs)


class FakeHost:
    """The host as one plugin sees it. `received` and `automatic` list what the plugin handed over, `woken` the accounts it had
    fetched; `templates` is a folder to render
    from; `raw` maps a hash to the bytes of a raw message; `translations` a language to its texts, `language` is the page's. `signed_in` is
    who `viewer` gives, `staff`, `known_teams` and `contacts` are who `agents`, `teams` and `contact` know; `told` lists what `done` was
    told. `queued` are the places in `received` of what the worker was to process, `verifications` and `tests` the conversations of such
    answers, `short_addresses` leads words to paths, `changes` lists (action, subject, data), `notices` maps a subject to its text.
    `package` is the plugin's, where it is not called `tidings_plugin_<plugin>`. Permissions are not checked here, the real host does
    that."""

    def __init__(
        self,
        plugin: str,
        accounts: Sequence[Account] = (),
        *,
        clock: FakeClock | None = None,
        config: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        templates: Path | None = None,
        package: str = "",
    ) -> None:
        self.plugin = plugin
        self.clock = clock or FakeClock()
        self.config: Mapping[str, str] = dict(config or {})
        self.log = logging.getLogger(f"tidings.plugins.{plugin}")
        self.store: Store = FakeStore()
        self.tables = FakeTables(plugin, package)
        self.http = FakeSession()
        self.paused: set[int] = set()
        self.received: list[tuple[int, RawEvent]] = []
        self.automatic: list[tuple[int, str]] = []
        self.woken: list[int] = []
        self.raw: dict[str, bytes] = {}
        self.signed_in: Viewer | None = None
        self.staff: list[AgentSummary] = []
        self.contacts: list[ContactSummary] = []
        self.told: list[str] = []
        self.known_teams: list[tuple[int, str]] = []
        self.queued: list[int] = []
        self.verifications: list[int] = []
        self.tests: list[int] = []
        self.short_addresses: dict[str, str] = {}
        self.changes: list[tuple[str, str, dict[str, Any]]] = []
        self.notices: dict[str, str] = {}
        self.language = "en"
        self.nameserver = "system"
        self.translations: dict[str, dict[str, str]] = {}
        self._saved = dict(settings or {})
        self._package = package
        self._accounts = {account.id: account for account in accounts}
        self._templates = templates
        self._uses: dict[str, int] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The plugin-wide settings: what was given, else what the plugin's form begins with."""
        return {**default_settings(self.plugin, self._package, self), **self._saved}

    def now(self) -> datetime:
        return self.clock.now()

    # ---- accounts
    def accounts(self, *, with_paused: bool = False) -> Sequence[Account]:
        return [account for account in self._accounts.values() if with_paused or account.id not in self.paused]

    def account(self, account_id: int) -> Account | None:
        return self._accounts.get(account_id)

    def sending_accounts(self, kind: str) -> Sequence[tuple[int, str]]:
        return [(account.id, account.name) for account in self._accounts.values()]

    def account_stats(self, account_id: int) -> AccountStats:
        self._own(account_id)
        count = sum(1 for one, _ in self.received if one == account_id)
        return AccountStats(received=count, received_last_week=count)

    def save_secret(self, account_id: int, key: str, value: str) -> None:
        account = self._own(account_id)
        self._accounts[account_id] = replace(account, secrets={**account.secrets, key: value})

    def save_settings(self, account_id: int, values: Mapping[str, Any]) -> None:
        account = self._own(account_id)
        settings = {**account.settings, **values}
        address = account_address(self.plugin, self._package, self, settings) or account.address
        self._accounts[account_id] = replace(account, settings=settings, address=address)

    def add_account(self, name: str, *, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> int:
        address = account_address(self.plugin, self._package, self, settings)
        known = next((one for one in self._accounts.values() if address and one.address == address), None)
        if known is None:
            fresh = Account(
                max(self._accounts, default=0) + 1, self.plugin, name, address, dict(settings), {}, dict(secrets)
            )
        else:
            fresh = replace(known, settings={**known.settings, **settings}, secrets={**known.secrets, **secrets})
        self.put_account(fresh)
        return fresh.id

    def put_account(self, account: Account) -> None:
        """Put an account there, or another one in its place."""
        self._accounts[account.id] = account

    # ---- people
    def viewer(self) -> Viewer | None:
        return self.signed_in

    def agents(self) -> Sequence[AgentSummary]:
        return sorted(self.staff, key=lambda one: one.name.casefold())

    def teams(self) -> Sequence[tuple[int, str]]:
        return sorted(self.known_teams, key=lambda one: one[1].lower())

    def contact(self, kind: str, value: str) -> ContactSummary | None:
        return next((one for one in self.contacts if (kind, value) in one.addresses), None)

    def wake(self, account_id: int) -> None:
        self._own(account_id)
        self.woken.append(account_id)

    # ---- messages
    def receive(
        self, account_id: int, event: RawEvent, *, at_once: bool = True, beside: Sequence[Any] = ()
    ) -> Received:
        self._own(account_id)
        for number, (known_account, known) in enumerate(self.received, 1):
            if event.source_key and (known_account, known.source_key) == (account_id, event.source_key):
                return Received(event_id=number, state="duplicate")
        if beside:
            with self.tables.begin() as connection:
                for statement in beside:
                    connection.execute(*(statement if isinstance(statement, tuple) else (statement,)))
        self.received.append((account_id, event))
        if not at_once:
            self.queued.append(len(self.received) - 1)
        return Received(event_id=len(self.received), state="new" if at_once else "queued")

    def send_automatic(
        self, conversation_id: int, text: str, *, is_verification: bool = False, is_test: bool = False
    ) -> int | None:
        self.automatic.append((conversation_id, text))
        if is_verification:
            self.verifications.append(conversation_id)
        if is_test:
            self.tests.append(conversation_id)
        return len(self.automatic)

    def raw_message(self, sha256: str) -> bytes:
        return self.raw[sha256]

    # ---- pages
    def url(self, path: str = "/") -> str:
        return f"{ADDRESS}/plugins/{self.plugin}{path}"

    def webhook_url(self, account_id: int) -> str:
        self._own(account_id)
        return f"{ADDRESS}/hooks/{self.plugin}/{account_id}"

    def shared_webhook_url(self) -> str:
        return f"{ADDRESS}/hooks/{self.plugin}"

    def done(self, text: str, path: str = "") -> Response:
        """Leads to a path of the plugin's own, or to "/" in the place of the page where the agent was."""
        self.told.append(text)
        return redirect(f"/plugins/{self.plugin}{path}" if path else "/", 303)

    def short_address(self, word: str, path: str) -> str:
        _must_be_own(path)
        if self.short_addresses.setdefault(word, path) != path:
            raise ValueError(f"The short address {word!r} is taken.")
        return f"{ADDRESS}/s/{word}"

    def drop_short_address(self, word: str) -> None:
        self.short_addresses.pop(word, None)

    def visit(
        self,
        path: str,
        method: str = "GET",
        *,
        data: Mapping[str, str | Sequence[str]] | None = None,
        files: Sequence[tuple[str, str, str, bytes]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Visited:
        """Asks the plugin's own routes; nobody is signed in there."""
        _must_be_own(path)
        routes = routes_of(self.plugin, self._package, self)
        signed_in, self.signed_in = self.signed_in, None
        try:
            return visit_page(routes, self.url(path), path, method, data or {}, files, headers or {})
        finally:
            self.signed_in = signed_in

    # ---- what admins are told
    def note_change(self, action: str, subject: str = "", **data: Any) -> None:
        self.changes.append((action, subject, data))

    def tell(
        self, subject: str, text: str, *, data: Mapping[str, Any] | None = None, path: str = "", level: str = "warning"
    ) -> None:
        self.notices[subject] = text % (data or {})

    def over(self, subject: str) -> None:
        self.notices.pop(subject, None)

    def render(self, template: str, **context: Any) -> str:
        if self._templates is None:
            raise LookupError("this FakeHost was made without a folder of templates")
        environment = Environment(loader=FileSystemLoader(self._templates), autoescape=select_autoescape())
        return environment.get_template(template).render(**context)

    def gettext(self, text: str, language: str = "") -> str:
        return self.translations.get(language or self.language, {}).get(text, text)

    def ngettext(self, singular: str, plural: str, count: int, language: str = "") -> str:
        return self.gettext(singular if count == 1 else plural, language)

    def allow(self, key: str, limit: str) -> bool:
        self._uses[key] = self._uses.get(key, 0) + 1
        return self._uses[key] <= int(limit.split()[0])

    def allow_each(self, limits: Mapping[str, str]) -> bool:
        return all([self.allow(key, limit) for key, limit in limits.items()])

    # ---- signed texts, files
    def sign(self, value: Mapping[str, Any]) -> str:
        return str(self._serializer().dumps(dict(value)))

    def unsign(self, token: str, max_age_s: int) -> dict[str, Any] | None:
        try:
            return dict(self._serializer().loads(token, max_age=max_age_s))
        except (BadData, UnicodeError):  # the latter: halves of characters, which nobody signed
            return None

    def data_folder(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix=f"tidings_{self.plugin}_")
        return Path(self._folder.name)

    def _serializer(self) -> URLSafeTimedSerializer:
        clock = self.clock

        class Signer(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock.now().timestamp())

        return URLSafeTimedSerializer("a key for tests", salt=self.plugin, signer=Signer)

    def _own(self, account_id: int) -> Account:
        account = self.account(account_id)
        if account is None:
            raise RuntimeError(f"{self.plugin} may not use account {account_id}: it is not one of its own.")
        return account


def _must_be_own(path: str) -> None:
    if not is_own_path(path):
        raise ValueError(f"{path!r:.80} is no path of a plugin's own: it begins with one slash and has no dots.")
