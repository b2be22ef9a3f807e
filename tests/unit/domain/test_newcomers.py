"""Promises about who is new in a conversation that was answered before."""

import pytest

from app.domain.newcomers import Letter, newcomers

ADA, BEN, EVE, HELP = "email:ada@x.org", "email:ben@x.org", "email:eve@z.org", "email:help@y.org"


def from_us(*people):
    return Letter(True, HELP, frozenset(people))


def from_(sender, *people):
    return Letter(False, sender, frozenset((HELP, *people)))


@pytest.mark.parametrize(
    ("letters", "new"),
    [
        ([from_(ADA)], ()),
        ([from_(EVE)], ()),
        ([from_(ADA), from_us(ADA), from_(EVE)], (EVE,)),
        ([from_(ADA), from_us(ADA), from_(EVE), from_(EVE)], (EVE,)),
        ([from_(ADA), from_us(ADA), from_(ADA, EVE)], (EVE,)),
        ([from_(ADA), from_us(ADA), from_(EVE), from_us(ADA), from_(EVE)], (EVE,)),
        ([from_(ADA), from_us(ADA), from_(EVE), from_us(EVE), from_(EVE)], ()),
        ([from_(ADA, EVE), from_us(ADA), from_(EVE)], ()),
        ([from_(BEN, EVE), from_us(ADA), from_(EVE)], (EVE,)),
    ],
)
def test_who_got_no_answer_is_new_unless_somebody_known_named_them_before_one(letters, new):
    assert newcomers([EVE], letters, {ADA}) == new
    assert newcomers([ADA], letters, {ADA}) == ()
