"""What a plugin may ask of the host. Every hook gets a `Host` made for its own plugin; nothing else of the core is reachable."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import requests

from app.domain.events import AgentSummary, ContactSummary, Viewer
from app.plugin_api.channel import Account
from app.plugin_api.headers import Headers
from app.plugin_api.messages import RawEvent
from app.plugin_api.tables import Tables

__all__ = ["AccountStats", "Host", "Received", "Store", "Visited"]


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a raw event: `state` is new, duplicate, ignored, undelivered or queued (stored, to be processed soon)."""

    event_id: int
    state: str
    message_id: int | None = None
    conversation_id: int | None = None


@dataclass(frozen=True, slots=True)
class AccountStats:
    """Counts of one account: messages received ever, without tests and what we wrote elsewhere; and all that came in the last seven
    days."""

    received: int
    received_last_week: int


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visitor's browser got from one of the plugin's public pages. Names of headers may be asked for in any case. Since API 3."""

    status: int
    headers: Mapping[str, str]
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", Headers(self.headers))


class Store(Protocol):
    """Small JSON values a plugin keeps under its own name. Not for secrets and not for many rows."""

    def get(self, key: str, default: Any = None) -> Any: ...
    def set(self, key: str, value: Any, *, is_fleeting: bool = False) -> None:
        """`is_fleeting` (since API 3): it may be gone when the machine loses power, and nobody waits for the disk."""

    def delete(self, key: str) -> None: ...
    def increment(self, key: str, by: int = 1) -> int: ...


class Host(Protocol):
    """The host as one plugin sees it."""

    @property
    def plugin(self) -> str:
        """The plugin's name."""

    @property
    def log(self) -> logging.Logger:
        """The plugin's own logger."""

    @property
    def store(self) -> Store:
        """The plugin's small values."""

    @property
    def config(self) -> Mapping[str, str]:
        """Deployment values of this plugin: `TIDINGS_PLUGIN_<NAME>_<KEY>` under its key in lower case."""

    @property
    def nameserver(self) -> str:
        """Whom the domain name system is asked by, as `TIDINGS_DNS` says: "system" for the machine's own servers, "off" for nobody, or the
        address of one ("192.0.2.1", "127.0.0.1:5353"). Since API 3."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin-wide settings of `register_settings`, secrets readable: what was saved, else the defaults of the form. Since API 2."""

    @property
    def tables(self) -> Tables:
        """The plugin's own tables; needs the permission `tables`. Since API 2."""

    @property
    def http(self) -> requests.Session:
        """For calls to the provider: time-outs and identification are set; hosts not declared in the manifest are refused."""

    @property
    def language(self) -> str:
        """The language of the page that is being made ("de", "pt-BR"); outside of requests the business's. Since API 3."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""

    def accounts(self, *, with_paused: bool = False) -> Sequence[Account]:
        """The plugin's accounts that are not paused; `with_paused` (since API 3) all of them."""

    def account(self, account_id: int) -> Account | None:
        """One of the plugin's own accounts, paused or not; None when there is none of that id."""

    def sending_accounts(self, kind: str) -> Sequence[tuple[int, str]]:
        """(id, name) of accounts of any plugin that can write first to addresses of `kind`, for a choice on a settings page.
        Needs the permission `other_accounts`."""

    def account_stats(self, account_id: int) -> AccountStats:
        """How much arrived on one of the plugin's accounts."""

    def save_secret(self, account_id: int, key: str, value: str) -> None:
        """Replace one secret of an own account, for refreshed tokens and after signing in anew: an account that waited for that works
        again."""

    def save_settings(self, account_id: int, values: Mapping[str, Any]) -> None:
        """Change some settings of an own account, such as an address learnt at sign-in; the others stay. Each must be a field of the
        channel's form, a `HiddenField` where nobody types it. Raises ValueError when the form does not accept them. Needs the permission
        `accounts`. Since API 3."""

    def add_account(self, name: str, *, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> int:
        """Connect one more account of this plugin, after the owner signed in and chose it. Returns its id. One with the same
        `account_address` is changed instead of added twice, and works again; its name and the settings that are not given stay. Raises
        ValueError when the form does not accept the settings. Needs the permission `accounts`. Since API 3."""

    def viewer(self) -> Viewer | None:
        """The agent whose request is answered; None on public pages and in the background. Since API 3."""

    def done(self, text: str, path: str = "") -> Any:
        """What a route answers after an `Action`: back to the page the agent came from, or to a path of the plugin's own, with a short
        text on it. Since API 3."""

    def agents(self) -> Sequence[AgentSummary]:
        """The people who answer, by name. Needs the permission `agents`. Since API 3."""

    def teams(self) -> Sequence[tuple[int, str]]:
        """(id, name) of the teams, by name. Needs the permission `agents`. Since API 3."""

    def contact(self, kind: str, value: str) -> ContactSummary | None:
        """Who has this address, or None. Needs the permission `contacts`. Since API 3."""

    def shared_webhook_url(self) -> str:
        """The absolute address where the provider posts events for all accounts of the plugin. Since API 3."""

    def wake(self, account_id: int) -> None:
        """Have an own account fetched within seconds instead of at its next turn, for providers that only say that there is news. Wishes
        that come while it is being fetched are one more fetch together. An account that waits after trouble goes on waiting.
        Since API 3."""

    def receive(
        self, account_id: int, event: RawEvent, *, at_once: bool = True, beside: Sequence[Any] = ()
    ) -> Received:
        """Store a raw event in the journal and process it. Returns once it is stored; never raises for what is inside the event.

        Since API 3: with `at_once=False` it is stored and the worker processes it, within a second as a rule: its state is "queued".
        `beside` are Core statements on the plugin's own tables, or pairs of one and its values, that are run in the same transaction, but
        not for an event that was there before: both are stored or neither. When one of them fails, its exception comes out and nothing is
        stored.
        """

    def send_automatic(
        self, conversation_id: int, text: str, *, is_verification: bool = False, is_test: bool = False
    ) -> int | None:
        """Queue an automatic answer in a conversation of this plugin. Returns its message id, or None when the rules against loops
        forbid it (bounces, lists, other automatic mail, Spam, old mail, one an hour for each mailbox and fewer where nobody else writes to
        it).

        Since API 3: `is_verification`: it asks somebody to prove their address, so it may leave from Spam too, and counts by itself,
        three an hour for each sender. `is_test`: the hour's pause does not hold when it goes to an agent's own address.
        """

    def raw_message(self, sha256: str) -> bytes:
        """The stored bytes of a raw message."""

    def url(self, path: str = "/") -> str:
        """The absolute address of one of the plugin's routes."""

    def webhook_url(self, account_id: int) -> str:
        """The absolute address where the provider posts events for an account."""

    def short_address(self, word: str, path: str) -> str:
        """The absolute address `/s/<word>`, which leads to a path of the plugin's own while the plugin runs. `word`: 1 to 60 small letters,
        digits and dashes, no dash first or last. The same again gives the same; raises ValueError for a word that is taken, by another
        path of this plugin too. Needs the permission `public_routes`. Since API 3."""

    def drop_short_address(self, word: str) -> None:
        """Give up a short address of the plugin's own; nothing happens when there is none. Since API 3."""

    def visit(
        self,
        path: str,
        method: str = "GET",
        *,
        data: Mapping[str, str | Sequence[str]] | None = None,
        files: Sequence[tuple[str, str, str, bytes]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Visited:
        """Ask for one of the plugin's own public pages the way a visitor's browser does: without cookies, redirects not followed.
        `data`: the fields of a form, `files` (field, file name, content type, bytes). Raises `Temporary` when nobody answers within ten
        seconds, ValueError for a path that is not the plugin's. Needs the permission `public_routes`. Since API 3."""

    def render(self, template: str, **context: Any) -> str:
        """Render a template of the plugin or of the theme."""

    def gettext(self, text: str, language: str = "") -> str:
        """The text in the language of the page that is being made, or in another one ("de"); as it is where nobody translated it."""

    def ngettext(self, singular: str, plural: str, count: int, language: str = "") -> str:
        """The same for a text with a count, which the caller fills in."""

    def allow(self, key: str, limit: str) -> bool:
        """Count one use of `key` against `limit` ("5 per hour"); False when it is exceeded. Several processes tell each other once a
        second, so that together they may pass a limit by what they counted within it."""

    def allow_each(self, limits: Mapping[str, str]) -> bool:
        """Count one use of each key against its limit at once; False when any of them is exceeded. Since API 3."""

    def sign(self, value: Mapping[str, Any]) -> str:
        """A tamper-proof, time-stamped text of `value`."""

    def unsign(self, token: str, max_age_s: int) -> dict[str, Any] | None:
        """The value of a signed text, or None when it is forged or too old."""

    def note_change(self, action: str, subject: str = "", **data: Any) -> None:
        """A line in the audit log for what `viewer` did on a page of the plugin, or the plugin by itself: what was done, marked
        `translatable` ("Published a form"), to what, and JSON values beside it. Never a secret. Since API 3."""

    def tell(
        self, subject: str, text: str, *, data: Mapping[str, Any] | None = None, path: str = "", level: str = "warning"
    ) -> None:
        """Tell all admins by a notice, and by mail where that is set up. `text` is one English sentence marked `translatable`, its
        `%(name)s` places filled from `data`; `path` one of the plugin's own, where something can be done; `level` info, warning or
        error. The same subject again counts the open notice. Since API 3."""

    def over(self, subject: str) -> None:
        """Close the notice of a subject: what it told of is over. Nothing happens when there is none. Since API 3."""

    def data_folder(self) -> Path:
        """A folder for the plugin's own files; made when asked for."""
