"""Visitors read a form in the language they asked for, as far as the form speaks it."""

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from plugins.webform.visiting.languages import direction_of, language_for


def asking(query: str = "", accept: str = "") -> Request:
    headers = {"Accept-Language": accept} if accept else {}
    return Request(EnvironBuilder(query_string=query, headers=headers).get_environ())


@pytest.mark.parametrize(
    ("query", "accept", "languages", "found"),
    [
        ("lang=de", "pl", ("en", "de", "pl"), "de"),
        ("lang=ja", "pl", ("en", "de", "pl"), "pl"),
        ("", "ja, de;q=0.4, pl;q=0.7", ("en", "de", "pl"), "pl"),
        ("", "de-AT", ("en", "de"), "de"),
        ("lang=de_AT", "", ("en", "de"), "de"),
        ("", "pt", ("en", "pt-BR", "pt-PT"), "pt-BR"),
        ("", "pt-PT", ("en", "pt-BR", "pt-PT"), "pt-PT"),
        ("", "*", ("el", "en"), "el"),
        ("", "", ("el", "en"), "el"),
        ("lang=%00%ff", "%%%", ("el",), "el"),
        (f"lang={'x' * 9000}", "", ("el",), "el"),
    ],
)
def test_the_first_language_that_the_form_speaks_wins(query, accept, languages, found):
    assert language_for(asking(query, accept), languages) == found


def test_where_the_form_speaks_nothing_that_was_asked_for_it_speaks_the_usual_one():
    assert language_for(asking(accept="ja"), ("en", "pl"), "pl") == "pl"
    assert language_for(asking(accept="ja"), ("en", "pl"), "ru") == "en"


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("he-IL", "rtl"), ("ur", "rtl"), ("fa_IR", "rtl"), ("pl", "ltr"), ("arn", "ltr")],
)
def test_the_direction_is_that_of_the_language(language, direction):
    assert direction_of(language) == direction
