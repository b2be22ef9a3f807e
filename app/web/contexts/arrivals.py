"""What came to an account today beside what usually does: the page of an account gets `arrivals: ArrivalsBox`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HourBar:
    """An hour of the day: `label` on the axis ("14"), `text` the same as a sentence; `usual` and `arrived` are numbers of messages."""

    label: str
    text: str
    usual: float
    arrived: int


@dataclass(frozen=True, slots=True)
class ArrivalsBox:
    """`sentence` says how many came until now, and how many usually have by then. `top` is the largest number of a bar. `warns`: admins are
    told when it is unusually quiet."""

    sentence: str
    bars: tuple[HourBar, ...]
    top: float
    warns: bool
    is_known: bool
