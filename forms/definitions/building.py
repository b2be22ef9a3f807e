"""The WTForms form of a definition in one language: shown empty, filled with a post, validated, and read as answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import Field

from forms.base import Form, Texts, current_texts
from forms.definitions.answers import Answer, Answers, collect
from forms.definitions.cleaning import region_of
from forms.definitions.conditions import Value, shown_ids
from forms.definitions.fields import LineField, UntouchedField
from forms.definitions.making import AcceptsFile, Circumstances, help_of, make_field
from forms.definitions.rules import Needed
from forms.definitions.types import FieldDefinition, FormDefinition, Kind, StepDefinition, say

__all__ = ["OWN_FIELDS", "SCRIPT_NAMES", "DefinedForm", "ShownField", "ShownStep", "build_form"]

OWN_FIELDS = ("homepage", "token", "page", "context", "signature", "proof")
"""What every form has beside what its definition says; no field may be named so."""
SCRIPT_NAMES = (
    "addEventListener", "constructor", "hasOwnProperty", "isPrototypeOf", "noValidate", "propertyIsEnumerable", "toLocaleString",
    "toString", "valueOf",
)  # fmt: skip
"""What scripts find at every object or form; no field may be named so either, because it would be taken for that."""


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as a page shows it. `field` is the bound WTForms field, None for HEADING and PARAGRAPH; the texts are said in the form's
    language. `needed` says what is missing when a field that must be answered is empty; it is empty itself when the field need not be.
    `is_shown` is what its conditions say about what stands in the form now."""

    definition: FieldDefinition
    field: Any
    label: str
    help: str
    needed: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step with all its fields, also those that are not shown. A step without fields is never shown."""

    definition: StepDefinition
    title: str
    fields: tuple[ShownField, ...]
    is_shown: bool


class DefinedForm(Form):
    """A form that was made from a definition, by `build_form`; its fields stand under their ids: `form["order_number"]`.

    `homepage` is a trap that people do not see. `token`, `page`, `context`, `signature` and `proof` come from the page and are
    taken as they are. A field that is not always shown has no `required` flag, which browsers without a script would insist on.
    """

    homepage = LineField("Leave this field empty")
    token = UntouchedField()
    page = UntouchedField()
    context = UntouchedField()
    signature = UntouchedField()
    proof = UntouchedField()

    def __init__(self, definition: FormDefinition, around: Circumstances, posted: Any, catalogue: Texts | None) -> None:
        super().__init__(meta={"catalogue": catalogue} if catalogue else None)
        self.homepage.label.text = self.homepage.gettext(self.homepage.label.text)
        self.definition, self.around = definition, around
        self.is_valid: bool | None = None
        for step in definition.steps:
            for one in step.fields:
                self._add(one, is_always_shown=not (step.show_if or one.show_if))
        self.process(posted)
        self.shown_ids = shown_ids(definition, {field.name: field.value for field in self._asked()})

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether everything that is shown is answered as it should be. What is not shown is not looked at."""
        extra = extra_validators or {}
        results = [
            field.validate(self, extra.get(name, ()))
            for name, field in self._fields.items()
            if name in self.shown_ids or name in OWN_FIELDS
        ]
        self.is_valid = all(results)
        return self.is_valid

    @property
    def language(self) -> str:
        """The language in which the form speaks."""
        return self.around.language

    @property
    def is_trapped(self) -> bool:
        """True when the field that people do not see was filled in."""
        return bool(self.homepage.data)

    @property
    def problems(self) -> Mapping[str, str]:
        """Field id to the first thing that is wrong with it, in the order of the form."""
        return {name: str(found[0]) for name, found in self.errors.items() if name and found}

    @property
    def uploads(self) -> Mapping[str, Sequence[Any]]:
        """The files of each FILE field that is shown and has some."""
        files = (one for one in self.definition.fields if one.kind is Kind.FILE and one.id in self.shown_ids)
        return {one.id: self[one.id].data for one in files if self[one.id].data}

    @property
    def shown_steps(self) -> tuple[ShownStep, ...]:
        """All steps with all fields, as a page shows them."""
        return tuple(self._shown_step(step) for step in self.definition.steps)

    @property
    def answers(self) -> Answers:
        """What was answered. Raises RuntimeError before `validate` has found nothing wrong."""
        if not self.is_valid:
            raise RuntimeError("a form has answers after it was found valid")
        given = [one for one in self.definition.fields if one.id in self.shown_ids and one.id in self._fields]
        given = [one for one in given if self[one.id].value]
        items = [Answer(one.id, one.kind, self._label(one), self[one.id].shown, one.becomes) for one in given]
        values: dict[str, Value] = {one.id: self[one.id].value for one in given}
        return collect(self.definition, items, values)

    def _add(self, one: FieldDefinition, is_always_shown: bool) -> None:
        """Not as an attribute, as WTForms adds them: a field may have any name, even "validate"."""
        if not one.kind.is_answer:
            return
        translations = self.meta.get_translations(self)
        field = make_field(one, self.around).bind(form=self, name=one.id, translations=translations)
        field.flags.required = bool(field.flags.required) and is_always_shown
        self._fields[one.id] = field

    def _asked(self) -> list[Field]:
        return [field for name, field in self._fields.items() if name not in OWN_FIELDS]

    def _label(self, one: FieldDefinition) -> str:
        return say(one.label, self.around.language, self.around.base) or one.id

    def _needed(self, one: FieldDefinition) -> str:
        field = self._fields.get(one.id)
        rule = next((rule for rule in (field.validators if field else ()) if isinstance(rule, Needed)), None)
        return str(field.gettext(rule.sentence)) if field and rule and rule.is_required else ""

    def _shown_step(self, step: StepDefinition) -> ShownStep:
        fields = tuple(
            ShownField(
                definition=one,
                field=self._fields.get(one.id),
                label=say(one.label, self.around.language, self.around.base),
                help=help_of(one, self.around),
                needed=self._needed(one),
                is_shown=one.id in self.shown_ids,
            )
            for one in step.fields
        )
        title = say(step.title, self.around.language, self.around.base)
        return ShownStep(step, title, fields, bool(fields) and step.id in self.shown_ids)


def build_form(
    definition: FormDefinition,
    language: str,
    posted: Any = None,
    *,
    catalogue: Texts | None = None,
    given: Mapping[str, str] | None = None,
    accepts_file: AcceptsFile | None = None,
    now: datetime | None = None,
) -> DefinedForm:
    """The form in a language, empty or with what was `posted` (a MultiDict: texts and uploads by field id).

    `catalogue` says what the form says by itself; without it the process's own does. `given` are parameters of the page's address, which
    fields that name one begin with. `accepts_file` is asked for each upload. `now` decides what "today" is.
    """
    moment = now or datetime.now(UTC)
    around = Circumstances(
        language=language,
        base=definition.languages[0],
        region=definition.region or region_of(language),
        today=moment.astimezone(ZoneInfo(definition.zone)).date(),
        texts=catalogue or current_texts(),
        given=given or {},
        accepts_file=accepts_file,
    )
    return DefinedForm(definition, around, posted, catalogue)
