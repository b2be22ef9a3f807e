"""Promises of the suggestion that two contacts are one person: it needs something that tells, and nothing that speaks against it."""

import pytest

from app.domain.same_person import Likeness, Person, likeness


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        (Person("Ada", phone="+49 30 123456-7"), Person("A. Reader", phone="+493012 34567"), Likeness.PHONE),
        (Person("ada reader", "Lamps"), Person("Ada  Reader", "LAMPS"), Likeness.COMPANY),
        (Person("Ada", "Lamps"), Person("Ada", "Lamps", "+4930123456"), Likeness.COMPANY),
        (Person("Ada Reader"), Person("Ada Reader", "Lamps", "+4930123456"), Likeness.NAME),
        (Person("Ada"), Person("Ada"), None),
        (Person("Ada Reader", "Lamps"), Person("Ada Reader", "Chairs"), None),
        (Person("Ada Reader", phone="+4930123456"), Person("Ada Reader", phone="+4930654321"), None),
        (Person("", "Lamps"), Person("", "Lamps"), None),
        (Person("Ada", phone="112"), Person("Ben", phone="112"), None),
    ],
)
def test_contacts_look_like_one_person_where_something_tells(one, other, by):
    assert likeness(one, other) == by
    assert likeness(other, one) == by
