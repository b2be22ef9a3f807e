"""An accent of any colour stays readable, in light and in dark."""

import re

import pytest

from plugins.webform.visiting import look
from plugins.webform.visiting.look import CONTRAST, DARK_SURFACE, LIGHT_SURFACE, contrast, look_css

COLOURS = [
    f"#{red}{green}{blue}"
    for red in ("00", "66", "99", "ff")
    for green in ("00", "77", "ff")
    for blue in ("00", "88", "ff")
]


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#abcdef", "#abcdef", 1)]
)
def test_contrast_is_that_of_the_guideline(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_whatever_colours_are_asked_for_few_are_kept():
    for number in range(1_000):
        look_css(f"#{number:06x}")
        look_css(f"#{number:06x}" + "0" * 4_000)
    assert look._look_css.cache_info().currsize <= 256
    assert look_css("#0A6B66") == look_css("#0a6b66")


@pytest.mark.parametrize("accent", COLOURS)
def test_text_on_an_accent_and_an_accent_as_text_can_be_read(accent):
    blocks = re.findall(r"--tf-accent:(#\w+);--tf-on-accent:(#\w+);--tf-accent-text:(#\w+)", look_css(accent))
    surfaces = [LIGHT_SURFACE, DARK_SURFACE, DARK_SURFACE]
    assert len(blocks) == len(surfaces)
    for surface, (background, ink, text) in zip(surfaces, blocks, strict=True):
        assert background == accent
        assert contrast(ink, background) >= CONTRAST
        assert contrast(text, surface) >= CONTRAST


def test_an_accent_that_can_be_read_stays_as_it_is():
    assert "--tf-accent-text:#0a6b66" in look_css("#0a6b66")


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#12345g", "#123456;}", "#123456\n"])
def test_what_is_no_colour_makes_no_stylesheet(accent):
    assert look_css(accent) == ""
