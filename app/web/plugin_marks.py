"""Plugins in words: how each one is doing, where it came from, what it cost, and which button switches it."""

from datetime import timedelta

from flask_babel import format_decimal, gettext, ngettext

from app.plugin_host import Origin, PluginInfo, State
from app.queries.plugins import HourCost, PluginFacts
from app.web.contexts import OriginMark, PluginMark, PluginStatus
from app.web.current import current_core
from app.web.texts import translated

__all__ = [
    "cost_line",
    "fixed_because",
    "has_settings",
    "kind_name",
    "may_run_at_once",
    "origin_mark",
    "plugin_mark",
    "plugin_status",
    "plugin_title",
    "switch_button",
    "time_spent",
]

_ICONS = {"panel": "chart-column", "automation": "zap", "theme": "sun"}


def plugin_title(info: PluginInfo) -> str:
    """The title of its manifest in the reader's language; its name when it has none."""
    return translated(info.manifest.title) if info.manifest else info.name


def plugin_mark(info: PluginInfo) -> PluginMark:
    """A plugin as pages name it, with the icon of its channel while that runs."""
    channel = current_core().plugins.channels.get(info.name)
    kind = info.manifest.kind if info.manifest else ""
    icon = channel.icon if channel else _ICONS.get(kind, "puzzle")
    return PluginMark(name=info.name, title=plugin_title(info), icon=icon, version=info.version)


def kind_name(info: PluginInfo) -> str:
    """Channel, theme or extra."""
    names = {"channel": gettext("Channel"), "theme": gettext("Theme")}
    return names.get(info.manifest.kind if info.manifest else "", gettext("Extra"))


def plugin_status(info: PluginInfo, resting: tuple[str, ...] = ()) -> PluginStatus:
    """How it is doing. `resting` are its parts that rest after failing."""
    if info.state is State.REFUSED:
        return PluginStatus("refused", gettext("Cannot be used"), "danger", translated(info.problem))
    if info.state is State.QUARANTINED:
        return PluginStatus(
            "quarantined",
            gettext("Quarantined"),
            "danger",
            translated(info.problem) or gettext("It could not be started."),
            gettext("Everything else works. Repair or update it, then switch it off and on again."),
        )
    if info.state is State.WAITING:
        sentence = gettext("It asks for more than you agreed to, so it does not run.")
        return PluginStatus("waiting", gettext("Waiting for your agreement"), "warn", sentence)
    if info.state is not State.ACTIVE:
        return PluginStatus("off", gettext("Off"), "", translated(info.problem))
    if resting:
        sentence = ngettext(
            "%(num)s part of it rests after failing several times: %(names)s.",
            "%(num)s parts of it rest after failing several times: %(names)s.",
            len(resting),
            names=", ".join(resting),
        )
        return PluginStatus("resting", gettext("Partly resting"), "warn", sentence)
    return PluginStatus("on", gettext("On"), "ok")


def origin_mark(info: PluginInfo) -> OriginMark:
    """Where it came from; of what was uploaded or dropped in also who signed it."""
    if info.origin is Origin.SHIPPED:
        return OriginMark(gettext("came with Tidings"), is_trusted=True)
    if info.origin is Origin.INSTALLED:
        return OriginMark(gettext("installed package %(name)s", name=info.distribution or info.name))
    if info.origin is Origin.MISSING:
        return OriginMark(gettext("named in the configuration"))
    if info.is_from_shell:
        return _signed(gettext("installed on the server"), info.signed_by)
    if not info.is_upload:
        label = (
            gettext("a file put there by hand") if info.origin is Origin.FILE else gettext("a folder put there by hand")
        )
        return OriginMark(label)
    return _signed(gettext("uploaded"), info.signed_by)


def _signed(label: str, signed_by: str) -> OriginMark:
    if signed_by:
        return OriginMark(label, gettext("signed by %(name)s", name=signed_by), is_trusted=True)
    return OriginMark(label, gettext("unsigned"))


def may_run_at_once(info: PluginInfo, granted: frozenset[str]) -> bool:
    """Whether it may be switched on without asking: it came with Tidings, or everything it asks for was agreed to before."""
    return info.is_shipped or (info.manifest is not None and bool(granted) and granted.issuperset(info.manifest.grants))


def switch_button(info: PluginInfo, facts: PluginFacts) -> str:
    """Which button its row gets: on, consent (on, after reading), agree, off, or none."""
    if info.state is State.REFUSED or fixed_because(info):
        return ""
    if info.state is State.WAITING:
        return "agree"
    if info.state is State.INACTIVE:
        return "on" if may_run_at_once(info, facts.granted) else "consent"
    return "off"


def fixed_because(info: PluginInfo) -> str:
    """Why it cannot be switched here, empty when it can."""
    if info.state is State.REFUSED:
        return ""
    if info.is_must_use:
        return gettext("Always on: the configuration says so.")
    if current_core().plugins.is_safe_mode and not info.is_shipped:
        return gettext("Off while safe mode lasts.")
    return ""


def has_settings(info: PluginInfo) -> bool:
    """Whether it runs and declares settings of its own."""
    return info.state is State.ACTIVE and info.name in current_core().plugins.settings_forms


def cost_line(cost: HourCost | None) -> str:
    """Time and errors of the last hour in a few words; empty for one that did nothing."""
    if cost is None or not cost.calls:
        return ""
    time = time_spent(cost.seconds)
    if not cost.failures:
        return gettext("%(time)s in the last hour", time=time)
    return ngettext(
        "%(time)s and %(num)s error in the last hour",
        "%(time)s and %(num)s errors in the last hour",
        cost.failures,
        time=time,
    )


def time_spent(seconds: float) -> str:
    """A time that a machine worked: `0.4 ms`, `23 ms`, `1.8 s`, `4 min`."""
    if seconds >= timedelta(minutes=2).total_seconds():
        return gettext("%(count)s min", count=format_decimal(round(seconds / 60)))
    if seconds >= 1:
        return gettext("%(count)s s", count=format_decimal(round(seconds, 1), format="#,##0.#"))
    return gettext(
        "%(count)s ms", count=format_decimal(round(seconds * 1000, 1 if seconds < 0.01 else 0), format="0.#")
    )
