"""How X counts: the examples of its own page, and what follows from the configuration."""

from __future__ import annotations

import pytest

from connectors.x_api import weighted_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("a", 1),
        ("á", 1),
        ("ӑ", 1),
        ("Ồ", 2),
        ("café", 4),
        ("cafe\u0301", 4),
        ("日本語", 6),
        ("한국", 4),
        ("สวัสดี", 6),
        ("👾", 2),
        ("🙋🏽", 2),
        ("👨\u200d🎤", 2),
        ("👨\u200d👩\u200d👧\u200d👦", 2),
        ("🇩🇪🇫🇷", 4),
        ("1\ufe0f\u20e3", 2),
        ("❤\ufe0f", 2),
        ("“quoted”", 8),
        ("…", 2),
        ("https://example.com/" + "a" * 300, 23),
        ("http://a.io", 23),
        ("example.com", 23),
        ("see www.example.co.uk, please", 4 + 23 + 8),
        ("ada@example.com", 15),
        ("ftp://example.com/a", 19),
        ("two https://a.example.com and https://b.example.com", 9 + 46),
        ("1.5 or 2.0", 10),
    ],
)
def test_a_text_counts_as_x_counts_it(text: str, length: int) -> None:
    assert weighted_length(text) == length
