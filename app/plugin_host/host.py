"""The `Host` that a plugin gets: every request is checked against its manifest and answered by the application's `Backend`."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, cast

import requests
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from app.clock import Clock
from app.domain.events import AgentSummary, ContactSummary, Viewer
from app.errors import NotFound
from app.plugin_api.channel import Account
from app.plugin_api.host import AccountStats, Received, Store, Visited
from app.plugin_api.manifest import Manifest
from app.plugin_api.messages import RawEvent
from app.plugin_api.registrations import is_own_path
from app.plugin_api.tables import Tables
from app.plugin_host.backend import Backend
from app.plugin_host.outgoing import HostSession
from app.plugin_host.permissions import Permit
from app.plugin_host.tables.access import PluginTables, running

__all__ = ["PluginHostServices", "PluginStore"]


class PluginStore:
    """A plugin's small values; needs the permission `store`."""

    def __init__(self, permit: Permit, backend: Backend) -> None:
        self._permit = permit
        self._backend = backend

    def get(self, key: str, default: Any = None) -> Any:
        self._permit.require("store")
        return self._backend.get_value(self._permit.plugin, key, default)

    def set(self, key: str, value: Any, *, is_fleeting: bool = False) -> None:
        self._permit.require("store")
        self._backend.set_value(self._permit.plugin, key, value, is_fleeting=is_fleeting)

    def delete(self, key: str) -> None:
        self._permit.require("store")
        self._backend.delete_value(self._permit.plugin, key)

    def increment(self, key: str, by: int = 1) -> int:
        self._permit.require("store")
        return self._backend.increment_value(self._permit.plugin, key, by)


