"""What a test types is what the form accepts, for every kind of field."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from forms.definitions import (
    Becomes,
    ChoiceDefinition,
    FieldDefinition,
    FormDefinition,
    Kind,
    StepDefinition,
    build_form,
)
from plugins.webform.checking.answers import NoExample, Sender, answers_for
from plugins.webform.guarding.files import refusal

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ADA = Sender("Ada Abel", "ada@example.com", "Test", "This is a test of the form.")
CHOICES = tuple(ChoiceDefinition(one, {"en": one}) for one in ("a", "b", "c"))


def create_definition(*fields: FieldDefinition) -> FormDefinition:
    return FormDefinition(languages=("en",), steps=(StepDefinition("one", fields),))


def field(kind: Kind, **more: object) -> FieldDefinition:
    return FieldDefinition("it", kind, {"en": "It"}, is_required=True, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "asked",
    [
        field(Kind.TEXT, becomes=Becomes.NAME),
        field(Kind.TEXT),
        field(Kind.TEXT, minimum="40", maximum="45"),
        field(Kind.TEXT, maximum="3"),
        field(Kind.TEXT, pattern="[A-Z]{2}-\\d{4}"),
        field(Kind.TEXT, pattern="\\p{Lu}\\d", placeholder={"en": "Ä7"}),
        field(Kind.LONG_TEXT, becomes=Becomes.MESSAGE, minimum="200"),
        field(Kind.EMAIL, becomes=Becomes.EMAIL),
        field(Kind.EMAIL),
        field(Kind.PHONE),
        field(Kind.NUMBER),
        field(Kind.NUMBER, minimum="12.5", maximum="13"),
        field(Kind.NUMBER, maximum="-3"),
        field(Kind.CHOICE, choices=CHOICES),
        field(Kind.CHOICES, choices=CHOICES, minimum="2"),
        field(Kind.DATE),
        field(Kind.DATE, minimum="today+3"),
        field(Kind.DATE, maximum="2020-01-01"),
        field(Kind.RATING),
        field(Kind.CONSENT),
        field(Kind.FILE),
        *(field(Kind.FILE, accepts=(one,)) for one in ("image", "pdf", "document", "archive", "audio", "video")),
    ],
    ids=lambda one: f"{one.kind}-{one.pattern}{one.minimum}{one.maximum}{''.join(one.accepts)}",
)
def test_each_kind_of_field_gets_an_answer_that_it_accepts(asked):
    definition = create_definition(asked)
    answers = answers_for(definition, ADA, NOW.date())
    posted = MultiDict(
        [(name, one) for name, v in answers.values.items() for one in ([v] if isinstance(v, str) else v)]
        + [(name, FileStorage(BytesIO(data), file, name, kind)) for name, file, kind, data in answers.files]
    )
    form = build_form(definition, "en", posted, accepts_file=refusal, now=NOW)
    assert form.validate(), form.problems


def test_what_becomes_something_is_the_senders_own():
    definition = create_definition(
        FieldDefinition("n", Kind.TEXT, becomes=Becomes.NAME),
        FieldDefinition("e", Kind.EMAIL, becomes=Becomes.EMAIL),
        FieldDefinition("s", Kind.TEXT, becomes=Becomes.SUBJECT),
        FieldDefinition("m", Kind.LONG_TEXT, becomes=Becomes.MESSAGE),
    )
    own = {"n": ADA.name, "e": ADA.email, "s": ADA.subject, "m": ADA.text}
    assert answers_for(definition, ADA, NOW.date()).values == own


def test_a_pattern_without_an_example_is_left_empty_or_named():
    pattern = "(?=.*\\d)(?=.*[a-z]).{8}"
    free = FieldDefinition("it", Kind.TEXT, {"en": "Code"}, pattern=pattern)
    assert answers_for(create_definition(free), ADA, NOW.date()).values == {}
    with pytest.raises(NoExample) as found:
        answers_for(create_definition(field(Kind.TEXT, pattern=pattern)), ADA, NOW.date())
    assert found.value.label == "It"


def test_files_are_sent_only_where_they_must_be():
    assert answers_for(create_definition(FieldDefinition("f", Kind.FILE)), ADA, NOW.date()).files == ()
