"""Pages about hooks: `plugins/hooks.html` gets `page: HooksPage`, `plugins/conflicts.html` `ConflictsPage`."""

from dataclasses import dataclass, field
from datetime import datetime

from .plugins import PluginMark


@dataclass(frozen=True, slots=True)
class Listener:
    """A plugin that listens to a hook. `place` counts from 1 in the order of calls; `error` is its last one in the last hour."""

    place: int
    mark: PluginMark
    error: str = ""
    failed_at: datetime | None = None
    is_resting: bool = False


@dataclass(frozen=True, slots=True)
class HookRow:
    """A hook. `shape` is the key of its shape and `shape_label` its name; `about` is the beginning of its text, `text` the rest.

    `arguments` are pairs of a name and what it is. `permission` is what a listener needs (empty: none), `sample` the last call, masked.
    """

    name: str
    shape: str
    shape_label: str
    about: str
    text: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    answer: str = ""
    since: str = ""
    permission: str = ""
    listeners: tuple[Listener, ...] = ()
    example: str = ""
    sample: str = ""
    sampled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HookGroup:
    """The hooks of one shape; `about` says how those are called."""

    label: str
    about: str
    hooks: tuple[HookRow, ...]


@dataclass(frozen=True, slots=True)
class HooksPage:
    """The hooks that match `query` (all when it is empty)."""

    groups: tuple[HookGroup, ...]
    query: str = ""
    total: int = 0
    found: int = 0


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """Two or more plugins in each other's way. `what` is what they collide over, `sentence` what happens, `what_to_do` may be empty."""

    what: str
    sentence: str
    plugins: tuple[PluginMark, ...] = ()
    what_to_do: str = ""
    times: int = 0
    seen_at: datetime | None = None
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class ConflictsPage:
    """What collides; those that stop a plugin come first."""

    rows: tuple[ConflictRow, ...] = field(default=())
