"""Which verbs begin anew, and how often."""

import pytest
from sqlalchemy.exc import OperationalError

from app.services.deadlocks import repeated_after_deadlock


class Ended(Exception):
    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def verb_that_fails(*sqlstates):
    """A verb that is ended for these reasons, one after another, and then gives what it was asked for."""
    left = list(sqlstates)

    @repeated_after_deadlock
    def verb(asked, *, more=""):
        if left:
            raise OperationalError("UPDATE", {}, Ended(left.pop(0)))
        return asked + more

    return verb


@pytest.mark.parametrize("ended", [(), ("40P01",), ("40P01", "40001")])
def test_a_verb_that_was_ended_for_another_begins_anew(ended):
    assert verb_that_fails(*ended)("done", more=".") == "done."


@pytest.mark.parametrize("ended", [("57P01",), (None,), ("40P01", "53300"), ("40P01",) * 3])
def test_other_trouble_and_trouble_without_end_is_told(ended):
    with pytest.raises(OperationalError):
        verb_that_fails(*ended)("done")
