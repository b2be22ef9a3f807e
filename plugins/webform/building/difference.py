"""What changed between two versions of a form, in words. Pure: texts are said by the `gettext` that is handed in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from forms.definitions import (
    ChoiceDefinition,
    Condition,
    FieldDefinition,
    FormDefinition,
    Routing,
    StepDefinition,
    Test,
    say,
)
from plugins.webform.building.languages import own_name
from plugins.webform.building.words import CHOICE_PARTS, FIELD_PARTS, FORM_PARTS, STEP_PARTS, TESTS, VALUES

__all__ = ["Change", "Detail", "Difference"]

Gettext = Callable[[str], str]
SHOWN = 160
"""So many characters of a text are shown."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One part that is not as it was: `was` and `now` in words, empty where there was or is nothing."""

    part: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is added, removed, moved or changed; `what` names the field, step or the form as its visitors read it."""

    kind: str
    what: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """From one definition to another. `teams` are names by id."""

    old: FormDefinition
    new: FormDefinition
    gettext: Gettext
    teams: Mapping[int, str]

    def changes(self) -> tuple[Change, ...]:
        """In the order of the form: what concerns all of it, its steps, its fields, what was taken out."""
        return (*self._of_form(), *self._of_steps(), *self._of_fields())

    # ---- the three levels
    def _of_form(self) -> Iterator[Change]:
        details = tuple(self._details(self.old, self.new, FORM_PARTS))
        if details:
            yield Change("changed", self.gettext("The form"), details)

    def _of_steps(self) -> Iterator[Change]:
        known = {step.id: step for step in self.old.steps}
        for number, step in enumerate(self.new.steps, 1):
            before = known.pop(step.id, None)
            if before is None:
                yield Change("added", self._step(step, number))
            elif details := tuple(self._details(before, step, STEP_PARTS)):
                yield Change("changed", self._step(step, number), details)
        for step in known.values():
            yield Change("removed", self._step(step, self.old.steps.index(step) + 1))
        if _are_moved([step.id for step in self.old.steps], [step.id for step in self.new.steps]):
            yield Change("moved", self.gettext("The steps"))

    def _of_fields(self) -> Iterator[Change]:
        known = {one.id: one for one in self.old.fields}
        moved = _moved(_places(self.old), _places(self.new))
        for one in self.new.fields:
            before = known.pop(one.id, None)
            if before is None:
                yield Change("added", self._name(one))
                continue
            details = (*self._details(before, one, FIELD_PARTS), *self._choices(before.choices, one.choices))
            if details:
                yield Change("changed", self._name(one), details)
            if one.id in moved:
                yield Change("moved", self._name(one))
        for one in known.values():
            yield Change("removed", self._name(one))

    def _choices(self, old: Sequence[ChoiceDefinition], new: Sequence[ChoiceDefinition]) -> Iterator[Detail]:
        known = {choice.value: choice for choice in old}
        choice_word = self.gettext("Choice")
        for choice in new:
            before = known.pop(choice.value, None)
            name = self._say(choice.label) or choice.value
            if before is None:
                yield Detail(choice_word, "", name)
                continue
            for detail in self._details(before, choice, CHOICE_PARTS):
                yield Detail(f"{choice_word} “{name}”, {detail.part}", detail.was, detail.now)
        for choice in known.values():
            yield Detail(choice_word, self._say(choice.label) or choice.value, "")
        if _are_moved([one.value for one in old], [one.value for one in new]):
            names = [", ".join(self._say(one.label) or one.value for one in side) for side in (old, new)]
            yield Detail(self.gettext("Order of the choices"), _short(names[0]), _short(names[1]))

    # ---- parts
    def _details(self, old: Any, new: Any, parts: Mapping[str, str]) -> Iterator[Detail]:
        for name, words in parts.items():
            was, now = getattr(old, name), getattr(new, name)
            if was == now:
                continue
            if isinstance(was, Mapping):
                yield from self._texts(self.gettext(words), was, now)
            else:
                yield Detail(self.gettext(words), self._in_words(self.old, was), self._in_words(self.new, now))

    def _texts(self, part: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Detail]:
        for language in dict.fromkeys((*was, *now)):
            before, after = was.get(language, ""), now.get(language, "")
            if before != after:
                is_alone = len(self.old.languages) == len(self.new.languages) == 1
                named = part if is_alone else f"{part} ({own_name(language)})"
                yield Detail(named, _short(before), _short(after))

    def _in_words(self, form: FormDefinition, value: Any) -> str:
        if isinstance(value, bool):
            return self.gettext("yes") if value else self.gettext("no")
        if isinstance(value, StrEnum):
            return self.gettext(VALUES.get(value, str(value)))
        if isinstance(value, Condition):
            return self._condition(form, value)
        if isinstance(value, Routing):
            return self._routing(value)
        if isinstance(value, tuple):
            return ", ".join(map(str, value))
        return "" if value is None else _short(str(value))

    def _condition(self, form: FormDefinition, condition: Condition) -> str:
        sentences = []
        for rule in condition.rules:
            asked = form.field_named(rule.field_id)
            choices = {one.value: self._say(one.label) for one in asked.choices} if asked else {}
            words = {
                "field": self._name(asked) if asked else rule.field_id,
                "value": choices.get(rule.value, rule.value),
            }
            sentences.append(self.gettext(TESTS[Test(rule.test)]) % words)
        return f" {self.gettext(VALUES[condition.match])} ".join(sentences)

    def _routing(self, routing: Routing) -> str:
        words = []
        if routing.team_id is not None:
            words.append(self.gettext("team %(name)s") % {"name": self.teams.get(routing.team_id, routing.team_id)})
        if routing.priority is not None:
            words.append(self.gettext("priority %(name)s") % {"name": self.gettext(VALUES[routing.priority])})
        if routing.tags:
            words.append(self.gettext("tags %(names)s") % {"names": ", ".join(routing.tags)})
        return ", ".join(words)

    # ---- names
    def _name(self, one: FieldDefinition) -> str:
        return _short(self._say(one.label) or one.id)

    def _step(self, step: StepDefinition, number: int) -> str:
        title = self._say(step.title)
        words = self.gettext("Step %(number)s") % {"number": number}
        return f"{words}: {title}" if title else words

    def _say(self, text: Mapping[str, str]) -> str:
        return say(text, self.new.languages[0], self.new.languages[0])


def _places(definition: FormDefinition) -> list[tuple[str, str]]:
    return [(one.id, step.id) for step in definition.steps for one in step.fields]


def _moved(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The ids of the few that stand elsewhere, so that the others have kept their order."""
    stay = {name for name, _ in old} & {name for name, _ in new}
    before, after = [place for place in old if place[0] in stay], [place for place in new if place[0] in stay]
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {name for block in blocks for name, _ in after[block.b : block.b + block.size]}
    return frozenset(stay - kept)


def _are_moved(old: Sequence[str], new: Sequence[str]) -> bool:
    stay = set(old) & set(new)
    return [one for one in old if one in stay] != [one for one in new if one in stay]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1].rstrip() + "…"
