"""Plugins: what is there, what they ask for, how they do, and how they leave.

Below `plugins/`, `list.html` gets `page: PluginsPage`, `consent.html` `ConsentPage`, `show.html` `PluginPage`, `uninstall.html`
`UninstallPage`, `removed.html` `RemovedPage`, `settings.html` `PluginSettingsPage`, `limits.html` `LimitsPage`. The pages about hooks
are in `hooks.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from .inbox import StatusTab
from .shell import Fact, Health


@dataclass(frozen=True, slots=True)
class PluginMark:
    """A plugin as pages name it. `icon` is a name of the icon sprite."""

    name: str
    title: str
    icon: str = "puzzle"
    version: str = ""


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """Whether it works. `key` is on, off, waiting, resting, quarantined or refused; `label` says it in a word or two, `tone` is that of a
    badge (ok, warn, danger or empty). `sentence` says why, `what_to_do` what the reader can do about it; both may be empty."""

    key: str
    label: str
    tone: str = ""
    sentence: str = ""
    what_to_do: str = ""

    @property
    def is_on(self) -> bool:
        return self.key in ("on", "resting", "quarantined", "waiting")

    @property
    def needs_attention(self) -> bool:
        return self.key in ("waiting", "resting", "quarantined", "refused")


@dataclass(frozen=True, slots=True)
class OriginMark:
    """Where a plugin came from, in words; `signature` says who signed it, or that nobody did (empty where it does not matter).

    `is_trusted` when it came with Tidings or somebody we trust signed it.
    """

    label: str
    signature: str = ""
    is_trusted: bool = False


@dataclass(frozen=True, slots=True)
class PluginRow:
    """One plugin of the list. `cost` is its time and errors of the last hour in words, empty when it did nothing.

    `button` is on, off, agree or empty; `fixed_because` replaces the button when it cannot be switched.
    """

    mark: PluginMark
    summary: str
    kind: str
    status: PluginStatus
    origin: OriginMark
    owner: str = ""
    cost: str = ""
    account_count: int = 0
    button: str = ""
    fixed_because: str = ""
    has_settings: bool = False


@dataclass(frozen=True, slots=True)
class UploadOffer:
    """Whether plugins may be uploaded here, and if so how big (megabytes) and whether a signature is asked for."""

    is_allowed: bool
    largest_mb: int = 0
    needs_signature: bool = False


@dataclass(frozen=True, slots=True)
class PluginsPage:
    """The plugins of the chosen tab; `shown` is its key. `total` counts all of them."""

    rows: tuple[PluginRow, ...]
    tabs: tuple[StatusTab, ...]
    total: int
    upload: UploadOffer
    shown: str = "all"
    is_safe_mode: bool = False
    conflict_count: int = 0


@dataclass(frozen=True, slots=True)
class PermissionLine:
    """Something a plugin may do: an icon, a sentence, and what that means. `is_new` when nobody agreed to it yet but to others."""

    icon: str
    text: str
    meaning: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ServerLine:
    """A server a plugin may talk to, by its name, or in words."""

    name: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """What a plugin asks for before it runs. `kind` is activate, install, update or restore; `previous_version` may be empty.

    `problems` stop it: while there are some, nothing can be agreed to. `warnings` are read first, then `notes`. `fields` go along with the
    answer.
    """

    mark: PluginMark
    kind: str
    post_url: str
    cancel_url: str
    permissions: tuple[PermissionLine, ...] = ()
    servers: tuple[ServerLine, ...] = ()
    cannot: tuple[str, ...] = ()
    origin: OriginMark = OriginMark("")
    owner: str = ""
    summary: str = ""
    previous_version: str = ""
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one hook, page or job of a plugin cost in the last hour, in words and written numbers. `share` of its time is 0 to 1."""

    name: str
    calls: str
    time: str
    slowest: str
    share: float
    queries: str
    http_calls: str
    slow_calls: int = 0
    failures: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class CostBar:
    """Five minutes: when they began, and how long the plugin worked in them, in words and in milliseconds."""

    label: str
    time: str
    milliseconds: float
    failures: int = 0


