"""Promises of cases: people's matters are told together, what programs write about many matters is not."""

import pytest

from app.domain.cases import stands_apart


@pytest.mark.parametrize("kind", ["list", "auto_generated", "auto_reply", "bounce", "feedback"])
def test_what_a_program_wrote_stands_apart(kind):
    assert stands_apart(kind, is_robot=False)


def test_what_a_person_wrote_belongs_together_unless_nobody_reads_behind_the_address():
    assert not stands_apart("normal", is_robot=False)
    assert stands_apart("normal", is_robot=True)
