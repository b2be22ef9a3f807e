"""Patterns of owners: the whole text, any language, and never for long."""

import time

import pytest

from forms.definitions.patterns import MAX_PATTERN, PatternError, check_pattern, is_for_browsers, matches
from forms.definitions.tests.factories import create_field, problem_of

SLOW = "(((a|b)*|c)*|d)*" * 12
HINT = {"en": "Two letters and six figures.", "de": "Zwei Buchstaben und sechs Ziffern."}


@pytest.mark.parametrize("pattern", ["(", "[", "a{2,1}", "*", "(?P<x", "\\", "x" * (MAX_PATTERN + 1)])
def test_a_pattern_that_is_not_well_written_is_refused(pattern):
    with pytest.raises(PatternError) as caught:
        check_pattern(pattern)
    assert not caught.value.is_slow


def test_a_pattern_that_takes_long_on_common_texts_is_refused():
    with pytest.raises(PatternError) as caught:
        check_pattern(r"(?:(?:a?){99}){9}")
    assert caught.value.is_slow


@pytest.mark.parametrize(
    "pattern",
    [
        "((a{1,9999}){1,9999}){1,9999}",
        "(?:" * 8 + "a?" + "){50}" * 8,
        "(?:a{999}){999}",
        "a{99999}" * 9,
        r"(?:[)(]\){2001})",
    ],
)
def test_a_pattern_that_would_take_long_to_compile_is_refused_before(pattern):
    begun = time.perf_counter()
    with pytest.raises(PatternError) as caught:
        check_pattern(pattern)
    assert caught.value.is_slow
    assert time.perf_counter() - begun < 0.1


@pytest.mark.parametrize(
    "pattern", [r"[A-Z]{2}-\d{6}", r"https?://\S+", r"(?i)[a-z]+", r"\p{Greek}+", "a|b", r"(a+)+b"]
)
def test_an_ordinary_pattern_is_taken(pattern):
    check_pattern(pattern)


def test_a_pattern_that_keeps_a_visitor_waiting_is_stopped_and_the_answer_taken():
    begun = time.perf_counter()
    assert matches(SLOW, "ab" * 1_000 + "!")
    assert time.perf_counter() - begun < 5
    assert not matches(SLOW, "!")


def test_a_pattern_matches_the_whole_text_or_not_at_all():
    field = create_field(pattern=r"[A-Z]{2}-\d{6}", pattern_hint=HINT)
    assert problem_of(field, "AB-123456") == ""
    assert problem_of(field, "AB-1234567") == HINT["en"]
    assert problem_of(field, "x AB-123456") == HINT["en"]
    assert problem_of(field, "") == ""
    assert problem_of(create_field(pattern="x"), "y") == "Please check this; it does not look as it should."


@pytest.mark.parametrize("pattern", [r"[0-9]{4}", r"https?://\S+", r"(?:a|b)+", r"a\.b\-c", r"\d{5}(-\d{4})?"])
def test_browsers_are_told_patterns_that_they_read_alike(pattern):
    assert is_for_browsers(pattern)


@pytest.mark.parametrize(
    "pattern", ["", r"\w+", r"(?i)ab", r"[[:alpha:]]", r"\p{L}+", "[a-z--b]", "[a-z&&b]", "(?<n>a)", r"\bx"]
)
def test_browsers_are_not_told_patterns_that_mean_something_else_to_them(pattern):
    assert not is_for_browsers(pattern)
