"""The rules of `quality.toml` and the tiers they make up. What can be seen in the files is not taken on trust."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from app.plugin_api.manifest import KINDS
from app.plugin_check.contract import contract_problem
from app.plugin_check.report import Finding, Level, Tier, error, warning
from app.plugin_check.source import Source
from app.plugin_check.texts import LANGUAGES, languages_of, visible_texts

__all__ = ["RULES", "Rule", "check_quality", "read_quality", "reach_tier"]

FILE = "quality.toml"
ALL = frozenset(KINDS)
CHANNEL = frozenset({"channel"})
_EXEMPT = re.compile(r"exempt: \S")

Seen = Callable[[Source, Collection[str]], str]
"""Why a rule is not kept, as far as the files tell; the second argument are the rules that have findings. Empty when nothing speaks
against it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of quality.toml: from which tier on it must be kept, by which kinds, and what it promises. `can_be_exempt`: a reason will
    do instead."""

    tier: Tier
    kinds: frozenset[str]
    promise: str
    seen: Seen | None = None
    can_be_exempt: bool = True


def _unless_found(*rules: str) -> Seen:
    return lambda source, found: (
        f"there are findings of {', '.join(sorted(set(rules) & set(found)))}" if set(rules) & set(found) else ""
    )


def _contract(source: Source, found: Collection[str]) -> str:
    return contract_problem(source)


def _tests(source: Source, found: Collection[str]) -> str:
    return "" if any(source.files("tests/**/test_*.py")) else "there is no file tests/test_….py"


def _fixtures(source: Source, found: Collection[str]) -> str:
    return "" if any(source.files("tests/fixtures/*")) else "there is nothing in tests/fixtures/"


def _translations(source: Source, found: Collection[str]) -> str:
    if {"translations", "syntax", "manifest"} & set(found):
        return "a catalogue is not whole"
    lacking = [language for language in LANGUAGES if language not in languages_of(source)]
    return f"there is no catalogue for {', '.join(lacking)}" if lacking and visible_texts(source) else ""


RULES: Mapping[str, Rule] = {
    "manifest": Rule(
        Tier.BRONZE, ALL, "The manifest is valid, says who stands behind it, and asks for what the code needs.",
        _unless_found("manifest", "names", "permission_missing", "host_missing"), False,
    ),
    "readme": Rule(
        Tier.BRONZE, ALL, "The README tells an admin what it does, how to connect it, its limits, and how to remove it.",
        _unless_found("readme"), False,
    ),
    "contract": Rule(Tier.BRONZE, CHANNEL, "A test class over `ChannelContract` passes.", _contract, False),
    "tests": Rule(Tier.BRONZE, ALL - CHANNEL, "Tests of its own pass.", _tests, False),
    "settings_described": Rule(Tier.BRONZE, ALL, "Every setting has a label and says how to fill it in."),
    "connection_tested": Rule(Tier.SILVER, CHANNEL, "Testing the connection tries each thing an account needs and says what to do."),
    "errors_translated": Rule(Tier.SILVER, CHANNEL, "What goes wrong at the provider becomes NeedsReauth, Temporary or Permanent."),
    "fixtures_captured": Rule(
        Tier.SILVER, CHANNEL, "Tests run on payloads of the real provider, without personal data.", _fixtures
    ),
    "fetch_is_resumable": Rule(Tier.SILVER, CHANNEL, "A fetch that is cut off loses nothing and stores nothing twice."),
    "webhooks_verified": Rule(Tier.SILVER, CHANNEL, "What the provider did not sign is refused before it is read."),
    "sending_is_repeatable": Rule(Tier.SILVER, CHANNEL, "An attempt that is made again sends nothing twice."),
    "hooks_are_quick": Rule(Tier.SILVER, ALL - CHANNEL, "Hooks that a page waits for make at most one quick query and no call."),
    "translations": Rule(Tier.GOLD, ALL, "It speaks every language that Tidings speaks.", _translations),
}  # fmt: skip


def check_quality(source: Source, found: Collection[str]) -> Iterator[Finding]:
    """`found`: the rules that already have findings."""
    if source.is_file:
        return
    stated, problem = read_quality(source)
    if problem:
        yield error(FILE, 0, "quality", problem, "Name each rule with done, todo, or exempt and the reason.")
    for name, state in stated.items():
        rule = RULES.get(name)
        if rule is None or source.kind not in rule.kinds:
            yield warning(FILE, 0, "quality", f"There is no rule {name} for this kind of plugin.", "Leave it out.")
        elif state not in ("done", "todo") and not _EXEMPT.match(state):
            text = f"{name} is {state!r}; it must be “done”, “todo” or “exempt: reason”."
            yield error(FILE, 0, "quality", text, "Say how it stands.")
        elif state == "done" and rule.seen is not None and (why := rule.seen(source, found)):
            yield warning(FILE, 0, "quality", f"{name} is said to be done, but {why}.", "Do it, or write “todo”.")
        elif state.startswith("exempt") and not rule.can_be_exempt:
            yield error(FILE, 0, "quality", f"Nobody is exempt from {name}.", "Do it, or write “todo”.")


def read_quality(source: Source) -> tuple[dict[str, str], str]:
    """What the list says, and what is wrong with the file itself."""
    path = source.folder / FILE
    if source.is_file or not path.is_file():
        return {}, "" if source.is_file else "There is no quality.toml."
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        return {}, f"It is not valid TOML: {problem}."
    return {name: str(state) for name, state in data.items()}, ""


def reach_tier(source: Source, findings: Collection[Finding]) -> tuple[Tier, tuple[str, ...]]:
    """The tier that is reached, and the rules that lack for the next one. With an error there is none; gold has no warning either."""
    stated, _ = read_quality(source)
    found = {finding.rule for finding in findings}
    reached = Tier.NONE
    if source.is_file or any(finding.level is Level.ERROR for finding in findings):
        return reached, ()
    for tier in (Tier.BRONZE, Tier.SILVER, Tier.GOLD):
        asked = [name for name, rule in RULES.items() if rule.tier is tier and source.kind in rule.kinds]
        lacking = tuple(name for name in asked if not _is_kept(source, RULES[name], stated.get(name, "todo"), found))
        if lacking:
            return reached, lacking
        if tier is Tier.GOLD and findings:
            return reached, ("no warnings",)
        reached = tier
    return reached, ()


def _is_kept(source: Source, rule: Rule, state: str, found: Collection[str]) -> bool:
    if _EXEMPT.match(state):
        return rule.can_be_exempt
    return state == "done" and not (rule.seen and rule.seen(source, found))
