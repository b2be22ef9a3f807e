"""What callers can choose by keys, and where calls go: "1 = Sales", "2 = voicemail", "3 = +49301234". Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from plugins.voip.numbers import normalised

__all__ = ["Choice", "MenuError", "Target", "TargetKind", "choice_for", "read_menu", "read_target"]


class TargetKind(StrEnum):
    """Where a call can go: to the agents of a queue, to the voicemail, to a telephone elsewhere, or nowhere."""

    QUEUE = "queue"
    VOICEMAIL = "voicemail"
    NUMBER = "number"
    HANG_UP = "hang up"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes; `value` is the name of the queue or the number in E.164."""

    kind: TargetKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a key leads to. `label` is what stands in the log: "1 Sales"."""

    digit: str
    target: Target
    label: str


class MenuError(ValueError):
    """A line cannot be read; `line` is that line."""

    def __init__(self, line: str) -> None:
        super().__init__(f"{line!r} names no key and target such as 1 = Sales")
        self.line = line


_LINE = re.compile(r"(?P<digit>[0-9*#])\s*[=:]\s*(?P<target>\S.*)\Z")
_WORDS = {"voicemail": TargetKind.VOICEMAIL, "hang up": TargetKind.HANG_UP, "hangup": TargetKind.HANG_UP}


def read_menu(text: str, region: str) -> tuple[Choice, ...]:
    """One key a line. Raises `MenuError`, also for a key that stands there twice."""
    found: dict[str, Choice] = {}
    for line in (line.strip() for line in text.splitlines() if line.strip()):
        match = _LINE.match(line)
        if match is None or match["digit"] in found:
            raise MenuError(line)
        target = read_target(match["target"], region)
        found[match["digit"]] = Choice(match["digit"], target, f"{match['digit']} {target.value or target.kind}")
    return tuple(found.values())


def read_target(text: str, region: str) -> Target:
    """What a line of the menu leads to: a word of ours, a number, or else the queue of that name (at most 40 characters)."""
    text = " ".join(text.split())
    if text.lower() in _WORDS:
        return Target(_WORDS[text.lower()])
    number = normalised(text, region) if re.fullmatch(r"[+0-9][0-9 ()/.-]*", text) else ""
    return Target(TargetKind.NUMBER, number) if number else Target(TargetKind.QUEUE, text.removeprefix("queue ")[:40])


def choice_for(menu: Sequence[Choice], digit: str) -> Choice | None:
    """What the key leads to, or None where it leads nowhere."""
    return next((one for one in menu if one.digit == digit), None)
