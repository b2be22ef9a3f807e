"""Lessons in any order end in the same, and each can be taken back."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from plugins.spamfilter.learning import teach
from plugins.spamfilter.tables import ALL, MARK
from plugins.spamfilter.tests.making import arrive, create_host, genuine, spam

COUNT = 4
LESSONS = st.lists(st.tuples(st.integers(0, COUNT - 1), st.sampled_from(["spam", "ham"]), st.booleans()), max_size=12)


def create_taught(lessons):
    """A host that took the same four messages in and was taught these lessons."""
    host = create_host()
    for at in range(COUNT):
        arrive(host, spam(at) if at % 2 else genuine(at), at)
    for at, lesson, is_hint in lessons:
        teach(host, at, lesson, is_hint=is_hint)
    return host


def known_by(host):
    """What is known; a mark that was taught and taken back is like one that never was."""
    with host.tables.connect() as connection:
        rows = connection.execute(select(MARK.c.mark, MARK.c.spam, MARK.c.ham)).all()
    return {mark: (spam, ham) for mark, spam, ham in rows if (spam, ham) != (0, 0)}


def last_words(lessons):
    """What each message teaches in the end."""
    said = {}
    for at, lesson, is_hint in lessons:
        if not (is_hint and at in said):
            said[at] = lesson
    return said


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LESSONS, st.randoms(use_true_random=False))
def test_what_is_known_depends_on_the_last_word_on_each_message_alone(lessons, order):
    said = list(last_words(lessons).items())
    order.shuffle(said)
    assert known_by(create_taught(lessons)) == known_by(create_taught([(at, lesson, False) for at, lesson in said]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LESSONS)
def test_nothing_is_ever_known_less_than_never(lessons):
    known = known_by(create_taught(lessons))
    totals = known.get(ALL, (0, 0))
    assert sum(totals) == len(last_words(lessons))
    assert all(0 <= spam <= totals[0] and 0 <= ham <= totals[1] for spam, ham in known.values())


def test_the_same_lesson_again_changes_nothing():
    host = create_taught([(1, "spam", False)])
    before = known_by(host)
    assert teach(host, 1, "spam") == 0
    assert teach(host, 1, "ham", is_hint=True) == 0
    assert teach(host, 99, "spam") == 0
    assert known_by(host) == before
    assert teach(host, 1, "ham") == 1
    assert known_by(host) == known_by(create_taught([(1, "ham", False)]))
