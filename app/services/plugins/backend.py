"""What the plugin host asks of the application (`app.plugin_host.backend.Backend`), answered with our services."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_app_context, has_request_context, render_template
from flask_babel import get_locale
from sqlalchemy import Connection, bindparam, func, select

from app import languages
from app.domain.events import AgentSummary, ContactSummary, Viewer
from app.errors import NotFound
from app.models import Agent, ChannelAccount, Counter, MessageDelivery, PluginState, PluginValue, Team
from app.plugin_api.channel import Account
from app.plugin_api.host import AccountStats, Received, Visited
from app.plugin_api.messages import Participant, RawEvent
from app.plugin_host import Activation, HealthReport, PluginInfo, Pulse, SharedHealth
from app.plugin_host.tables.ledger import is_under_way
from app.services import accounts, automatic, intake, together
from app.services.account_view import account_view
from app.services.channel_limits import can_begin
from app.services.contacts import contact_summary
from app.services.core import Core, writing
from app.services.counting import upsert
from app.services.fetch_wishes import wish_for_fetch
from app.services.journal import Beside
from app.services.notices import over_below
from app.services.plugins import accounts as own_accounts
from app.services.plugins import health, short_addresses, telling, visits
from app.services.plugins.pulse import raise_generation, read_pulse
from app.services.plugins.record import plugin_record
from app.services.plugins.settings import SettingsCache
from app.services.plugins.tables import ledger_of
from app.services.safe_mode import is_safe_mode
from app.services.settings import get_setting
from app.services.uses import Uses

__all__ = ["DONE", "VIEWER", "InAnyThread", "ServicesBackend"]

VIEWER = "tidings.viewer"
"""The extension of the app that says who is signed in, where there are pages: called without arguments, it gives a `Viewer` or None."""
DONE = "tidings.done"
"""The extension of the app that makes the answer of `host.done`, where there are pages: called with a text and a path."""

_account, _value = ChannelAccount.__table__, PluginValue.__table__
_ACCOUNT = select(_account).where(_account.c.id == bindparam("account_id"))
_ACCOUNTS = (
    select(_account)
    .where(_account.c.plugin == bindparam("plugin"), _account.c.state != bindparam("unwanted"))
    .order_by(_account.c.id)
)
_OWNER = select(_account.c.plugin).where(_account.c.id == bindparam("account_id"))
_VALUE = select(_value.c.value).where(_value.c.plugin == bindparam("plugin"), _value.c.key == bindparam("key"))


class InAnyThread:
    """The backend for callers in any thread: where no app context is, as in threads that a plugin's service started, each call gets
    one of its own and with it a database session of its own."""

    def __init__(self, backend: "ServicesBackend", app: Flask) -> None:
        self._backend = backend
        self._app = app

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._backend, name)

        def call(*arguments: Any, **named: Any) -> Any:
            if has_app_context():
                return method(*arguments, **named)
            with self._app.app_context():
                return method(*arguments, **named)

        return call

    @contextmanager
    def table_connection(self, plugin: str, *, is_writing: bool, is_fleeting: bool = False) -> Iterator[Connection]:
        """As `ServicesBackend.table_connection`; the app context lasts as long as the connection."""
        context = nullcontext() if has_app_context() else self._app.app_context()
        opened = self._backend.table_connection(plugin, is_writing=is_writing, is_fleeting=is_fleeting)
        with context, opened as connection:
            yield connection


class ServicesBackend:
    """Each method runs in a transaction of its own. `core` is asked for late, because the core itself holds the plugin host."""

    def __init__(self, core: Callable[[], Core]) -> None:
        self._core = core
        self._settings = SettingsCache()
        self._uses = Uses()

    # ---- which plugins run
    def pulse(self) -> Pulse:
        return read_pulse(self._core().session)

    def activations(self) -> Mapping[str, Activation]:
        rows = self._core().session.execute(
            select(
                PluginState.name,
                PluginState.is_active,
                PluginState.granted,
                PluginState.version,
                PluginState.changed_at,
            )
        )
        return {name: Activation(is_on, frozenset(granted), version, at) for name, is_on, granted, version, at in rows}

    def is_safe_mode(self) -> bool:
        return is_safe_mode(self._core())

    def set_active(self, plugin: str, is_active: bool, version: str, granted: Sequence[str]) -> None:
        with writing(self._core()) as unit:
            state = plugin_record(self._core(), unit, plugin)
            state.is_active, state.version, state.granted = is_active, version[:40], list(granted)
            state.changed_at = unit.now
            if is_active:
                state.failures, state.last_error, state.failed_at = 0, "", None
            health.close_breakers(unit, plugin)
            over_below(unit, f"plugin:{plugin}:")
            raise_generation(unit)

    def raise_generation(self) -> None:
        with writing(self._core()) as unit:
            raise_generation(unit)

    def is_behind(self, info: PluginInfo) -> bool:
        return ledger_of(self._core()).is_behind(info)

    def migrating(self, info: PluginInfo) -> AbstractContextManager[None]:
        return ledger_of(self._core()).migrating(info)

    def record_health(self, report: HealthReport) -> bool:
        return health.record_health(self._core(), report)

    def shared_health(self) -> SharedHealth:
        return health.shared_health(self._core())

    def end_reading(self) -> None:
        self._core().session.rollback()

    # ---- accounts
    def accounts(self, plugin: str, *, with_paused: bool = False) -> Sequence[Account]:
        core = self._core()
        rows = core.session.connection().execute(
            _ACCOUNTS, {"plugin": plugin, "unwanted": "" if with_paused else "paused"}
        )
        return [account_view(core, row) for row in rows]

    def account(self, plugin: str, account_id: int) -> Account | None:
        core = self._core()
        row = core.session.connection().execute(_ACCOUNT, {"account_id": account_id}).first()
        return account_view(core, row) if row is not None and row.plugin == plugin else None

    def owns_account(self, plugin: str, account_id: int) -> bool:
        found = self._core().session.connection().execute(_OWNER, {"account_id": account_id})
        return found.scalar() == plugin

    def sending_accounts(self, kind: str) -> Sequence[tuple[int, str]]:
        core = self._core()
        rows = core.session.execute(
            select(ChannelAccount.id, ChannelAccount.plugin, ChannelAccount.name, ChannelAccount.address).order_by(
                ChannelAccount.id
            )
        )
        return [
            (account_id, f"{name} ({address})" if address else name)
            for account_id, plugin, name, address in rows
            if (channel := core.plugins.channels.get(plugin))
            and can_begin(channel.capabilities)
            and channel.address_kind == kind
        ]

    def account_stats(self, account_id: int) -> AccountStats:
        core = self._core()
        total = core.session.scalar(select(Counter.value).where(Counter.name == f"received:account:{account_id}"))
        week = core.session.scalar(
            select(func.count())
            .select_from(MessageDelivery)
            .where(
                MessageDelivery.account_id == account_id,
                MessageDelivery.received_at > core.clock.now() - timedelta(days=7),
            )
        )
        return AccountStats(received=total or 0, received_last_week=week or 0)

    def save_secret(self, account_id: int, key: str, value: str) -> None:
        accounts.renew_secret(self._core(), account_id, key, value)

    def save_settings(self, account_id: int, values: Mapping[str, Any], viewer: Viewer | None) -> None:
        own_accounts.save_settings(self._core(), account_id, viewer, values)

    def add_account(
        self, plugin: str, name: str, settings: Mapping[str, Any], secrets: Mapping[str, str], viewer: Viewer | None
    ) -> int:
        return own_accounts.connect_account(self._core(), plugin, viewer, name=name, settings=settings, secrets=secrets)

    # ---- people
    def viewer(self) -> Viewer | None:
        ask = current_app.extensions.get(VIEWER)
        return ask() if ask is not None else None

    def agents(self) -> Sequence[AgentSummary]:
        statement = select(Agent.id, Agent.name, Agent.email, Agent.role).where(Agent.active)
        found = [
            AgentSummary(i, name or email, email, role)
            for i, name, email, role in self._core().session.execute(statement)
        ]
        return sorted(found, key=lambda one: (one.name.casefold(), one.id))

    def teams(self) -> Sequence[tuple[int, str]]:
        statement = select(Team.id, Team.name).order_by(func.lower(Team.name), Team.id)
        return [(team_id, name) for team_id, name in self._core().session.execute(statement)]

    def contact(self, kind: str, value: str) -> ContactSummary | None:
        return contact_summary(self._core().session.connection(), Participant(kind, value))

    def wake_account(self, account_id: int) -> None:
        wish_for_fetch(self._core(), account_id)

    # ---- messages
    def receive(
        self, plugin: str, account_id: int, event: RawEvent, *, at_once: bool = True, beside: Beside | None = None
    ) -> Received:
        take = intake.receive if at_once else intake.accept
        return take(self._core(), account_id, event, plugin=plugin, beside=beside)

    def send_automatic(
        self, plugin: str, conversation_id: int, text: str, *, is_verification: bool = False, is_test: bool = False
    ) -> int | None:
        return automatic.send_automatic(
            self._core(), conversation_id, text, plugin=plugin, is_verification=is_verification, is_test=is_test
        )

    def raw_message(self, sha256: str) -> bytes:
        try:
            return self._core().files.get(sha256)
        except FileNotFoundError:
            raise NotFound("These bytes are not in the file storage.") from None

    # ---- small values
    def get_value(self, plugin: str, key: str, default: Any) -> Any:
        row = self._core().session.connection().execute(_VALUE, {"plugin": plugin, "key": key}).first()
        return default if row is None else row[0]

    def set_value(self, plugin: str, key: str, value: Any, *, is_fleeting: bool = False) -> None:
        with writing(self._core(), is_fleeting=is_fleeting) as unit:
            table = PluginValue.__table__
            statement = upsert(unit.connection)(table).values(plugin=plugin, key=key, value=value)
            unit.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["plugin", "key"], set_={"value": statement.excluded.value}
                )
            )

    def delete_value(self, plugin: str, key: str) -> None:
        with writing(self._core()) as unit:
            row = unit.session.get(PluginValue, (plugin, key))
            if row is not None:
                unit.session.delete(row)

    def increment_value(self, plugin: str, key: str, by: int) -> int:
        with writing(self._core()) as unit:
            first = upsert(unit.connection)(PluginValue.__table__).values(plugin=plugin, key=key, value=0)
            unit.connection.execute(first.on_conflict_do_nothing(index_elements=["plugin", "key"]))
            row = unit.session.get_one(PluginValue, (plugin, key), with_for_update=True, populate_existing=True)
            row.value = (row.value or 0) + by
            return row.value

    # ---- settings and tables
    def settings(self, plugin: str) -> Mapping[str, Any]:
        return self._settings.of(self._core(), plugin)

    @contextmanager
    def table_connection(self, plugin: str, *, is_writing: bool, is_fleeting: bool = False) -> Iterator[Connection]:
        core = self._core()
        if is_writing:
            with writing(core, is_fleeting=is_fleeting) as unit:
                yield unit.connection
        else:
            yield core.session.connection()

    def write_together(self, run: Callable[[Connection], int], *, is_fleeting: bool) -> int:
        lane = together.fleeting if is_fleeting else together.lasting
        return lane.write(self._core(), lambda unit: run(unit.connection))

    def rivals(self, plugin: str) -> tuple[str, ...]:
        return tuple(one.name for one in self._core().plugins.infos() if one.name.startswith(f"{plugin}_"))

    def is_migrating(self, plugin: str) -> bool:
        return is_under_way(plugin)

    # ---- web, secrets, files
    def nameserver(self) -> str:
        return self._core().config.dns

    def deployment_values(self, plugin: str) -> Mapping[str, str]:
        prefix = f"{plugin}_"
        values = self._core().config.plugin_values
        return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}

    def url(self, path: str) -> str:
        return self._core().config.address + path

    def put_short_address(self, plugin: str, word: str, path: str) -> None:
        short_addresses.put_short_address(self._core(), plugin, word, path)

    def drop_short_address(self, plugin: str, word: str) -> None:
        short_addresses.drop_short_address(self._core(), plugin, word)

    def visit(
        self,
        path: str,
        method: str,
        data: Mapping[str, str | Sequence[str]],
        files: Sequence[tuple[str, str, str, bytes]],
        headers: Mapping[str, str],
    ) -> Visited:
        core, asked = self._core(), visits.Visit(path, method.upper(), data, files, headers)
        core.session.rollback()  # what the page changes shows afterwards
        return visits.from_here(current_app.wsgi_app, core, asked) if _has_pages() else visits.over_http(core, asked)

    def note_change(
        self, plugin: str, viewer: Viewer | None, action: str, subject: str, data: Mapping[str, Any]
    ) -> None:
        telling.note_change(self._core(), plugin, viewer, action, subject, data)

    def tell(self, plugin: str, subject: str, text: str, data: Mapping[str, Any], path: str, level: str) -> None:
        telling.tell(self._core(), plugin, subject, text, data=data, path=path, level=level)

    def over(self, plugin: str, subject: str) -> None:
        telling.over(self._core(), plugin, subject)

    def language(self) -> str:
        locale = get_locale() if has_request_context() else None
        code = str(locale) if locale else get_setting(self._core(), "language") or languages.ENGLISH
        return code.replace("_", "-")

    def done(self, text: str, path: str) -> Any:
        if not has_request_context() or not _has_pages():
            raise RuntimeError("host.done is what a route answers; there is no request here")
        return current_app.extensions[DONE](text, path)

    def render(self, plugin: str, template: str, context: Mapping[str, Any]) -> str:
        return render_template(template, **context)

    def gettext(self, text: str, language: str) -> str:
        return languages.gettext(text, language)

    def ngettext(self, singular: str, plural: str, count: int, language: str) -> str:
        return languages.ngettext(singular, plural, count, language)

    def allow(self, plugin: str, limits: Mapping[str, str]) -> bool:
        return self._uses.allow(self._core(), {f"{plugin}:{key}": limit for key, limit in limits.items()})

    def signing_keys(self) -> Sequence[bytes]:
        return list(reversed(self._core().vault.derived("plugin signatures")))

    def data_folder(self, plugin: str) -> Path:
        return self._core().config.home / "plugin_files" / plugin


def _has_pages() -> bool:
    """Whether this process serves pages; the worker does not."""
    return DONE in current_app.extensions
