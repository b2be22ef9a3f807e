"""The plain form asks for everything a form asks, in markup that any browser understands."""

from html.parser import HTMLParser

import pytest

from forms.definitions import (
    Becomes,
    ChoiceDefinition,
    Condition,
    ConditionRule,
    FieldDefinition,
    FormDefinition,
    Kind,
    StepDefinition,
)
from plugins.webform.sharing.plain_html import plain_form

POST = "https://inbox.example.com/plugins/webform/f/k/post"
CHOICES = (
    ChoiceDefinition("order", {"en": "Order & delivery", "de": "Bestellung"}),
    ChoiceDefinition("other", {"en": "Other"}),
)
FIELDS = (
    FieldDefinition("head", Kind.HEADING, {"en": "About <you>"}),
    FieldDefinition("say", Kind.PARAGRAPH, {"en": "We answer soon."}),
    FieldDefinition("name", Kind.TEXT, {"en": "Name", "de": "Name (voll)"}, is_required=True, becomes=Becomes.NAME, maximum="100"),
    FieldDefinition("email", Kind.EMAIL, {"en": "E-mail"}, is_required=True, becomes=Becomes.EMAIL),
    FieldDefinition("phone", Kind.PHONE, {"en": "Phone"}, becomes=Becomes.PHONE),
    FieldDefinition("count", Kind.NUMBER, {"en": "How many"}, minimum="1", maximum="9"),
    FieldDefinition("day", Kind.DATE, {"en": "Day"}, minimum="2026-01-01", maximum="today+14"),
    FieldDefinition("topic", Kind.CHOICE, {"en": "Topic"}, choices=CHOICES, is_required=True, default="other"),
    FieldDefinition("wants", Kind.CHOICES, {"en": "Wants"}, choices=CHOICES),
    FieldDefinition("stars", Kind.RATING, {"en": "Stars"}, maximum="3"),
    FieldDefinition("order", Kind.TEXT, {"en": "Order"}, is_required=True, show_if=Condition((ConditionRule("topic", value="order"),))),
    FieldDefinition("message", Kind.LONG_TEXT, {"en": "Message"}, placeholder={"en": 'Say "it"'}, becomes=Becomes.MESSAGE),
    FieldDefinition("files", Kind.FILE, {"en": "Files"}, accepts=("image", "pdf")),
    FieldDefinition("agree", Kind.CONSENT, {"en": "I agree"}, is_required=True),
    FieldDefinition("source", Kind.HIDDEN, default="shop"),
)  # fmt: skip


class Controls(HTMLParser):
    """Everything with a name, in its order, and whether all tags are closed."""

    VOID = ("input", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.named: list[tuple[str, dict[str, str | None]]] = []
        self.form: dict[str, str | None] = {}
        self.options: list[dict[str, str | None]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "form":
            self.form = found
        elif tag == "option":
            self.options.append(found)
        elif "name" in found:
            self.named.append((tag, found))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def of(self, name: str) -> dict[str, str | None]:
        return next(found for _, found in self.named if found["name"] == name)


def create_definition(*fields: FieldDefinition) -> FormDefinition:
    return FormDefinition(languages=("en", "de"), steps=(StepDefinition("one", fields or FIELDS),))


def html_of(definition: FormDefinition, language: str = "en") -> str:
    return plain_form(definition, POST, language, send="Send", trap="Leave this empty")


@pytest.fixture(scope="module")
def controls() -> Controls:
    return Controls(html_of(create_definition()))


def test_every_field_is_posted_under_its_id_and_the_trap_too(controls):
    names = dict.fromkeys(found["name"] for _, found in controls.named)
    assert list(names) == [f.id for f in FIELDS if f.kind.is_answer] + ["homepage"]
    assert controls.form["action"] == POST
    assert controls.form["method"] == "post"
    assert controls.form["enctype"] == "multipart/form-data"


def test_what_a_browser_can_check_is_in_the_markup(controls):
    assert controls.of("name")["maxlength"] == "100"
    assert controls.of("email")["type"] == "email"
    assert "required" in controls.of("email")
    assert "required" not in controls.of("phone")
    assert (controls.of("count")["min"], controls.of("count")["max"]) == ("1", "9")
    assert controls.of("day")["min"] == "2026-01-01"
    assert "max" not in controls.of("day")
    assert "required" in controls.of("agree")
    assert controls.of("files")["accept"] == "image/*,application/pdf"


def test_a_field_that_may_not_be_shown_is_never_required(controls):
    assert "required" not in controls.of("order")


def test_choices_ratings_and_hidden_values_are_those_of_the_definition(controls):
    assert [one["value"] for one in controls.options] == ["", "order", "other"]
    assert "selected" in controls.options[2]
    assert [f["value"] for _, f in controls.named if f["name"] == "wants"] == ["order", "other"]
    assert [f["value"] for _, f in controls.named if f["name"] == "stars"] == ["1", "2", "3"]
    assert controls.of("source")["value"] == "shop"


def test_texts_are_escaped_and_in_the_language_that_was_asked_for():
    english, german = html_of(create_definition()), html_of(create_definition(), "de")
    assert "About &lt;you&gt;" in english
    assert "Order &amp; delivery" in english
    assert 'placeholder="Say &quot;it&quot;"' in english
    assert "Name (voll)" in german
    assert "Bestellung" in german
    assert "Message" in german


def test_steps_are_field_sets_with_their_titles():
    definition = FormDefinition(
        languages=("en",),
        steps=(StepDefinition("a", FIELDS[2:4], {"en": "You"}), StepDefinition("b", FIELDS[11:12], {"en": "It"})),
    )
    html = html_of(definition)
    assert Controls(html).form["method"] == "post"
    assert html.index("<legend>You</legend>") < html.index("<legend>It</legend>")
    assert "enctype" not in html
