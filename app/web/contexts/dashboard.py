"""The dashboard: `dashboard/show.html` gets `page: DashboardPage`."""

from dataclasses import dataclass

from .conversation import Panel
from .inbox import InboxRow


@dataclass(frozen=True, slots=True)
class Tile:
    """One number. `tone` is plain, warn or danger; `hint` is a short sentence below it."""

    label: str
    value: str
    url: str
    hint: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Bar:
    """One day. `label` is short ("12"), `full_label` names the day in full."""

    label: str
    full_label: str
    arrived: int
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """Arrivals per day, oldest first; `top` is the highest value of the scale (at least 1)."""

    title: str
    bars: tuple[Bar, ...]
    top: int


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """`waiting` are the conversations that wait longest, `panels` come from plugins. `channels` says how accounts do, to those who look
    after them; `are_channels_well` unless one needs somebody."""

    tiles: tuple[Tile, ...]
    arrivals: Chart
    waiting: tuple[InboxRow, ...] = ()
    panels: tuple[Panel, ...] = ()
    period_label: str = ""
    channels: str = ""
    are_channels_well: bool = True
