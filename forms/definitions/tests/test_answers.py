"""What an accepted post says: labels as shown, and what the conversation gets."""

import pytest
from werkzeug.datastructures import MultiDict

from forms.definitions import Answer, Becomes, Kind, Priority, Routing, build_form
from forms.definitions.answers import merge_routings
from forms.definitions.tests.factories import create_choice, create_definition, create_field, create_file, post


def test_answers_bring_labels_and_texts_as_the_visitor_read_them():
    definition = create_definition(
        create_field("size", kind="choice", label={"en": "Size", "de": "Größe"}),
        create_field("colours", kind="choices", label={"en": "Colours"}),
        create_field("stars", kind="rating"),
        create_field("terms", kind="consent", label={"en": "I agree.", "de": "Ich stimme zu."}),
        create_field("papers", kind="file"),
        create_field("empty"),
        create_field("words", kind="heading"),
        languages=["en", "de"],
    )
    files = [create_file("a.pdf"), create_file("b.pdf")]
    form = post(
        definition,
        language="de-AT",
        size="red",
        colours=["green", "red"],
        stars="4",
        terms="on",
        papers=files,
        words="x",
    )
    assert form.validate(), form.problems
    assert form.answers.items == (
        Answer("size", Kind.CHOICE, "Größe", "(red)"),
        Answer("colours", Kind.CHOICES, "Colours", "(green), (red)"),
        Answer("stars", Kind.RATING, "Stars", "4 / 5"),
        Answer("terms", Kind.CONSENT, "Ich stimme zu.", "Yes"),
        Answer("papers", Kind.FILE, "Papers", "a.pdf, b.pdf"),
    )
    assert form.answers.values["papers"] == ["a.pdf", "b.pdf"]
    assert form.uploads == {"papers": files}


def test_names_of_files_bring_no_folders_and_no_lines():
    form = post(
        create_definition(create_field("papers", kind="file")),
        papers=[create_file(r"C:\me\a.pdf"), create_file("../x\ny/")],
    )
    assert form.validate()
    assert form.answers.values["papers"] == ["a.pdf", "-"]


def test_answers_are_there_only_after_the_form_was_found_valid():
    form = post(create_definition(create_field(is_required=True)))
    with pytest.raises(RuntimeError):
        _ = form.answers
    form.validate()
    with pytest.raises(RuntimeError):
        _ = form.answers


def test_what_is_asked_in_parts_is_joined_and_of_anything_else_the_first_counts():
    definition = create_definition(
        create_field("first", becomes="name"),
        create_field("last", becomes="name"),
        create_field("work", kind="email", becomes="email"),
        create_field("home", kind="email", becomes="email"),
        create_field("what", kind="long_text", becomes="message"),
        create_field("why", kind="long_text", becomes="message"),
    )
    form = post(definition, first="Ada", last="Abel", work="", home="ada@example.com", what="It broke.", why="I fell.")
    assert form.validate()
    assert form.answers.of(Becomes.NAME) == "Ada Abel"
    assert form.answers.of(Becomes.EMAIL) == "ada@example.com"
    assert form.answers.of(Becomes.MESSAGE) == "It broke.\n\nI fell."
    assert form.answers.of(Becomes.COMPANY) == ""


def test_a_chosen_answer_adds_its_routing_to_that_of_the_form():
    choices = [
        create_choice("a", routing={"team_id": 2, "priority": "urgent", "tags": ["a", "shop"]}),
        create_choice("b", routing={"priority": "low", "tags": ["b"]}),
    ]
    definition = create_definition(
        create_field("topics", kind="choices", choices=choices),
        create_field(
            "hidden", kind="choice", choices=choices, show_if={"rules": [{"field": "topics", "test": "is_empty"}]}
        ),
        routing={"team_id": 1, "priority": "normal", "tags": ["shop"]},
    )
    routings = []
    for topics in (["a", "b"], ["b"]):
        form = post(definition, topics=topics, hidden="a")
        assert form.validate()
        routings.append(form.answers.routing)
    assert routings[0] == Routing(2, Priority.URGENT, ("shop", "a", "b"))
    assert routings[1] == Routing(1, Priority.NORMAL, ("shop", "b"))


def test_routings_of_nobody_leave_everything():
    assert merge_routings([]) == Routing()
    assert merge_routings([Routing(3), Routing()]) == Routing(3)


@pytest.mark.parametrize(
    ("pattern", "answers", "subject"),
    [
        ("Order {number}: {topic}", {"number": "7", "topic": "red"}, "Order 7: Red"),
        ("{topic} – {number}", {"topic": "red"}, "Red"),
        ("Order {number}", {"message": "Hello"}, "Hello"),
        ("Always the same", {"message": "Hello"}, "Always the same"),
        ("", {"about": "A lamp", "message": "Hello"}, "A lamp"),
        ("", {"message": "One  two\nthree"}, "One two three"),
        ("", {"message": "word " * 30}, "word " * 15 + "word…"),
        ("", {"message": "x" * 100}, "x" * 80 + "…"),
        ("", {"number": "7"}, ""),
        ("{message}", {"message": "x" * 500}, "x" * 200),
        ("{message}", {"message": "{number} {"}, "{number} {"),
    ],
)
def test_subject_is_made_by_pattern_by_field_or_of_the_first_words(pattern, answers, subject):
    definition = create_definition(
        create_field("topic", kind="choice"),
        create_field("number"),
        create_field("about", becomes="subject"),
        create_field("message", kind="long_text", becomes="message"),
        subject=pattern,
    )
    form = post(definition, **answers)
    assert form.validate()
    assert form.answers.subject == subject


class Greek:
    """The smallest catalogue there is."""

    def gettext(self, text: str) -> str:
        return {"Yes": "Ναι", "Please choose": "Επιλέξτε", "Please tell us your name.": "Γράψτε το όνομά σας."}.get(
            text, text
        )

    def ngettext(self, one: str, many: str, count: int) -> str:
        return "Έως %(count)d." if "at most" in one else one


def test_form_speaks_through_the_catalogue_it_is_given():
    fields = [
        create_field("name", becomes="name", is_required=True),
        create_field("why", maximum="3"),
        create_field("terms", kind="consent"),
        create_field("size", kind="choice", display="list"),
    ]
    definition = create_definition(*fields)
    empty = build_form(definition, "el", catalogue=Greek())
    assert "Επιλέξτε" in empty["size"]()
    form = build_form(definition, "el", MultiDict({"why": "four"}), catalogue=Greek())
    assert not form.validate()
    assert form.problems == {"name": "Γράψτε το όνομά σας.", "why": "Έως 3."}
    form = build_form(definition, "el", MultiDict({"name": "Άδα", "terms": "on"}), catalogue=Greek())
    assert form.validate()
    assert form.answers.items[1].text == "Ναι"
