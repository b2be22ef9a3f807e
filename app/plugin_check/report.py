"""What a check says: findings with their place and what to do, and the tier a plugin has reached."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Level", "Report", "Tier", "error", "warning"]


class Level(StrEnum):
    """An ERROR must go before anybody should use the plugin; a WARNING keeps it from gold."""

    ERROR = "error"
    WARNING = "warning"


class Tier(StrEnum):
    """BRONZE: it is safe and says what it does. SILVER: it can be relied upon. GOLD: nothing is left to wish for."""

    NONE = "none"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong. `path` is below the plugin's folder, `line` counts from 1, or is 0 when the whole file is meant."""

    level: Level
    path: str
    line: int
    rule: str
    text: str
    advice: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Report:
    """`lacking` are the rules of quality.toml that stand between the plugin and the next tier."""

    plugin: str
    version: str
    tier: Tier
    findings: tuple[Finding, ...]
    lacking: tuple[str, ...]

    def count(self, level: Level) -> int:
        return sum(1 for finding in self.findings if finding.level is level)

    @property
    def is_sound(self) -> bool:
        return not self.count(Level.ERROR)


def error(path: str, line: int, rule: str, text: str, advice: str) -> Finding:
    return Finding(Level.ERROR, path, line, rule, text, advice)


def warning(path: str, line: int, rule: str, text: str, advice: str) -> Finding:
    return Finding(Level.WARNING, path, line, rule, text, advice)