class PluginHostServices:
    """The host as one plugin sees it. Each method is described in `app.plugin_api.host.Host`. `record_refusal` is told what the plugin
    asked for beyond its permissions."""

    def __init__(
        self,
        manifest: Manifest,
        backend: Backend,
        clock: Clock,
        record_refusal: Callable[[str], None] | None = None,
    ) -> None:
        self.config = backend.deployment_values(manifest.name)
        self._permit = Permit(manifest, record_refusal, self.config.values())
        backend = cast("Backend", _InTime(self._permit, backend))
        self.plugin = manifest.name
        self.log = logging.getLogger(f"tidings.plugins.{manifest.name}")
        self.store: Store = PluginStore(self._permit, backend)
        self.tables: Tables = PluginTables(self._permit, backend)
        self._backend = backend
        self._clock = clock
        self._sessions = threading.local()

    def retire(self) -> None:
        """The plugin was stopped: what of it goes on running, such as a thread, is soon refused everything."""
        self._permit.end()

    @property
    def settings(self) -> Mapping[str, Any]:
        return self._backend.settings(self.plugin)

    @property
    def http(self) -> requests.Session:
        """A session for each thread, since `requests` shares them badly."""
        if not hasattr(self._sessions, "session"):
            self._sessions.session = HostSession(self._permit)
        return self._sessions.session

    @property
    def nameserver(self) -> str:
        return self._backend.nameserver()

    @property
    def language(self) -> str:
        return self._backend.language()

    def now(self) -> datetime:
        return self._clock.now()

    # ---- accounts
    def accounts(self, *, with_paused: bool = False) -> Sequence[Account]:
        return self._backend.accounts(self.plugin, with_paused=with_paused)

    def account(self, account_id: int) -> Account | None:
        return self._backend.account(self.plugin, account_id)

    def sending_accounts(self, kind: str) -> Sequence[tuple[int, str]]:
        self._permit.require("other_accounts")
        return self._backend.sending_accounts(kind)

    def account_stats(self, account_id: int) -> AccountStats:
        self._own(account_id)
        return self._backend.account_stats(account_id)

    def save_secret(self, account_id: int, key: str, value: str) -> None:
        self._own(account_id)
        self._backend.save_secret(account_id, key, value)

    def save_settings(self, account_id: int, values: Mapping[str, Any]) -> None:
        self._permit.require("accounts")
        self._own(account_id)
        self._backend.save_settings(account_id, values, self.viewer())

    def add_account(self, name: str, *, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> int:
        self._permit.require("accounts")
        return self._backend.add_account(self.plugin, name, settings, secrets, self.viewer())

    # ---- people
    def viewer(self) -> Viewer | None:
        return self._backend.viewer()

    def agents(self) -> Sequence[AgentSummary]:
        self._permit.require("agents")
        return self._backend.agents()

    def teams(self) -> Sequence[tuple[int, str]]:
        self._permit.require("agents")
        return self._backend.teams()

    def contact(self, kind: str, value: str) -> ContactSummary | None:
        self._permit.require("contacts")
        return self._backend.contact(kind, value)

    def wake(self, account_id: int) -> None:
        self._own(account_id)
        self._backend.wake_account(account_id)

    # ---- messages
    def receive(
        self, account_id: int, event: RawEvent, *, at_once: bool = True, beside: Sequence[Any] = ()
    ) -> Received:
        self._permit.require("receive_messages")
        also = running(self._permit, self._backend, beside) if beside else None
        try:
            return self._backend.receive(self.plugin, account_id, event, at_once=at_once, beside=also)
        except NotFound:
            self._refuse(account_id)

    def send_automatic(
        self, conversation_id: int, text: str, *, is_verification: bool = False, is_test: bool = False
    ) -> int | None:
        self._permit.require("send_automatic")
        return self._backend.send_automatic(
            self.plugin, conversation_id, text, is_verification=is_verification, is_test=is_test
        )

    def raw_message(self, sha256: str) -> bytes:
        self._permit.require("read_conversations")
        return self._backend.raw_message(sha256)

    # ---- pages
    def url(self, path: str = "/") -> str:
        return self._backend.url(self._address(path))

    def webhook_url(self, account_id: int) -> str:
        self._own(account_id)
        return self._backend.url(f"/hooks/{self.plugin}/{account_id}")

    def shared_webhook_url(self) -> str:
        return self._backend.url(f"/hooks/{self.plugin}")

    def done(self, text: str, path: str = "") -> Any:
        if path and not is_own_path(path):
            raise _not_own(path)
        return self._backend.done(text, self._address(path) if path else "")

    def short_address(self, word: str, path: str) -> str:
        self._permit.require("public_routes")
        if not is_own_path(path):
            raise _not_own(path)
        self._backend.put_short_address(self.plugin, word, path)
        return self._backend.url(f"/s/{word}")

    def drop_short_address(self, word: str) -> None:
        self._permit.require("public_routes")
        self._backend.drop_short_address(self.plugin, word)

    def visit(
        self,
        path: str,
        method: str = "GET",
        *,
        data: Mapping[str, str | Sequence[str]] | None = None,
        files: Sequence[tuple[str, str, str, bytes]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Visited:
        self._permit.require("public_routes")
        if not is_own_path(path):
            raise _not_own(path)
        return self._backend.visit(self._address(path), method, data or {}, files, headers or {})

    def render(self, template: str, **context: Any) -> str:
        return self._backend.render(self.plugin, template, context)

    def gettext(self, text: str, language: str = "") -> str:
        return self._backend.gettext(text, language)

    def ngettext(self, singular: str, plural: str, count: int, language: str = "") -> str:
        return self._backend.ngettext(singular, plural, count, language)

    def allow(self, key: str, limit: str) -> bool:
        return self._backend.allow(self.plugin, {key: limit})

    def allow_each(self, limits: Mapping[str, str]) -> bool:
        return self._backend.allow(self.plugin, limits)

    # ---- what admins are told
    def note_change(self, action: str, subject: str = "", **data: Any) -> None:
        self._backend.note_change(self.plugin, self.viewer(), action, subject, data)

    def tell(
        self, subject: str, text: str, *, data: Mapping[str, Any] | None = None, path: str = "", level: str = "warning"
    ) -> None:
        if path and not is_own_path(path):
            raise _not_own(path)
        self._backend.tell(self.plugin, subject, text, data or {}, self._address(path) if path else "", level)

    def over(self, subject: str) -> None:
        self._backend.over(self.plugin, subject)

    # ---- signed texts, files
    def sign(self, value: Mapping[str, Any]) -> str:
        return str(self._serializer().dumps(dict(value)))

    def unsign(self, token: str, max_age_s: int) -> dict[str, Any] | None:
        try:
            return dict(self._serializer().loads(token, max_age=max_age_s))
        except (BadData, UnicodeError):  # the latter: halves of characters, which nobody signed
            return None

    def data_folder(self) -> Path:
        folder = self._backend.data_folder(self.plugin)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            list(self._backend.signing_keys()),
            salt=f"tidings.plugins.{self.plugin}",
            signer=_ClockSigner,
            signer_kwargs={"clock": self._clock},
        )

    def _address(self, path: str) -> str:
        """Where a path of the plugin's own is in this installation."""
        return f"/plugins/{self.plugin}{path}"

    def _own(self, account_id: int) -> None:
        if not self._backend.owns_account(self.plugin, account_id):
            self._refuse(account_id)

    def _refuse(self, account_id: int) -> NoReturn:
        self._permit.refuse(f"use account {account_id}: it is not one of its own")


def _not_own(path: str) -> ValueError:
    return ValueError(f"{path!r:.80} is no path of a plugin's own: it begins with one slash and has no dots.")


class _InTime:
    """The backend for one plugin, closed once the plugin was stopped, and while this process changes the plugin's tables: a register hook
    that asks the database would wait for the transaction it is called in."""

    _NEEDS_NO_DATABASE = frozenset(
        {
            "data_folder",
            "deployment_values",
            "gettext",
            "nameserver",
            "ngettext",
            "render",
            "rivals",
            "signing_keys",
            "url",
        }
    )

    def __init__(self, permit: Permit, backend: Backend) -> None:
        self._permit = permit
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        self._permit.must_hold()
        if name not in self._NEEDS_NO_DATABASE and self._backend.is_migrating(self._permit.plugin):
            raise RuntimeError(
                f"{self._permit.plugin} may not do this while its tables are brought up to date: hooks that register something do no I/O."
            )
        return getattr(self._backend, name)


class _ClockSigner(TimestampSigner):
    """Signs with the host's clock instead of the machine's."""

    def __init__(self, *args: Any, clock: Clock, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock.now().timestamp())
