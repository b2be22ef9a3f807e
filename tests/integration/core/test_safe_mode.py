"""Promises of safe mode: a link switches it on once and within a day, only an admin ends it, and every process hears of it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.errors import Conflict, NotAllowed
from app.models import Notice
from app.services import safe_mode


def token_of(core):
    return safe_mode.make_recovery_link(core).rpartition("/")[2]


def open_subjects(core):
    return core.session.scalars(select(Notice.subject).where(Notice.closed_at.is_(None))).all()


def test_a_recovery_link_switches_safe_mode_on_once(core):
    link = safe_mode.make_recovery_link(core)
    assert link.startswith(f"{core.config.address}/recovery/")
    token, other = link.rpartition("/")[2], token_of(core)
    assert safe_mode.is_recovery_valid(core, token)
    assert not safe_mode.is_safe_mode(core)

    safe_mode.recover(core, token)

    assert safe_mode.is_safe_mode(core)
    assert not safe_mode.is_recovery_valid(core, token)
    with pytest.raises(NotAllowed):
        safe_mode.recover(core, token)
    assert safe_mode.is_recovery_valid(core, other), "the link of another mail still works"
    assert open_subjects(core) == ["safe-mode"]


@pytest.mark.parametrize(
    "change", [lambda t: t[:-5] + ("A" if t[-5] != "A" else "B") + t[-4:], lambda t: "", lambda t: "x.y"]
)
def test_a_link_that_is_not_ours_does_nothing(core, change):
    with pytest.raises(NotAllowed):
        safe_mode.recover(core, change(token_of(core)))
    assert not safe_mode.is_safe_mode(core)


def test_a_link_is_dead_after_a_day(core, clock):
    token = token_of(core)
    clock.advance(hours=23)
    assert safe_mode.is_recovery_valid(core, token)
    clock.advance(hours=1, seconds=1)
    assert not safe_mode.is_recovery_valid(core, token)
    with pytest.raises(NotAllowed):
        safe_mode.recover(core, token)


def test_used_links_are_forgotten_once_they_are_too_old_anyway(core, clock):
    safe_mode.recover(core, token_of(core))
    clock.advance(hours=25)
    safe_mode.recover(core, token_of(core))
    assert len(safe_mode.get_setting(core, "recovery_links_used")) == 1


def test_only_an_admin_ends_it_and_every_process_is_told(core, create_agent):
    before = core.plugins._backend.pulse().generation
    safe_mode.recover(core, token_of(core))
    entered = core.plugins._backend.pulse().generation
    with pytest.raises(NotAllowed):
        safe_mode.leave_safe_mode(core, create_agent("Lea", role="manager"))
    with pytest.raises(NotAllowed):
        safe_mode.switch_on_safe_mode(core, create_agent("Ben"))
    safe_mode.leave_safe_mode(core, create_agent("Root", role="admin"))

    assert not safe_mode.is_safe_mode(core)
    assert before < entered < core.plugins._backend.pulse().generation
    assert open_subjects(core) == []


def test_what_the_deployment_asked_for_cannot_be_left_from_inside(core, create_agent):
    started_safely = replace(core, config=replace(core.config, safe_mode=True))
    with pytest.raises(Conflict):
        safe_mode.leave_safe_mode(started_safely, create_agent("Root", role="admin"))
    assert safe_mode.is_safe_mode(started_safely)
