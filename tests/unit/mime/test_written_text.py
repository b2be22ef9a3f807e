"""The text part of what agents send: readable, and with everything that was written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.markup import markdown_to_html
from app.mime import written_text
from app.mime.written_text import holds_everything

PIECES = [
    "word", "Ada", "5", "€", "日本", " ", "\n", "\n\n", "*", "**", "_", "~~", "`", "```\n", "- ", "1. ", "> ", "# ", "| ", "|",
    "---\n", "[a](https://x.test/p)", "https://x.test", "ada@x.test", "\\", "<b>", "&lt;", "==", "\t", "    ", "!", "[", "]",
    "[1]: ", '"title"', "-- \n",
]  # fmt: skip


def read(text: str) -> str:
    return written_text(text, markdown_to_html(text))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Dear **Ada**,\n\nsee *this*.", "Dear *Ada*,\n\nsee *this*."),
        ("[Our offers](https://example.com/a?b=1&c=2)", "Our offers <https://example.com/a?b=1&c=2>"),
        ("[example](https://example.com/long)", "example <https://example.com/long>"),
        ("See https://example.com/ or ada@example.com.", "See https://example.com/ or ada@example.com."),
        ("- one\n- two\n\n1. three\n2. four", "- one\n- two\n\n1. three\n2. four"),
        ("5*6*7 and ~~not~~ now", "5*6*7 and ~not~ now"),
        ("> yours\n\nmine", "> yours\n\nmine"),
        ("```\nx  =\n  1\n```", "x  =\n  1"),
        ("![the plan](https://example.com/a.png)", "the plan <https://example.com/a.png>"),
        ("Thanks\n-- \nAda", "Thanks\n-- \nAda"),
        ("Thanks\n\n-- \nAda", "Thanks\n\n-- \nAda"),
        ("\\\\files\\offers", "\\\\files\\offers"),
        ("[1]: https://example.com/a", "[1]: https://example.com/a"),
        ("Black & White &amp; Co", "Black & White &amp; Co"),
    ],
)
def test_the_text_part_reads_as_a_person_would_have_typed_it(written, text):
    assert read(written) == text


def test_what_html_would_lose_is_sent_as_it_was_written():
    table = "| a | b |\n|---|---|\n| 1 | 2 | the third |"

    assert "third" not in markdown_to_html(table)
    assert read(table) == table


def test_a_text_that_a_plugin_changed_alone_is_what_is_sent():
    assert written_text("Hello Ada, changed", "<p>Hello Ada</p>") == "Hello Ada, changed"
    assert written_text("No HTML", None) == "No HTML"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_nothing_of_what_was_written_is_lost(written):
    assert holds_everything(read(written), written)


@given(st.text())
def test_any_text_can_be_written(written):
    assert holds_everything(read(written), written)


def test_the_check_notices_a_missing_word_and_a_wrong_order():
    assert not holds_everything("one three", "one two three")
    assert not holds_everything("two one", "one two")
    assert holds_everything("*one*, two", "one two")
