"""Promises about subjects: what stands before them does not matter, and only an answer is called one."""

import time

import pytest

from app.domain.subjects import bare_subject, is_answer_subject


@pytest.mark.parametrize(
    "subject",
    [
        "Where is my order?", "Re: Where is my order?", "AW: Re: where is my  order?", "RE[2]: Where is my order?",
        "[Shop] Re: Where is my order?", "Re: [Shop] Where is my order?", "Отв: Where is my order?", "回复：Where is my order?",
        "Fwd: SV: Where is my order?", "Re (3) : Where is my order?", "Odp: WG: Where is my order?",
    ],
)  # fmt: skip
def test_what_stands_before_a_subject_does_not_matter(subject):
    assert bare_subject(subject) == "where is my order?"


@pytest.mark.parametrize("subject", ["Research: results", "Order: 17", "Regarding my order", "i", "[Shop]", ""])
def test_other_words_stay(subject):
    assert bare_subject(subject) == subject.casefold()
    assert not is_answer_subject(subject)


def test_only_answers_are_called_answers():
    assert is_answer_subject("Re: x")
    assert is_answer_subject("[Shop] Antw: x")
    assert not is_answer_subject("Fwd: x")


def test_a_long_subject_takes_no_time():
    began = time.perf_counter()
    bare_subject("Re: " * 20_000 + "[" * 20_000)
    assert time.perf_counter() - began < 1
