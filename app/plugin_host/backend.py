"""What the plugin host needs from the rest of the application. `app.services` implements it; the host imports nothing of it.

Each method runs in a transaction of its own and commits what it changes. None is called while a hook's implementation is being
measured except through that plugin's `Host`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from app.domain.events import AgentSummary, ContactSummary, Viewer
from app.plugin_api.channel import Account
from app.plugin_api.host import AccountStats, Received, Visited
from app.plugin_api.messages import RawEvent
from app.plugin_host.health.report import HealthReport, SharedHealth
from app.plugin_host.info import PluginInfo

__all__ = ["Activation", "Backend", "MigrationFailed", "Pulse"]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Two numbers that only grow: `generation` with every change of which plugins run and of their files, `health` with every change of
    the breakers that all processes share."""

    generation: int = 0
    health: int = 0


@dataclass(frozen=True, slots=True)
class Activation:
    """What was decided about a plugin. `granted` is what its owner agreed to, as in `Manifest.grants`; `changed_at` when it was decided
    last."""

    is_active: bool
    granted: frozenset[str] = frozenset()
    version: str = ""
    changed_at: datetime | None = None


class MigrationFailed(Exception):
    """The tables of a plugin cannot be brought up to date; the sentence says why, for the owner."""


class Backend(Protocol):
    """Storage and services behind every `Host`. `plugin` is always the name of the plugin that asks."""

    # ---- which plugins run
    def pulse(self) -> Pulse:
        """Whether anything changed, in one cheap query."""

    def activations(self) -> Mapping[str, Activation]:
        """What was decided about every plugin that was ever switched on or off, by name."""

    def is_safe_mode(self) -> bool:
        """Whether only plugins that came with Tidings may run. A change of it raises the generation."""

    def set_active(self, plugin: str, is_active: bool, version: str, granted: Sequence[str]) -> None:
        """Remember that a plugin was switched on or off, with what its owner agreed to; raises the generation."""

    def raise_generation(self) -> None:
        """Let every process find and compare all plugins anew."""

    def is_behind(self, info: PluginInfo) -> bool:
        """Whether the plugin's tables are older than its migrations; False, without a query, for one that brings no migrations. Raises
        `MigrationFailed` when that cannot be told, or when they are newer."""

    def migrating(self, info: PluginInfo) -> AbstractContextManager[None]:
        """A transaction that has brought the plugin's tables up to date when it is entered. It is committed at the end and rolled back
        when the block raises. Raises `MigrationFailed`, having changed nothing."""

    def record_health(self, report: HealthReport) -> bool:
        """Write down what happened to plugins in one process. False when that cannot be done now: the report is given back."""

    def shared_health(self) -> SharedHealth:
        """What all processes know together; asked for when the pulse's `health` has changed."""

    def end_reading(self) -> None:
        """Look no longer at the database as it was when the first of these was asked for."""

    # ---- accounts
    def accounts(self, plugin: str, *, with_paused: bool = False) -> Sequence[Account]:
        """The plugin's accounts, secrets readable; without the paused ones unless they are asked for."""

    def account(self, plugin: str, account_id: int) -> Account | None:
        """One account of this plugin in any state, secrets readable; None when it has none of that id."""

    def owns_account(self, plugin: str, account_id: int) -> bool:
        """Whether the account belongs to the plugin; decrypts nothing."""

    def sending_accounts(self, kind: str) -> Sequence[tuple[int, str]]:
        """(id, name) of the accounts of any plugin that can send to addresses of `kind`."""

    def account_stats(self, account_id: int) -> AccountStats:
        """How much arrived on an account."""

    def save_secret(self, account_id: int, key: str, value: str) -> None:
        """Encrypt and replace one secret of an account; one that waited to be signed in works again."""

    def save_settings(self, account_id: int, values: Mapping[str, Any], viewer: Viewer | None) -> None:
        """Change some settings of an account, in the name of `viewer`. Raises ValueError when its settings form does not accept them."""

    def add_account(
        self, plugin: str, name: str, settings: Mapping[str, Any], secrets: Mapping[str, str], viewer: Viewer | None
    ) -> int:
        """Connect an account, or change the one of the same address; gives its id. Raises as `save_settings` does."""

    # ---- people
    def viewer(self) -> Viewer | None:
        """The agent whose request is answered; None on public pages and outside of requests."""

    def agents(self) -> Sequence[AgentSummary]:
        """The people who answer, by name."""

    def teams(self) -> Sequence[tuple[int, str]]:
        """(id, name) of the teams, by name."""

    def contact(self, kind: str, value: str) -> ContactSummary | None:
        """Who has this address, or None."""

    def wake_account(self, account_id: int) -> None:
        """Have an account fetched before its turn."""

    # ---- messages
    def receive(
        self,
        plugin: str,
        account_id: int,
        event: RawEvent,
        *,
        at_once: bool = True,
        beside: Callable[[Connection], None] | None = None,
    ) -> Received:
        """Store an event in the journal, then process it or leave that to the worker; never raises for what is inside the event. Raises
        `app.errors.NotFound` unless the account is the plugin's, and nothing is stored."""

    def send_automatic(
        self, plugin: str, conversation_id: int, text: str, *, is_verification: bool = False, is_test: bool = False
    ) -> int | None:
        """Queue an automatic answer in a conversation of the plugin; None when the rules against loops forbid it."""

    def raw_message(self, sha256: str) -> bytes:
        """The stored bytes of a raw message. Raises `app.errors.NotFound`."""

    # ---- small values
    def get_value(self, plugin: str, key: str, default: Any) -> Any:
        """A stored JSON value or the default."""

    def set_value(self, plugin: str, key: str, value: Any, *, is_fleeting: bool = False) -> None:
        """Store a JSON value; one that is fleeting may be gone when the machine loses power."""

    def delete_value(self, plugin: str, key: str) -> None:
        """Forget a value; nothing happens when there is none."""

    def increment_value(self, plugin: str, key: str, by: int) -> int:
        """Add to a stored number (0 when there is none) and give the new one, safe between processes."""

    # ---- settings and tables
    def settings(self, plugin: str) -> Mapping[str, Any]:
        """The plugin-wide settings, secrets readable; kept in memory until the generation changes."""

    def table_connection(
        self, plugin: str, *, is_writing: bool, is_fleeting: bool = False
    ) -> AbstractContextManager[Connection]:
        """A connection to the database for the plugin's tables, unguarded: for reading, or with a transaction that writes, and waits for
        the disk unless what it writes is fleeting."""

    def write_together(self, run: Callable[[Connection], int], *, is_fleeting: bool) -> int:
        """Run a writing in a transaction that those of other threads may share, and give its result once that is committed."""

    def rivals(self, plugin: str) -> tuple[str, ...]:
        """Other plugins whose tables' names begin like those of this one."""

    def is_migrating(self, plugin: str) -> bool:
        """Whether this process is changing the plugin's tables now."""

    # ---- web, secrets, files
    def nameserver(self) -> str:
        """What `TIDINGS_DNS` says."""

    def deployment_values(self, plugin: str) -> Mapping[str, str]:
        """The plugin's values from the environment, key in lower case and without the plugin's name."""

    def url(self, path: str) -> str:
        """The absolute address of a path of this installation."""

    def put_short_address(self, plugin: str, word: str, path: str) -> None:
        """Have `/s/<word>` lead to a path below the plugin's address. Raises ValueError when the word is taken or no such word."""

    def drop_short_address(self, plugin: str, word: str) -> None:
        """Forget a short address of the plugin."""

    def visit(
        self,
        path: str,
        method: str,
        data: Mapping[str, str | Sequence[str]],
        files: Sequence[tuple[str, str, str, bytes]],
        headers: Mapping[str, str],
    ) -> Visited:
        """Ask for a path of this installation as a visitor's browser does. Raises `Temporary` when nobody answers."""

    def note_change(
        self, plugin: str, viewer: Viewer | None, action: str, subject: str, data: Mapping[str, Any]
    ) -> None:
        """Write a line of the audit log, in the name of `viewer` or of the plugin."""

    def tell(self, plugin: str, subject: str, text: str, data: Mapping[str, Any], path: str, level: str) -> None:
        """Tell all admins something of the plugin's own. Raises ValueError for an unknown level."""

    def over(self, plugin: str, subject: str) -> None:
        """What the plugin told of is over."""

    def language(self) -> str:
        """The language of the page that is being made, as in `<html lang>`; outside of requests the business's."""

    def done(self, text: str, path: str) -> Any:
        """An answer that leads to a path of this installation, or back where the agent came from, and shows a text there. Raises
        RuntimeError outside of requests."""

    def render(self, plugin: str, template: str, context: Mapping[str, Any]) -> str:
        """Render a template of the plugin or of the theme."""

    def gettext(self, text: str, language: str) -> str:
        """A text in a language, or in that of the page when none is named."""

    def ngettext(self, singular: str, plural: str, count: int, language: str) -> str:
        """The same for a text with a count, which is left to be filled in."""

    def allow(self, plugin: str, limits: Mapping[str, str]) -> bool:
        """Count one use of each key against its limit ("5 per hour"), shared by all processes; False when any is exceeded."""

    def signing_keys(self) -> Sequence[bytes]:
        """Keys for signed texts, oldest first; the last one signs, all of them verify."""

    def data_folder(self, plugin: str) -> Path:
        """Where the plugin's own files go; need not exist yet."""