@dataclass(frozen=True, slots=True)
class CostMeter:
    """The last hour of a plugin; `total` in words, `top` the tallest bar in milliseconds (at least 1)."""

    rows: tuple[CostRow, ...]
    bars: tuple[CostBar, ...]
    total: str
    top: float = 1.0


@dataclass(frozen=True, slots=True)
class BreakerRow:
    """A part of a plugin that rests after failing. `what` is a hook or a page or the like, `until` when it is tried again by itself."""

    what: str
    until: datetime
    error: str
    times_opened: int = 1


@dataclass(frozen=True, slots=True)
class MissedRow:
    """Announcements a plugin did not get: how many are kept, since when, and how many are on their way again."""

    hook: str
    kept: int
    since: datetime
    due: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A repeated job of a plugin. `every` in words; `health` says how the last run went."""

    name: str
    every: str
    health: Health
    due_at: datetime | None = None
    runs: int = 0
    ran: str = ""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A page of a plugin; `url` is empty when its address has gaps to fill. `who` says who may open it."""

    rule: str
    methods: str
    who: str
    is_public: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account of a plugin."""

    id: int
    name: str
    health: Health


@dataclass(frozen=True, slots=True)
class SettingChangeRow:
    """A changed setting. `before` and `after` are texts; both are empty for a secret, of which only the change is kept."""

    at: datetime
    who: str
    setting: str
    before: str = ""
    after: str = ""
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class PluginPage:
    """One plugin. `previous_version` is the one to go back to, empty when there is none. `stays_because` says why only what it stored can
    be removed here, empty when its code can, too. `warnings` tell its developer what is out of date.
    """

    mark: PluginMark
    summary: str
    status: PluginStatus
    origin: OriginMark
    facts: tuple[Fact, ...] = ()
    permissions: tuple[PermissionLine, ...] = ()
    servers: tuple[ServerLine, ...] = ()
    cost: CostMeter | None = None
    breakers: tuple[BreakerRow, ...] = ()
    missed: tuple[MissedRow, ...] = ()
    last_error: str = ""
    failed_at: datetime | None = None
    failures: int = 0
    accounts: tuple[AccountLine, ...] = ()
    is_channel: bool = False
    routes: tuple[RouteRow, ...] = ()
    jobs: tuple[JobRow, ...] = ()
    hooks: tuple[str, ...] = ()
    readme_html: Markup = Markup("")
    history: tuple[SettingChangeRow, ...] = ()
    button: str = ""
    fixed_because: str = ""
    has_settings: bool = False
    previous_version: str = ""
    may_uninstall: bool = False
    stays_because: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnedThing:
    """A row of the uninstall preview: what it is, how much of it, and what becomes of it."""

    what: str
    amount: str
    detail: str = ""
    stays: bool = False


@dataclass(frozen=True, slots=True)
class UninstallPage:
    """Everything that goes when a plugin is removed, and what stays. `typed` is what was typed as its name before; `keeps_code` when only
    what it stored can be removed here."""

    mark: PluginMark
    going: tuple[OwnedThing, ...]
    staying: tuple[OwnedThing, ...] = ()
    keeps_code: bool = False
    problem: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class RemovedPage:
    """A plugin that was removed, and where its archive can be fetched; `is_empty` when it had stored nothing. `notes` are sentences."""

    title: str
    archive_url: str
    archive_name: str
    is_empty: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PluginSettingsPage:
    """The settings of a plugin. `form` is a `SettingsForm`; `history` newest first."""

    mark: PluginMark
    form: object
    history: tuple[SettingChangeRow, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitsPage:
    """When the host calls a plugin slow, broken or hanging. `form` is the form, `is_changed` when it differs from the defaults."""

    form: object
    is_changed: bool = False
