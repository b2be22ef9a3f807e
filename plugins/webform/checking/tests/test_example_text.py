"""Examples match the patterns they were made for."""

import pytest

from forms.definitions.patterns import matches
from plugins.webform.checking.example_text import example_of


@pytest.mark.parametrize(
    "pattern",
    [
        "[A-Z]{2}-\\d{4,6}",
        "^#?\\d{5}$",
        "\\d{2}-\\d{3}",
        "(?:DE|AT|CH)\\d+",
        "(?P<year>20\\d\\d)/(?<number>[0-9]+)",
        "[^@\\s]+@[^@\\s]+\\.[a-z]{2,}",
        "[a-z][a-z0-9_-]*",
        "ORD\\.\\d{3}|INV\\.\\d{4}",
        "[\\w.]+",
        "\\+?[0-9 ()/-]{6,20}",
        "[-+]?\\d+(?:[.,]\\d+)?",
        "[]]x",
        "a{3}",
        "a{,2}b",
        ".{4,}",
        "\\bKD\\d{8}\\b",
        "[äöü]+",
        "(((a|b)c)?d)+",
        "x*?y+?",
    ],
)
def test_an_example_matches_its_pattern(pattern):
    example = example_of(pattern)
    assert example is not None
    assert matches(pattern, example)


def test_an_example_is_as_long_as_it_has_to_be():
    assert len(example_of("[a-z]+", 12) or "") >= 12
    assert example_of("[a-z]{3}", 12) is None


@pytest.mark.parametrize(
    "pattern", ["(?=a)a", "(a)\\1", "\\p{Lu}+", "(?<=x)y", "[[:alpha:]]", "(?<a", "(a", "a)", "a{x", "\\"]
)
def test_what_is_not_known_gives_no_example_or_one_that_matches(pattern):
    example = example_of(pattern)
    assert example is None or matches(pattern, example)
