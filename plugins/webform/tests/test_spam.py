"""Content rules: what is kept in Spam and what never is."""

from dataclasses import replace

import pytest

from plugins.webform.spam import reasons_for_spam
from plugins.webform.tests.factories import create_submission
from plugins.webform.translate import message_of
from tidings import InboundMessage

GENUINE = (
    "Where is my order 4711? I ordered on Monday.",
    "Hello,\nthe page https://shop.test/boots shows a price of 12 €, but https://shop.test/cart shows 15 €. Which one is right?",
    "Τι ώρα ανοίγετε το Σάββατο;",
    "Здравствуйте! Когда придёт мой заказ?",
    "هل لديكم هذا المقاس؟",
    "HELP!!! MY PARCEL IS BROKEN",
    "Do you know anybody who offers SEO services? You helped us with our online shop before.",
    "I see three faults: http://a.test/1 http://a.test/2 http://a.test/3 and would like my money back.",
    "Please unsubscribe me.",
    "https://shop.test/boots – do you have it in 42?",
    "ok",
)
SPAM = {
    "links": "Buy http://a.test http://b.test http://c.test http://d.test http://e.test today",
    "code": "Great prices [url=http://a.test]here[/url]",
    "anchor": 'Look <a href="http://a.test">here</a>',
    "only a link": "http://win.test/abc",
    "pitch": "We offer backlinks and SEO services so that you reach the first page of Google.",
    "pitch with link": "Guest post on sites with high domain authority: http://a.test",
}


def create_message(text: str, **changes: object) -> InboundMessage:
    values = {"name": "Ada Abel", "email": "ada@example.com", "subject": "A question", "message": text}
    return message_of(create_submission(values={**values, **changes}))


@pytest.mark.parametrize("text", GENUINE)
def test_rules_leave_genuine_messages_alone(text):
    assert reasons_for_spam(create_message(text)) == ()


@pytest.mark.parametrize("text", SPAM.values(), ids=SPAM.keys())
def test_rules_keep_known_shapes_in_spam(text):
    assert reasons_for_spam(create_message(text))


@pytest.mark.parametrize("name", ["WIN https://a.test", "www.a.test"])
def test_rules_keep_a_link_in_the_name_in_spam(name):
    assert reasons_for_spam(create_message("hello", name=name)) == ("a link in the name",)


def test_rules_keep_a_link_in_the_subject_in_spam():
    assert "a link in the subject" in reasons_for_spam(create_message("hello", subject="win http://a.test"))


def test_rules_do_not_hold_a_first_line_that_became_the_subject_against_anyone():
    assert reasons_for_spam(create_message("See https://shop.test/boots, the sole is loose.", subject="")) == ()


def test_rules_know_programs_that_probe_with_random_letters():
    assert reasons_for_spam(create_message("bSqPWLtvQUDJjKkW", name="EtTnVyNsRqIJqhqWZ")) == ("random letters",)
    assert reasons_for_spam(create_message("bSqPWLtvQUDJjKkW", name="Ada McDonald")) == ()


def test_rules_name_the_heaviest_reason_first():
    reasons = reasons_for_spam(create_message(SPAM["links"] + " [url=x]"))
    assert reasons[0] in ("links written as code", "many links")
    assert reasons[-1] == "a link"


def test_rules_are_pure():
    message = create_message(SPAM["links"])
    assert reasons_for_spam(message) == reasons_for_spam(replace(message))
