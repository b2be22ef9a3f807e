"""The mask finds a credential inside what it was encoded together with, and takes no longer the more credentials there are."""

import base64
import html
import json
from time import perf_counter
from urllib.parse import quote

import pytest

from app.redaction import MASK, MOST, KnownSecrets

SECRET = "p4ss/wörd+<1> & more"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "written",
    [
        encoded(f"a:{SECRET}"),
        encoded(f"ab:{SECRET}"),
        encoded(f"abc:{SECRET}"),
        encoded(f"user=ada@example.com\1auth=Bearer {SECRET}\1\1"),
        base64.urlsafe_b64encode(f"{SECRET}?".encode()).decode(),
        f"https://api.example.com/{quote(SECRET)}/rows",
        html.escape(SECRET),
        json.dumps({"token": SECRET}),
        json.dumps({"token": SECRET}, ensure_ascii=False),
        repr(SECRET.encode()),
        ascii(SECRET),
    ],
)
def test_a_credential_is_found_inside_what_it_was_written_with(written):
    known = KnownSecrets()
    known.remember([SECRET])
    hidden = known.mask(f"before {written} after")

    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    assert MASK in hidden
    assert "p4ss" not in hidden
    assert len(hidden) < len(written)


def test_the_longest_of_several_that_begin_alike_is_blanked_out():
    known = KnownSecrets()
    known.remember(["abcdefgh", "abcdefgh-and-more"])

    assert known.mask("x abcdefgh-and-more, abcdefgh, abcdefg") == f"x {MASK}, {MASK}, abcdefg"


def test_many_credentials_make_a_log_no_slower():
    known = KnownSecrets()
    known.remember([f"token-{n * 7919:020d}" for n in range(MOST)])
    line = "nothing at all to hide in this line of an ordinary log " * 40

    started = perf_counter()
    for _ in range(20):
        assert known.mask(line) == line
    assert (perf_counter() - started) / 20 < 0.01
