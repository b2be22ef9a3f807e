"""What plugins tell admins in their own words: lines of the audit log, and notices. The words are marked `translatable` by the plugin."""

from collections.abc import Mapping
from typing import Any

from app.domain.events import Viewer
from app.domain.text import clean_line
from app.redaction import masked
from app.services import notices
from app.services.audit import audit
from app.services.core import SYSTEM, Actor, Core, writing

__all__ = ["NOTED", "note_change", "over", "tell"]

NOTED = "plugin.noted"
"""The action in the audit log; the plugin's words stand in its data."""

_LONGEST_WORDS, _MOST_DETAILS = 120, 20


def note_change(
    core: Core, plugin: str, viewer: Viewer | None, action: str, subject: str, data: Mapping[str, Any]
) -> None:
    """Write a line of the audit log: `action` is what was done, in English, to `subject`. Details are short texts and numbers."""
    actor = Actor(viewer.agent_id, viewer.name, viewer.role) if viewer else SYSTEM
    details = {str(name)[:40]: _detail(value) for name, value in list(data.items())[:_MOST_DETAILS]}
    with writing(core) as unit:
        what = clean_line(action, _LONGEST_WORDS)
        audit(unit, actor, NOTED, clean_line(subject, 200), plugin=plugin, what=what, details=details)


def tell(core: Core, plugin: str, subject: str, text: str, *, data: Mapping[str, Any], path: str, level: str) -> None:
    """Tell all admins. Raises ValueError for an unknown level or a text with nothing in it."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("A notice without a text tells nothing.")
    notices.tell_now(core, subject=_subject(plugin, subject), text=text, data=dict(data), path=path, level=level)


def over(core: Core, plugin: str, subject: str) -> None:
    """What the plugin told of is over."""
    with writing(core) as unit:
        notices.over(unit, _subject(plugin, subject))


def _subject(plugin: str, subject: str) -> str:
    """Apart from what the core itself tells about the plugin, and gone with the plugin as that is."""
    return f"plugin:{plugin}:own:{subject}"


def _detail(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean_line(masked(str(value)), 200)
