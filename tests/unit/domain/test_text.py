"""Texts as search compares them."""

import time

from app.domain.text import fold


def test_accents_do_not_count():
    assert fold("Żółć Ångström Ünïcode") == fold("żółc angstrom unicode") == "zołc angstrom unicode"


def test_many_marks_on_one_letter_take_no_longer_than_other_text():
    started = time.perf_counter()
    assert fold("a" + "\u0301\u0323" * 200_000 + "b") == "ab"
    assert time.perf_counter() - started < 2
