"""Forms as files: the JSON of an export, and what can be read out of files of ours, of Contact Form 7 and of Gravity Forms.

Teams are named in an export, because their ids mean nothing elsewhere.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms.definitions import (
    DefinitionError,
    FormDefinition,
    Imported,
    Routing,
    import_contact_form_7,
    import_gravity,
    read_definition,
    write_definition,
)
from plugins.webform.building.routings import routings_of, with_routings
from tidings import translatable

__all__ = ["FoundForm", "UnreadableFile", "export_text", "read_file"]

_KIND = "tidings_form"
_UNREADABLE = translatable("This is no export of Tidings, of Contact Form 7 or of Gravity Forms.")
_BROKEN = translatable("This is an export of Tidings, but its form cannot be used.")
_TEAM = translatable("There is no team %(name)s here; choose another one in the builder.")

Gettext = Callable[[str], str]
Importer = Callable[[str, str, Gettext], tuple[Imported, ...]]


@dataclass(frozen=True, slots=True)
class FoundForm:
    """A form that was found in a file. `remarks` say what could not be carried over."""

    title: str
    definition: FormDefinition
    remarks: tuple[str, ...] = ()


class UnreadableFile(Exception):
    """Nothing could be made of a file; `sentence` says why, in English, `details` where exactly, if that is known."""

    def __init__(self, sentence: str = _UNREADABLE, details: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details


def export_text(title: str, definition: FormDefinition, teams: Mapping[int, str]) -> str:
    """A form as a file; `read_file` is the way back."""
    wanted = {one.team_id for one in routings_of(definition) if one.team_id is not None}
    named = {str(team_id): teams[team_id] for team_id in sorted(wanted) if team_id in teams}
    kept = {_KIND: 1, "title": title, "teams": named, "definition": write_definition(definition)}
    return json.dumps(kept, ensure_ascii=False, indent=2)


def read_file(text: str, teams: Mapping[int, str], gettext: Gettext, language: str = "en") -> tuple[FoundForm, ...]:
    """The forms in a file. `language` is what a foreign form is written in that does not say so. Raises `UnreadableFile`."""
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise UnreadableFile
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _foreign(import_contact_form_7, text, language, gettext)
    if isinstance(value, dict) and _KIND in value:
        return (_own(value, teams, gettext),)
    return _foreign(import_gravity, text, language, gettext)


def _own(value: Mapping[str, Any], teams: Mapping[int, str], gettext: Gettext) -> FoundForm:
    try:
        definition = read_definition(value.get("definition") or {})
    except DefinitionError as error:
        details = tuple(f"{one.path}: {one.said(gettext)}" for one in error.problems)
        raise UnreadableFile(_BROKEN, details) from error
    named = value.get("teams")
    given = named if isinstance(named, dict) else {}
    here = {name: team_id for team_id, name in teams.items()}
    remarks: dict[str, None] = {}

    def rerouted(routing: Routing) -> Routing:
        if routing.team_id is None:
            return routing
        name = str(given.get(str(routing.team_id), routing.team_id))
        if name not in here:
            remarks[gettext(_TEAM) % {"name": name}] = None
        return replace(routing, team_id=here.get(name))

    return FoundForm(str(value.get("title") or "")[:120], with_routings(definition, rerouted), tuple(remarks))


def _foreign(read: Importer, text: str, language: str, gettext: Gettext) -> tuple[FoundForm, ...]:
    try:
        found = read(text, language, gettext)
    except DefinitionError as error:
        raise UnreadableFile(_UNREADABLE, tuple(one.said(gettext) for one in error.problems)) from error
    return tuple(FoundForm(one.title, one.definition, one.remarks) for one in found)
