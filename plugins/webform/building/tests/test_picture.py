"""The picture of a form: what its fields are is seen, nothing sticks out."""

from dataclasses import replace

import pytest

from forms.definitions import ChoiceDefinition, FieldDefinition, Kind, StepDefinition, Width
from plugins.webform.building.picture import Picture, picture_of
from plugins.webform.storing.tests.factories import create_definition


def drawn(*fields: FieldDefinition, title: str = "Write to us") -> Picture:
    return picture_of(create_definition(title, fields))


def looks(picture: Picture) -> list[str]:
    return [one.look for one in picture.shapes]


def test_picture_shows_title_labels_and_button():
    picture = drawn(FieldDefinition("name", Kind.TEXT, {"en": "Name"}, is_required=True))
    assert [one.text for one in picture.shapes if one.text] == ["Write to us", "Name *"]
    assert looks(picture) == ["title", "label", "box", "send", "send-line"]


def test_form_without_a_title_shows_its_name():
    assert picture_of(replace(create_definition(), title={}), title="Shop").shapes[0].text == "Shop"


def test_labels_are_said_in_the_language_that_is_asked_for():
    definition = create_definition(fields=[FieldDefinition("name", Kind.TEXT, {"en": "Name", "el": "Όνομα"})])
    assert picture_of(definition, "el").shapes[1].text == "Όνομα"
    assert picture_of(definition, "pl").shapes[1].text == "Name"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_drawn_inside_the_picture(kind):
    choices = tuple(ChoiceDefinition(f"c{n}", {"en": f"Choice number {n}"}) for n in range(3))
    field = FieldDefinition("one", kind, {"en": "A label that is much longer than there is room for it " * 3})
    picture = drawn(replace(field, choices=choices if kind in (Kind.CHOICE, Kind.CHOICES) else ()))
    for shape in picture.shapes:
        assert shape.x >= 0
        assert shape.x + max(shape.width, len(shape.text) * 4) <= picture.width


def test_hidden_field_is_not_drawn():
    assert looks(drawn(FieldDefinition("plan", Kind.HIDDEN))) == looks(drawn(FieldDefinition("no", Kind.HIDDEN)))
    assert "box" not in looks(drawn(FieldDefinition("plan", Kind.HIDDEN)))


def test_two_fields_of_half_width_stand_side_by_side():
    halves = [FieldDefinition(name, Kind.TEXT, {"en": name}, width=Width.HALF) for name in ("first", "last")]
    first, last = (one for one in drawn(*halves).shapes if one.look == "box")
    assert first.y == last.y
    assert first.x + first.width < last.x


def test_half_field_alone_leaves_room_for_the_next():
    half = FieldDefinition("first", Kind.TEXT, {"en": "First"}, width=Width.HALF)
    whole = FieldDefinition("text", Kind.LONG_TEXT, {"en": "Text"})
    first, second = (one for one in drawn(half, whole).shapes if one.look == "box")
    assert second.y > first.y + first.height


def test_many_choices_are_a_list_few_are_side_by_side():
    def of(count: int) -> list[str]:
        choices = tuple(ChoiceDefinition(f"c{n}", {"en": "One"}) for n in range(count))
        return looks(drawn(FieldDefinition("topic", Kind.CHOICE, {"en": "Topic"}, choices=choices)))

    assert of(3).count("pill") == 3
    assert "pill" not in of(9)


def test_steps_are_counted():
    definition = create_definition()
    three = replace(definition, steps=tuple(replace(definition.steps[0], id=f"s{n}") for n in range(3)))
    assert looks(picture_of(three))[1:4] == ["step-now", "step", "step"]
    assert "step" not in looks(picture_of(replace(definition, steps=(StepDefinition("main", ()),))))
