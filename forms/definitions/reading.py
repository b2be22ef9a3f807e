"""From JSON to a definition. Everything that is wrong is found at once; what the values must fit to stands in `checking`."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forms.base import translatable
from forms.definitions.checking import check
from forms.definitions.limits import (
    MAX_CHOICES,
    MAX_DEFINITION,
    MAX_FIELDS,
    MAX_HELP,
    MAX_HOURS,
    MAX_HOURS_TO_ANSWER,
    MAX_LABEL,
    MAX_LANGUAGES,
    MAX_MEGABYTES,
    MAX_PARAGRAPH,
    MAX_RULES,
    MAX_STEPS,
    MAX_TAG,
    MAX_TAGS,
    MAX_TEXT,
    MAX_URL,
    MAX_VALUE,
    MOST_FILES,
)
from forms.definitions.parts import Part
from forms.definitions.patterns import MAX_PATTERN
from forms.definitions.problems import DefinitionError, Problem
from forms.definitions.types import (
    SCHEMA,
    Becomes,
    ChoiceDefinition,
    Condition,
    ConditionRule,
    Display,
    FieldDefinition,
    FormDefinition,
    Kind,
    Match,
    Priority,
    Routing,
    StepDefinition,
    Test,
    Width,
)

__all__ = ["APPLIES_TO", "parse_definition", "read_definition"]

_TYPED = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE})
_OFFERED = frozenset({Kind.CHOICE, Kind.CHOICES})
_ASKED = frozenset(kind for kind in Kind if kind.is_asked)
_ANSWERS = frozenset(kind for kind in Kind if kind.is_answer)
APPLIES_TO: Mapping[str, frozenset[Kind]] = {
    "placeholder": _TYPED | {Kind.NUMBER, Kind.CHOICE},
    "help": _ASKED,
    "is_required": _ASKED,
    "becomes": _ANSWERS,
    "minimum": frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.NUMBER, Kind.CHOICES, Kind.DATE}),
    "maximum": frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.NUMBER, Kind.CHOICES, Kind.DATE, Kind.RATING}),
    "pattern": _TYPED,
    "pattern_hint": _TYPED,
    "default": _ANSWERS - {Kind.CONSENT, Kind.FILE},
    "parameter": _ANSWERS - {Kind.CONSENT, Kind.FILE},
    "choices": _OFFERED,
    "display": frozenset({Kind.CHOICE}),
    "max_files": frozenset({Kind.FILE}),
    "max_megabytes": frozenset({Kind.FILE}),
    "accepts": frozenset({Kind.FILE}),
}
"""Which kinds have a use for an attribute of fields; every kind has for one that is not named. What others bring of it is left out."""


def parse_definition(text: str | bytes) -> FormDefinition:
    """The definition that a JSON text holds. Raises `DefinitionError`."""
    if len(text) > 4 * MAX_DEFINITION:
        raise DefinitionError((_too_large(),))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DefinitionError((Problem("", translatable("This is no JSON that can be read.")),)) from error
    return read_definition(data)


def read_definition(data: Mapping[str, Any]) -> FormDefinition:
    """The definition that JSON holds. Raises `DefinitionError` with all that is wrong."""
    problems: list[Problem] = []
    if _size(data) > MAX_DEFINITION:
        raise DefinitionError((_too_large(),))
    definition = _form(Part(data, "", problems))
    checked = check(definition)
    if problems or checked:
        unread = {one.path for one in problems}
        raise DefinitionError((*problems, *(one for one in checked if one.path not in unread)))
    return definition


def _size(data: object) -> int:
    try:
        return len(json.dumps(data))
    except (TypeError, ValueError, RecursionError):
        return MAX_DEFINITION + 1


def _too_large() -> Problem:
    text = translatable("The form is too large: its definition can have at most %(most)s characters.")
    return Problem("", text, {"most": str(MAX_DEFINITION)})


def _form(part: Part) -> FormDefinition:
    schema = part.number("schema", SCHEMA, 0, 1_000_000)
    if schema != SCHEMA:
        part.refuse("schema", translatable("This was written by another version of Tidings."))
    definition = FormDefinition(
        languages=part.texts("languages", MAX_LANGUAGES, 35),
        steps=tuple(map(_step, part.parts("steps", MAX_STEPS))),
        title=part.said("title", MAX_LABEL),
        intro=part.said("intro", MAX_PARAGRAPH),
        send_label=part.said("send_label", MAX_VALUE),
        thanks=part.said("thanks", MAX_PARAGRAPH),
        redirect=part.text("redirect", MAX_URL),
        sends_confirmation=part.flag("sends_confirmation", True),
        confirmation=part.said("confirmation", MAX_PARAGRAPH),
        subject=part.text("subject", MAX_LABEL),
        routing=_routing(part.part("routing")),
        hours=part.text("hours", MAX_HOURS),
        zone=part.text("zone", MAX_VALUE, "UTC"),
        region=part.text("region", 2),
        answers_within_h=part.number("answers_within_h", 0, 0, MAX_HOURS_TO_ANSWER),
        accent=part.text("accent", 7),
        theme=part.text("theme", 10, "auto"),
    )
    part.close()
    return definition


def _step(part: Part) -> StepDefinition:
    step = StepDefinition(
        id=part.text("id", MAX_LABEL),
        fields=tuple(map(_field, part.parts("fields", MAX_FIELDS))),
        title=part.said("title", MAX_LABEL),
        show_if=_condition(part.part("show_if")),
    )
    part.close()
    return step


def _field(part: Part) -> FieldDefinition:
    field = FieldDefinition(
        id=part.text("id", MAX_LABEL),
        kind=part.one_of("kind", Kind) or Kind.TEXT,
        label=part.said("label", MAX_PARAGRAPH),
        help=part.said("help", MAX_HELP),
        placeholder=part.said("placeholder", MAX_LABEL),
        is_required=part.flag("is_required", False),
        becomes=part.one_of("becomes", Becomes, Becomes.FACT) or Becomes.FACT,
        width=part.one_of("width", Width, Width.FULL) or Width.FULL,
        show_if=_condition(part.part("show_if")),
        minimum=part.text("minimum", MAX_VALUE),
        maximum=part.text("maximum", MAX_VALUE),
        pattern=part.text("pattern", MAX_PATTERN),
        pattern_hint=part.said("pattern_hint", MAX_LABEL),
        default=part.text("default", MAX_TEXT),
        parameter=part.text("parameter", MAX_VALUE),
        choices=tuple(map(_choice, part.parts("choices", MAX_CHOICES))),
        display=part.one_of("display", Display, Display.AUTO) or Display.AUTO,
        max_files=part.number("max_files", 5, 1, MOST_FILES),
        max_megabytes=part.number("max_megabytes", 10, 1, MAX_MEGABYTES),
        accepts=part.texts("accepts", MAX_TAGS, MAX_VALUE),
    )
    part.close()
    return _without_useless(field)


def _without_useless(field: FieldDefinition) -> FieldDefinition:
    plain = FieldDefinition(field.id, field.kind)
    useless = [name for name, kinds in APPLIES_TO.items() if field.kind not in kinds]
    return replace(field, **{name: getattr(plain, name) for name in useless})


def _choice(part: Part) -> ChoiceDefinition:
    choice = ChoiceDefinition(
        value=part.text("value", MAX_VALUE),
        label=part.said("label", MAX_LABEL),
        routing=_routing(part.part("routing")),
    )
    part.close()
    return choice


def _routing(part: Part | None) -> Routing:
    if part is None:
        return Routing()
    routing = Routing(
        team_id=part.number("team_id", 0, 1, 2**31 - 1) if part.has("team_id") else None,
        priority=part.one_of("priority", Priority) if part.has("priority") else None,
        tags=part.texts("tags", MAX_TAGS, MAX_TAG),
    )
    part.close("team_id", "priority")
    return routing


def _condition(part: Part | None) -> Condition | None:
    if part is None:
        return None
    match = part.one_of("match", Match, Match.ALL) or Match.ALL
    rules = tuple(map(_rule, part.parts("rules", MAX_RULES)))
    part.close()
    return Condition(rules, match) if rules else None


def _rule(part: Part) -> ConditionRule:
    test = part.one_of("test", Test, Test.IS) or Test.IS
    value = part.text("value", MAX_LABEL)
    rule = ConditionRule(part.text("field", MAX_LABEL), test, "" if test in (Test.IS_FILLED, Test.IS_EMPTY) else value)
    part.close()
    return rule
