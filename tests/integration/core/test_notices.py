"""Promises of notices: one open notice for a subject, at most one mail a day, and silence about what somebody dismissed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import NotAllowed
from app.models import Change, Notice
from app.plugin_api.texts import translatable
from app.services import notices
from app.services.core import writing
from app.services.notice_mail import mail_notices

WORDS = translatable("The plugin %(name)s is in quarantine: %(reason)s")
SUBJECT = "plugin:weather:quarantined"


@pytest.fixture
def tell(core):
    """Return a function that tells of a quarantined plugin and gives the notice's id."""

    def tell_of(subject=SUBJECT, reason="It raised ValueError.", level="error"):
        with writing(core) as unit:
            return notices.tell(
                unit, subject=subject, text=WORDS, data={"name": "Weather", "reason": reason}, level=level
            )

    return tell_of


def read(core, notice_id):
    core.session.rollback()
    return core.session.get(Notice, notice_id, populate_existing=True)


def test_a_notice_is_told_to_open_pages_and_queued_for_the_mail(core, clock, tell):
    notice = read(core, tell())

    assert (notice.times, notice.level, notice.mail_state, notice.mail_due_at) == (1, "error", "queued", clock.now())
    assert notices.notice_text(notice.text, notice.data) == "The plugin Weather is in quarantine: It raised ValueError."
    assert "notices" in core.session.scalars(select(Change.topic)).all()


def test_the_same_subject_is_counted_and_keeps_the_newest_words(core, clock, tell):
    first = tell()
    clock.advance(minutes=5)
    assert tell(reason="It hung.") == first

    notice = read(core, first)
    assert (notice.times, notice.data["reason"], notice.seen_at) == (2, "It hung.", clock.now())
    assert len(core.session.scalars(select(Notice.id)).all()) == 1


def test_a_subject_that_was_mailed_is_mailed_again_a_day_later_at_the_earliest(core, clock, tell):
    first = tell()
    with writing(core) as unit:
        notice = unit.session.get(Notice, first)
        notice.mail_state, notice.mail_due_at = "sent", unit.now
    mailed_at = clock.now()
    clock.advance(hours=2)
    tell()
    assert (read(core, first).mail_state, read(core, first).mail_due_at) == ("queued", mailed_at + timedelta(days=1))

    with writing(core) as unit:
        notices.over(unit, SUBJECT)
    with writing(core) as unit:
        unit.session.get(Notice, first).mail_state = "sent"
    assert read(core, tell()).mail_due_at > clock.now()


def test_what_is_over_is_closed_and_told_anew_when_it_comes_again(core, clock, tell):
    first = tell()
    other = tell("account:7:reauth")
    with writing(core) as unit:
        notices.over_below(unit, "plugin:weather:")
    assert (read(core, first).closed_at, read(core, other).closed_at) == (clock.now(), None)
    with writing(core) as unit:
        notices.over(unit, "account:7:reauth")
    assert read(core, other).closed_at == clock.now()

    assert tell() not in (None, first)


def test_dismissed_words_stay_dismissed_for_a_day_but_not_other_words(core, clock, create_agent, tell):
    admin = create_agent(role="admin")
    first = tell()
    notices.dismiss(core, admin, first)
    notices.dismiss(core, admin, first)

    assert read(core, first).closed_by == "Ada"
    assert tell() is None
    assert tell(reason="Now it is something else.") != first
    clock.advance(hours=25)
    with writing(core) as unit:
        notices.over(unit, SUBJECT)
    assert tell() is not None


def test_what_was_dismissed_and_then_over_is_told_when_it_comes_again(core, create_agent, tell):
    first = tell()
    notices.dismiss(core, create_agent(role="admin"), first)
    with writing(core) as unit:
        notices.over(unit, SUBJECT)

    assert tell() not in (None, first)


def test_only_admins_dismiss(core, create_agent, tell):
    notice_id = tell()
    with pytest.raises(NotAllowed):
        notices.dismiss(core, create_agent(role="manager"), notice_id)
    assert read(core, notice_id).closed_at is None


def test_closing_leaves_other_changes_of_the_transaction_alone(core, create_account, tell):
    from app.models import ChannelAccount

    tell()
    account_id = create_account()
    with writing(core) as unit:
        unit.session.get(ChannelAccount, account_id).name = "Renamed"
        notices.over(unit, SUBJECT)
    assert core.session.get(ChannelAccount, account_id).name == "Renamed"


def test_a_translation_that_does_not_fit_gives_way_to_the_sentence_itself(core):
    assert notices.notice_text("%(missing)s rests", {}) == "%(missing)s rests"
    assert notices.notice_text("50 % of %(name)s", {"name": "x"}) == "50 % of %(name)s"


def test_what_cannot_be_mailed_is_taken_once_and_put_off(core, clock, create_agent, create_account, tell):
    create_agent(role="admin")
    create_account("mailbox", address="help@example.test", smtp_host="127.0.0.1", smtp_port=1, smtp_security="none")
    first, second = tell(), tell("account:7:sign-in")
    with writing(core) as unit:
        notices.over(unit, "account:7:sign-in")

    assert mail_notices(core) == 1
    assert mail_notices(core) == 0
    assert (read(core, first).mail_attempts, read(core, first).mail_state) == (1, "queued")
    assert read(core, first).mail_due_at > clock.now()
    assert read(core, second).mail_state == "none"
