"""Safe mode: only the plugins that came with Tidings run, and the theme is the default one. Every process follows within a second.

An admin, the command line or a recovery link switches it on; only an admin or the command line ends it. A process that was started
with `--safe-mode` stays in it until it is started anew.
"""

import secrets
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from app.domain.roles import Permission
from app.errors import Conflict, NotAllowed
from app.models import PluginValue
from app.plugin_api.texts import translatable
from app.services.audit import audit
from app.services.core import SYSTEM, Actor, Core, Unit, require, writing
from app.services.notices import over, tell
from app.services.plugins.pulse import raise_generation
from app.services.settings import SETTINGS, get_setting, put_setting

__all__ = [
    "RECOVERY_LASTS",
    "is_recovery_ours",
    "is_recovery_valid",
    "is_safe_mode",
    "leave_safe_mode",
    "make_recovery_link",
    "recover",
    "switch_on_safe_mode",
]

RECOVERY_LASTS = timedelta(hours=24)
_SAFE_MODE = "safe_mode"
_USED = "recovery_links_used"
_SUBJECT = "safe-mode"
_BY_PERSON = translatable(
    "%(who)s switched safe mode on: only the plugins that came with Tidings run. Switch off what is broken, then leave it."
)
_BY_LINK = translatable(
    "A recovery link switched safe mode on: only the plugins that came with Tidings run. Switch off what is broken, then leave it."
)


def is_safe_mode(core: Core) -> bool:
    """Whether it is switched on now, by the deployment or at run time."""
    return core.config.safe_mode or bool(get_setting(core, _SAFE_MODE, False))


def switch_on_safe_mode(core: Core, actor: Actor) -> None:
    """Switch it on. Nothing happens when it is on. Raises `NotAllowed`."""
    require(actor, Permission.NOTICES)
    with writing(core) as unit:
        _switch_on(unit, actor, _BY_PERSON)


def leave_safe_mode(core: Core, actor: Actor) -> None:
    """End it. Raises `NotAllowed`, or `Conflict` when it was the deployment that asked for it."""
    require(actor, Permission.NOTICES)
    with writing(core) as unit:
        row = unit.session.get(PluginValue, (SETTINGS, _SAFE_MODE), with_for_update=True)
        if row is not None and row.value:
            row.value = False
            over(unit, _SUBJECT)
            audit(unit, actor, "safe_mode.left")
            raise_generation(unit)
    if core.config.safe_mode:
        raise Conflict("Tidings was started in safe mode. Start it again without --safe-mode and TIDINGS_SAFE_MODE.")


def make_recovery_link(core: Core) -> str:
    """An address that switches safe mode on, once and within a day, for somebody who cannot open any other page."""
    until = int((core.clock.now() + RECOVERY_LASTS).timestamp())
    token = _serializer(core).dumps({"id": secrets.token_hex(8), "until": until})
    return f"{core.config.address}/recovery/{token!s}"


def is_recovery_ours(core: Core, token: str) -> bool:
    """Whether the token of a recovery link is ours and in time, used or not. Asks no database."""
    return _read(core, token) is not None


def is_recovery_valid(core: Core, token: str) -> bool:
    """Whether the token of a recovery link is ours, in time and not yet used. Uses nothing up."""
    read = _read(core, token)
    return read is not None and read[0] not in get_setting(core, _USED, {})


def recover(core: Core, token: str) -> None:
    """Switch safe mode on with the token of a recovery link, which is used up. Raises `NotAllowed`."""
    read = _read(core, token)
    with writing(core) as unit:
        row = unit.session.get(PluginValue, (SETTINGS, _USED), with_for_update=True)
        used = dict(row.value) if row is not None else {}
        if read is None or read[0] in used:
            raise NotAllowed("This link has been used, or it is older than a day.")
        number, until = read
        put_setting(unit, _USED, {**_in_time(used, unit.now), number: until})
        _switch_on(unit, SYSTEM, _BY_LINK)


def _switch_on(unit: Unit, actor: Actor, text: str) -> None:
    row = unit.session.get(PluginValue, (SETTINGS, _SAFE_MODE), with_for_update=True)
    if row is not None and row.value:
        return
    put_setting(unit, _SAFE_MODE, True)
    audit(unit, actor, "safe_mode.entered")
    tell(unit, subject=_SUBJECT, text=text, data={"who": actor.name}, path="/settings/plugins")
    raise_generation(unit)


def _serializer(core: Core) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(core.vault.derived("recovery"))), salt="tidings.recovery")


def _read(core: Core, token: str) -> tuple[str, int] | None:
    """(number, end as a time stamp) of a token that is ours and in time."""
    try:
        value = _serializer(core).loads(token)
    except BadData:
        return None
    return (value["id"], value["until"]) if value["until"] > core.clock.now().timestamp() else None


def _in_time(used: dict[str, int], now: datetime) -> dict[str, int]:
    return {number: until for number, until in used.items() if until > now.timestamp()}
