"""How long calls of plugins may take and how often they may fail, as an admin has set it for every process."""

from collections.abc import Mapping

from app.domain.roles import Permission
from app.errors import InvalidInput
from app.plugin_host import Limits
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing
from app.services.plugins.pulse import raise_health
from app.services.settings import get_setting, put_setting

__all__ = ["limits_of", "put_limits", "saved_limits"]

_LIMITS = "plugin_limits"
_RANGES = {
    "slow_call_s": (0.01, 10.0),
    "failures_in_row": (1, 100),
    "pause_s": (1.0, 86_400.0),
    "request_s": (0.5, 30.0),
    "call_s": (1.0, 600.0),
}
"""What an admin may change, and from where to where."""


def limits_of(core: Core) -> Limits:
    """The limits that hold."""
    return saved_limits(core) or Limits()


def saved_limits(core: Core) -> Limits | None:
    """The limits an admin has set; None when nobody has."""
    saved = get_setting(core, _LIMITS)
    return Limits(**saved) if saved else None


def put_limits(core: Core, actor: Actor, values: Mapping[str, float]) -> Limits:
    """Change the limits of calls in every process; those not named get their default. Raises `NotAllowed` or `InvalidInput`."""
    require(actor, Permission.PLUGINS)
    limits = _checked(values)
    with writing(core) as unit:
        put_setting(unit, _LIMITS, {name: getattr(limits, name) for name in _RANGES})
        raise_health(unit)
        audit(unit, actor, "plugin.limits_changed", "", **values)
    return limits


def _checked(values: Mapping[str, float]) -> Limits:
    values = {name: int(value) if name == "failures_in_row" else float(value) for name, value in values.items()}
    wrong = {
        name: f"Between {_RANGES[name][0]:g} and {_RANGES[name][1]:g}."
        for name, value in values.items()
        if not _RANGES[name][0] <= value <= _RANGES[name][1]
    }
    if wrong:
        raise InvalidInput("These limits cannot be set.", wrong)
    try:
        return Limits(**values)  # type: ignore[arg-type]  # mypy sees one type for all of them
    except ValueError:
        raise InvalidInput("A call would be over its limit before it is slow.", {"slow_call_s": "Too long."}) from None
