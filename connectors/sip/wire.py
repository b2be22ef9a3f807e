"""Commands and events as lines of JSON, and back. The name of the class goes under "is"; unknown or missing fields are refused."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from connectors.sip import types
from connectors.sip.types import Answering, Command, Consent, Event, MenuLine, SIPAccount, Voicemail

IMPOSSIBLE = 2
"""The agent's exit code when its setup can never work; its last words say why."""

__all__ = ["IMPOSSIBLE", "command_from_line", "event_from_line", "to_line"]

_COMMANDS = {one.__name__: one for one in (types.Setup, types.Answer, types.Dial, types.HangUp, types.Stop)}
_EVENTS = {
    one.__name__: one
    for one in (
        types.Registered, types.RegistrationLost, types.Ringing, types.Answered, types.Digit, types.Chosen, types.Private, types.Recorded,
        types.Transferred, types.TransferRefused, types.Ended, types.Statistics,
    )
}  # fmt: skip


def to_line(value: Command | Event) -> str:
    """One line, without its end."""
    return json.dumps({"is": type(value).__name__, **dataclasses.asdict(value)}, ensure_ascii=True)


def command_from_line(line: str) -> Command:
    """Raises ValueError for what is no command."""
    return _read(line, _COMMANDS)


def event_from_line(line: str) -> Event:
    """Raises ValueError for what is no event."""
    return _read(line, _EVENTS)


def _read(line: str, kinds: dict[str, Any]) -> Any:
    try:
        values = json.loads(line)
        kind = kinds[values.pop("is")]
        return kind(**{name: _INNER.get(name, _as_it_is)(value) for name, value in values.items()})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not one of {', '.join(kinds)}: {type(error).__name__}") from None


def _as_it_is(value: Any) -> Any:
    return value


def _answering(values: dict[str, Any]) -> Answering:
    menu = {digit: MenuLine(**line) for digit, line in values["menu"].items()}
    consent = Consent(**values["consent"]) if values["consent"] else None
    inner = {
        "menu": menu,
        "default": MenuLine(**values["default"]),
        "consent": consent,
        "voicemail": Voicemail(**values["voicemail"]),
    }
    return Answering(**{**values, **inner})


_INNER = {
    "account": lambda values: SIPAccount(**values),
    "answering": _answering,
    "line": lambda values: MenuLine(**values),
}
