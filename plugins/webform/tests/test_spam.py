"""Content rules: what is kept in Spam and what never is."""

from dataclasses import replace

import pytest

from plugins.webform.guarding.spam import SpamRules, reasons_for_spam
from plugins.webform.guarding.spam_form import SpamForm
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


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("lamps", "Cheap LAMPS!"),
        ("cheap lamps", "really cheap\n lamps"),
        ("größe", "Jede GRÖSSE"),
        ("贷款", "我要贷款吗"),
        ("c++", "we teach C++ here"),
    ],
)
def test_a_blocked_word_is_found(word, text):
    rules = SpamRules.from_settings({"blocked_words": f"other\n\n  {word} \n"})
    assert reasons_for_spam(create_message(text), rules) == ("a blocked word",)


def test_a_blocked_word_inside_another_is_none():
    rules = SpamRules.from_settings({"blocked_words": "lamp"})
    assert reasons_for_spam(create_message("My headlamps and the lampshade"), rules) == ()


@pytest.mark.parametrize("rule", ["pest@mail.example.com", "mail.example.com", "@example.com", "EXAMPLE.com"])
def test_a_blocked_sender_is_found(rule):
    rules = SpamRules.from_settings({"blocked_senders": rule})
    assert reasons_for_spam(create_message("hi", email="Pest@mail.example.com"), rules) == ("a blocked sender",)
    assert reasons_for_spam(create_message("hi", email="pest@mail.notexample.com"), rules) == ()


def test_the_owner_decides_how_many_links_are_fine():
    message = create_message("See http://a.test and http://b.test for my order")
    assert reasons_for_spam(message) == ()
    assert reasons_for_spam(message, SpamRules.from_settings({"free_links": 0})) == ("many links", "a link")


def test_the_form_names_a_line_that_is_no_sender():
    form = SpamForm(data={"blocked_senders": "@example.com\nada@example.org\nnot a sender", "free_links": 3})
    assert not form.validate()
    assert form.errors == {
        "blocked_senders": ["“not a sender” is neither a mail address nor a domain such as example.com."]
    }
    assert SpamForm(data={"blocked_senders": "@example.com\nada@example.org", "free_links": 0}).validate()
