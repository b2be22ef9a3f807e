"""Whatever a definition is, it survives being written and read; whatever is posted, a form answers without failing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from forms.definitions import (
    DefinitionError,
    Kind,
    Test,
    build_form,
    parse_definition,
    read_definition,
    script_facts,
    write_definition,
)
from forms.definitions.tests.factories import NOW, create_field, create_file, create_json

FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LANGUAGES = ("en", "de", "pt-BR")
KEYS = ("languages", "steps", "fields", "id", "kind", "label", "choices", "show_if", "rules", "routing", "title")

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).map(
    lambda text: f"w{text}"
)
said = st.dictionaries(st.sampled_from(LANGUAGES), words, min_size=1)
routings = st.fixed_dictionaries(
    {},
    optional={
        "team_id": st.integers(1, 99),
        "priority": st.sampled_from(["low", "normal", "high", "urgent"]),
        "tags": st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1),
    },
)
choices = st.lists(st.sampled_from("abcdef"), min_size=1, unique=True).flatmap(
    lambda values: st.tuples(
        *(st.fixed_dictionaries({"value": st.just(value), "label": said, "routing": routings}) for value in values)
    )
)
answers = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["a", "b", "yes", "7", "2030-01-01", "ada@example.com", "+49 30 123456", "\x00", "\n", "5" * 50]),
    st.builds(lambda: create_file("a.pdf")),
)


@st.composite
def fields(draw: st.DrawFn, number: int, before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A field with conditions on those before it that are typed into or unseen, where any test will do."""
    kind = draw(st.sampled_from(list(Kind)))
    field: dict[str, Any] = {
        "id": f"f{number}",
        "kind": str(kind),
        "label": draw(said),
        "is_required": draw(st.booleans()),
    }
    field["help"] = draw(st.one_of(st.just({}), said))
    field["width"] = draw(st.sampled_from(["full", "half"]))
    if kind in (Kind.CHOICE, Kind.CHOICES):
        field["choices"] = list(draw(choices))
    if kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.NUMBER):
        field |= {"minimum": str(draw(st.integers(0, 5))), "maximum": str(draw(st.integers(5, 100)))}
    if kind is Kind.TEXT:
        field["pattern"] = draw(st.sampled_from(["", "[a-z]*", r"\d+|x", "(a|b)*c?"]))
    known = [one["id"] for one in before if one["kind"] in ("text", "hidden", "email")]
    if known and draw(st.booleans()):
        field["show_if"] = {"match": draw(st.sampled_from(["all", "any"])), "rules": [draw(rules(known))]}
    return field


@st.composite
def rules(draw: st.DrawFn, known: Sequence[str]) -> dict[str, str]:
    test = draw(st.sampled_from(list(Test)))
    return {
        "field": draw(st.sampled_from(known)),
        "test": str(test),
        "value": draw(st.sampled_from(["7", "2030-01-01"])),
    }


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    drawn: list[dict[str, Any]] = [create_field("f0")]
    for number in range(1, draw(st.integers(1, 8))):
        drawn.append(draw(fields(number, drawn)))
    cut = draw(st.integers(0, len(drawn)))
    steps = [{"id": "one", "fields": drawn[:cut]}, {"id": "two", "fields": drawn[cut:], "title": draw(said)}]
    more = {
        "title": draw(said),
        "routing": draw(routings),
        "subject": draw(st.sampled_from(["", "{f0}", "Order {f0}!"])),
    }
    return {"languages": list(LANGUAGES), "steps": steps, **more}


@FEW
@given(definitions())
def test_a_definition_is_the_same_after_it_was_written_and_read(data):
    definition = read_definition(data)
    written = write_definition(definition)
    assert parse_definition(json.dumps(written)) == definition
    assert write_definition(parse_definition(json.dumps(written))) == written


@FEW
@given(definitions(), st.data())
def test_a_form_answers_whatever_is_posted(data, more):
    definition = read_definition(data)
    names = [one.id for one in definition.fields] + ["token", "homepage", "context"]
    posted = MultiDict(more.draw(st.lists(st.tuples(st.sampled_from(names), answers), max_size=20)))
    form = build_form(definition, more.draw(st.sampled_from([*LANGUAGES, "de-AT", "xx"])), posted, now=NOW)
    assert form.validate() == (not form.problems)
    assert set(form.problems) <= form.shown_ids
    if form.is_valid:
        values = form.answers.values
        assert set(values) <= form.shown_ids
        assert [item.field_id for item in form.answers.items] == list(values)
        assert all(item.text and item.label for item in form.answers.items)
        assert not any(isinstance(value, FileStorage) for value in values.values())
        json.dumps(dict(values))
    html = "".join(str(one.field) for step in form.shown_steps for one in step.fields if one.field)
    assert "<script" not in html.lower()
    json.dumps(script_facts(definition, form.language))


@FEW
@given(definitions(), st.data())
def test_what_was_kept_is_kept_the_same_when_it_is_posted_again(data, more):
    definition = read_definition(data)
    names = [one.id for one in definition.fields if one.kind is not Kind.FILE]
    posted = MultiDict(more.draw(st.lists(st.tuples(st.sampled_from(names), answers), max_size=20)))
    first = build_form(definition, "en", posted, now=NOW)
    if not first.validate():
        return
    kept: MultiDict[str, Any] = MultiDict()
    for name, value in first.answers.values.items():
        kept.setlist(name, [value] if isinstance(value, str) else list(value))
    again = build_form(definition, "en", kept, now=NOW)
    assert again.validate(), again.problems
    assert again.answers == first.answers


def is_read_or_refused(data: Any) -> bool:
    try:
        read_definition(data)
    except DefinitionError as error:
        return bool(error.problems)
    return True


@FEW
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(KEYS),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_reader_says_what_is_wrong_with_any_json_and_never_fails_otherwise(data):
    for whole in (
        data,
        {"languages": ["en"], "steps": data},
        {"languages": data, **create_json(create_field()), "title": data},
    ):
        assert is_read_or_refused(whole)
