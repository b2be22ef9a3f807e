"""The forms to begin with can be used as they are."""

import pytest

from forms.definitions import (
    Becomes,
    FormDefinition,
    build_form,
    make_template,
    read_definition,
    template_names,
    write_definition,
)
from forms.definitions.tests.factories import NOW, create_file, post

LANGUAGES = ("de", "en")
PERSON = {"name": "Ada Abel", "email": "ada@example.com", "message": "Please help."}
GOOD = {
    "contact": PERSON,
    "support": PERSON | {"topic": "return", "order_number": "A-7", "pictures": [create_file("lamp.png")]},
    "bug_report": PERSON | {"summary": "It stops", "severity": "blocked"},
    "feedback": {"rating": "2", "topics": ["price", "website"], "reason": "Too slow"},
    "callback": {"name": "Ada Abel", "phone": "030 123456", "day": "2026-03-09", "time": "evening"},
    "job_application": PERSON | {"position": "Baker", "link": "https://ada.example", "documents": [create_file("cv.pdf")], "privacy": "on"},
}  # fmt: skip


def create_template(name: str) -> FormDefinition:
    return make_template(name, LANGUAGES, lambda text, language: f"{language} {text}")


def test_there_are_the_six_forms_that_businesses_need_most():
    assert template_names() == ("contact", "support", "bug_report", "feedback", "callback", "job_application")


@pytest.mark.parametrize("name", template_names())
def test_a_template_is_a_definition_without_problems(name):
    template = create_template(name)
    assert read_definition(write_definition(template)) == template


@pytest.mark.parametrize("name", template_names())
def test_a_template_says_everything_in_each_language(name):
    template = create_template(name)
    texts = [template.title, *(one.label for one in template.fields), *(step.title for step in template.steps)]
    texts += [choice.label for one in template.fields for choice in one.choices]
    assert all(set(text) == set(LANGUAGES) for text in texts if text)
    assert build_form(template, "de").shown_steps[0].fields[0].label.startswith("de ")


@pytest.mark.parametrize("name", template_names())
def test_a_template_takes_an_ordinary_answer_and_makes_a_subject_of_it(name):
    form = post(create_template(name), language="de", **GOOD[name])
    assert form.validate(), form.problems
    assert set(form.answers.values) == set(GOOD[name])
    assert form.answers.subject or name == "feedback"


@pytest.mark.parametrize("name", template_names())
def test_a_template_asks_for_something(name):
    assert not post(create_template(name)).validate()


def test_a_template_asks_for_an_address_only_when_an_answer_is_wanted():
    feedback = create_template("feedback")
    assert post(feedback, rating="5").validate()
    assert list(post(feedback, rating="5", wants_answer="on").problems) == []
    form = post(feedback, rating="5", wants_answer="on")
    assert not form.validate()
    assert list(form.problems) == ["email"]


def test_a_template_puts_what_was_chosen_into_subject_tags_and_priority():
    support = post(create_template("support"), **GOOD["support"])
    assert support.validate()
    assert support.answers.subject == "en Return or exchange – A-7"
    assert support.answers.routing.tags == ("support", "return")
    bug = post(create_template("bug_report"), **GOOD["bug_report"])
    assert bug.validate()
    assert (bug.answers.routing.priority, bug.answers.subject) == ("urgent", "It stops")
    callback = post(create_template("callback"), language="de", **GOOD["callback"])
    assert callback.validate()
    assert callback.answers.of(Becomes.PHONE) == "+49 30 123456"


def test_a_template_refuses_a_day_that_has_passed():
    callback = create_template("callback")
    form = post(callback, language="de", **GOOD["callback"] | {"day": "2026-02-28"})
    assert not form.validate()
    assert form.problems == {"day": "Please choose 2026-03-01 or later."}
    assert build_form(callback, "en", now=NOW)["day"].flags.max == "2026-03-31"
