"""Promises of the small rules: previews, pauses, roles, and what agents' text becomes."""

import pytest

from app.domain.backoff import MOST_ATTEMPTS, retry_pause
from app.domain.markup import markdown_to_html
from app.domain.roles import Permission, Role, may, permissions_of
from app.domain.text import clean_line, preview_of


def test_preview_is_one_line_cut_at_a_word():
    text = "Hello,\n\n  this is\ta " + "very " * 60 + "long text"

    assert preview_of(text).startswith("Hello, this is a very")
    assert preview_of(text).endswith("very…")
    assert len(preview_of(text)) <= 161


def test_clean_line_drops_what_could_deceive():
    assert clean_line("a\u202eb\x00c\r\nd", 10) == "a b c d"


def test_pauses_grow_from_seconds_to_hours_and_no_further():
    pauses = [retry_pause(n, spread=0).total_seconds() for n in range(1, MOST_ATTEMPTS)]

    assert pauses[:3] == [20, 40, 80]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 3600
    assert 47 * 3600 < sum(pauses) < 50 * 3600, "the last attempt is made about two days after the first"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_lower_ones_may(role):
    lower = list(Role)[: list(Role).index(role)]

    assert all(permissions_of(other) < permissions_of(role) for other in lower)
    assert may(role, Permission.ANSWER)
    assert may(role, Permission.PLUGINS) == (role is Role.ADMIN)


def test_markdown_becomes_html_and_raw_html_stays_text():
    html = markdown_to_html("**Hi** <script>alert(1)</script>\nhttps://example.com [x](javascript:alert(1))")

    assert "<strong>Hi</strong>" in html
    assert "&lt;script&gt;" in html
    assert '<a href="https://example.com">' in html
    assert 'href="javascript' not in html
    assert "<br" in html
