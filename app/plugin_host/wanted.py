"""Which plugins should run, decided from what is known about them; nothing is started or stopped here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.plugin_api.texts import translatable
from app.plugin_host.backend import Activation
from app.plugin_host.finding.requirements import required_plugins
from app.plugin_host.info import PluginInfo, State

__all__ = ["Verdict", "decide", "in_order", "lacking"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state a plugin should be in; ACTIVE when it should run. `missing` is what nobody agreed to yet."""

    state: State
    problem: str = ""
    missing: tuple[str, ...] = ()


def decide(info: PluginInfo, activation: Activation | None, is_safe_mode: bool) -> Verdict:
    """What comes with Tidings runs unless it was switched off, what the configuration names always runs, and everything else once it was
    switched on and all it asks for was agreed to. In safe mode only the first kind runs."""
    if info.state is State.REFUSED or info.manifest is None:
        return Verdict(State.REFUSED, info.problem)
    is_on = info.is_must_use or (activation.is_active if activation else info.is_shipped)
    if not is_on:
        return Verdict(State.INACTIVE)
    if is_safe_mode and not info.is_shipped:
        return Verdict(State.INACTIVE, translatable("It rests while Tidings runs in safe mode."))
    if info.is_shipped or info.is_must_use:
        return Verdict(State.ACTIVE)
    granted = activation.granted if activation else frozenset()
    missing = tuple(grant for grant in info.manifest.grants if grant not in granted)
    if missing:
        return Verdict(State.WAITING, f"It asks for more than was agreed to: {', '.join(missing)}.", missing)
    return Verdict(State.ACTIVE)


def lacking(info: PluginInfo, running: Collection[str]) -> str:
    """Which plugin it needs does not run, as a sentence; empty when all do."""
    needed = required_plugins(info.manifest) if info.manifest else {}
    return next((f"It needs the plugin {name}, which does not run." for name in needed if name not in running), "")


def in_order(infos: Iterable[PluginInfo]) -> list[PluginInfo]:
    """By name, but each after those it needs. Plugins that need one another in a circle come last."""
    waiting = sorted(infos, key=lambda info: info.name)
    ordered: list[PluginInfo] = []
    while waiting:
        placed = _needed(waiting) - {info.name for info in waiting}
        ready = [info for info in waiting if not lacking(info, placed)] or waiting
        ordered += ready
        waiting = [info for info in waiting if info not in ready]
    return ordered


def _needed(infos: Iterable[PluginInfo]) -> set[str]:
    return {name for info in infos if info.manifest for name in required_plugins(info.manifest)}
