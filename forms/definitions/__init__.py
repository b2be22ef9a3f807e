"""The engine of forms: definitions as validated JSON, the WTForms form made from one, and what its answers mean. Asks no database."""

from forms.definitions.answers import Answer, Answers
from forms.definitions.building import DefinedForm, ShownField, ShownStep, build_form
from forms.definitions.cleaning import clean_text
from forms.definitions.importing import Imported, import_contact_form_7, import_gravity
from forms.definitions.making import display_of, highest_rating
from forms.definitions.problems import DefinitionError, Problem
from forms.definitions.reading import parse_definition, read_definition
from forms.definitions.templates import make_template, template_names
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
    Text,
    Width,
    say,
)
from forms.definitions.writing import script_facts, write_definition

__all__ = [
    "SCHEMA",
    "Answer",
    "Answers",
    "Becomes",
    "ChoiceDefinition",
    "Condition",
    "ConditionRule",
    "DefinedForm",
    "DefinitionError",
    "Display",
    "FieldDefinition",
    "FormDefinition",
    "Imported",
    "Kind",
    "Match",
    "Priority",
    "Problem",
    "Routing",
    "ShownField",
    "ShownStep",
    "StepDefinition",
    "Test",
    "Text",
    "Width",
    "build_form",
    "clean_text",
    "display_of",
    "highest_rating",
    "import_contact_form_7",
    "import_gravity",
    "make_template",
    "parse_definition",
    "read_definition",
    "say",
    "script_facts",
    "template_names",
    "write_definition",
]
