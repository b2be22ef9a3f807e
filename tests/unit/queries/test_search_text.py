"""Promises of the search box's language: everything typed has a meaning, nothing typed is syntax of a database."""

import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries.search_text import SearchText, Term, fts5_match, parse_search, tsquery


def test_words_phrases_and_operators_are_told_apart():
    found = parse_search(
        'lamp "glass shade" from:ada subject:"new order" is:open tag:VIP assignee:me has:attachment inv'
    )

    assert found.terms == (
        Term(("lamp",)),
        Term(("glass", "shade")),
        Term(("ada",), "people", is_prefix=True),
        Term(("new", "order"), "subject", is_prefix=True),
        Term(("inv",), is_prefix=True),
    )
    assert (found.status, found.tag, found.assignee, found.has_attachment) == ("open", "vip", "me", True)


def test_dates_bound_whole_days():
    found = parse_search("after:2026-03-02 before:2026-03-05")

    assert found.after == datetime(2026, 3, 3, tzinfo=UTC)
    assert found.before == datetime(2026, 3, 5, tzinfo=UTC)


def test_a_number_sign_names_a_conversation():
    assert parse_search("#123").number == 123
    assert parse_search("#12 lamp").number is None


@pytest.mark.parametrize("text", ["is:happy", "has:fun", "before:2026-13-01", "after:9999-12-31"])
def test_an_operator_without_a_meaning_is_a_problem_and_searches_nothing(text):
    found = parse_search(f"lamp {text}")

    assert found.problem
    assert found.terms == ()


def test_nothing_is_nothing():
    assert parse_search("  ").is_empty
    assert parse_search('"" * ( )').is_empty


def test_expressions_quote_every_word():
    terms = parse_search('from:ada lamp "glass shade" ben@x.example').terms

    assert fts5_match(terms) == '{people} : "ada"* AND "lamp" AND "glass shade" AND "ben x example"*'
    assert tsquery(terms) == (
        "('ada':*B) & ('lamp') & ('glass' <-> 'shade') & (('ben' <-> 'x' <-> 'example':*) | 'ben@x.example':*)"
    )


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_valid_expression_of_sqlite(text):
    found = parse_search(text)
    assert isinstance(found, SearchText)
    if not found.terms:
        return
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(subject, people, body)")
        connection.execute("SELECT * FROM t WHERE t MATCH ?", (fts5_match(found.terms),)).fetchall()


@given(st.text(max_size=200))
def test_whatever_is_typed_leaves_no_quote_open_for_postgresql(text):
    expression = tsquery(parse_search(text).terms)
    assert expression.count("'") % 2 == 0
    assert "\\" not in expression
