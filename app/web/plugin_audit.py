"""The sentences of the audit log about plugins, the host's limits and safe mode."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext, ngettext

from app.web.texts import translated

__all__ = ["plugin_action_text"]

Data = Mapping[str, Any]


def plugin_action_text(action: str, data: Data) -> str | None:
    """What was done to a plugin, in the reader's language; None for actions that are about something else."""
    sentence = _SENTENCES.get(action)
    return sentence(data) if sentence else None


def _activated(data: Data) -> str:
    agreed = data.get("agreed") or ()
    if not agreed:
        return gettext("Switched on")
    return gettext("Switched on and agreed to: %(names)s", names=", ".join(agreed))


def _staged(data: Data) -> str:
    version = data.get("version", "?")
    if data.get("signature") == "trusted":
        return gettext("Uploaded version %(version)s, signed by %(name)s", version=version, name=data.get("signed_by"))
    if data.get("signature") == "unknown":
        return gettext("Uploaded version %(version)s, signed by somebody unknown", version=version)
    return gettext("Uploaded version %(version)s, unsigned", version=version)


def _settings_changed(data: Data) -> str:
    names = [*data.get("settings", ()), *data.get("secrets", ())]
    return (
        gettext("Changed the settings: %(names)s", names=", ".join(names)) if names else gettext("Changed the settings")
    )


def _uninstalled(data: Data) -> str:
    paused = data.get("paused_accounts") or 0
    text = gettext("Removed version %(version)s with everything it stored", version=data.get("version", "?"))
    if not paused:
        return text
    return ngettext("%(what)s; paused %(num)s account", "%(what)s; paused %(num)s accounts", paused, what=text)


def _noted(data: Data) -> str:
    """In the plugin's own words."""
    details = ", ".join(str(value) for value in (data.get("details") or {}).values() if value not in (None, ""))
    what = translated(str(data.get("what", "")))
    return f"{what} ({details})" if details else what


def _changed_version(text: Callable[..., str]) -> Callable[[Data], str]:
    return lambda data: text(before=data.get("before") or "?", after=data.get("version") or "?")


_SENTENCES: dict[str, Callable[[Data], str]] = {
    "plugin.activated": _activated,
    "plugin.deactivated": lambda data: gettext("Switched off"),
    "plugin.not_started": lambda data: gettext("Tried to switch on; it could not be started"),
    "plugin.rescanned": lambda data: gettext("Looked again for plugins"),
    "plugin.staged": _staged,
    "plugin.installed": lambda data: gettext("Installed version %(version)s", version=data.get("version", "?")),
    "plugin.updated": _changed_version(
        lambda before, after: gettext("Updated from %(before)s to %(after)s", before=before, after=after)
    ),
    "plugin.update_failed": lambda data: gettext(
        "Could not change to version %(version)s: %(reason)s",
        version=data.get("version", "?"),
        reason=translated(data.get("reason", "")),
    ),
    "plugin.rolled_back": _changed_version(
        lambda before, after: gettext("Went back from %(before)s to %(after)s", before=before, after=after)
    ),
    "plugin.restored": lambda data: gettext(
        "Brought back version %(version)s with what it had stored", version=data.get("version", "?")
    ),
    "plugin.exported": lambda data: gettext("Packed into an archive"),
    "plugin.uninstalled": _uninstalled,
    "plugin.settings_changed": _settings_changed,
    "plugin.noted": _noted,
    "plugin.breaker_closed": lambda data: gettext("Let %(hook)s try again at once", hook=data.get("hook", "?")),
    "plugin.missed_replayed": lambda data: gettext("Had missed %(hook)s delivered again", hook=data.get("hook", "?")),
    "plugin.missed_forgotten": lambda data: gettext("Forgot missed %(hook)s", hook=data.get("hook", "?")),
    "plugin.limits_changed": lambda data: gettext("Changed the limits for plugins"),
    "safe_mode.entered": lambda data: gettext("Switched safe mode on"),
    "safe_mode.left": lambda data: gettext("Switched safe mode off"),
    "notice.dismissed": lambda data: gettext("Dismissed a notice"),
}
