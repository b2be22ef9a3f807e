"""All the places in a form that say where conversations go, looked at and changed together."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from forms.definitions import FormDefinition, Routing

__all__ = ["routings_of", "with_routings", "without_lost_teams"]


def routings_of(definition: FormDefinition) -> list[Routing]:
    """The form's own and those of its choices."""
    return [definition.routing, *(choice.routing for one in definition.fields for choice in one.choices)]


def with_routings(definition: FormDefinition, change: Callable[[Routing], Routing]) -> FormDefinition:
    """The same form with each of them changed."""

    def changed(one: Any) -> Any:
        return replace(one, routing=change(one.routing))

    steps = tuple(
        replace(step, fields=tuple(replace(one, choices=tuple(map(changed, one.choices))) for one in step.fields))
        for step in definition.steps
    )
    return replace(changed(definition), steps=steps)


def without_lost_teams(definition: FormDefinition, teams: Collection[int]) -> FormDefinition:
    """The same form, leaving it to the account where a team is none of `teams`."""
    return with_routings(
        definition, lambda one: one if one.team_id is None or one.team_id in teams else replace(one, team_id=None)
    )
