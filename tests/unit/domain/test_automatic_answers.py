"""How the pauses between automatic answers grow."""

from datetime import timedelta

from app.domain.automatic_answers import LONGEST_PAUSE, pause_after


def test_the_pause_doubles_up_to_a_month():
    hours = [pause_after(count) / timedelta(hours=1) for count in range(6)]

    assert hours == [0, 1, 2, 4, 8, 16]
    assert pause_after(10) < LONGEST_PAUSE == pause_after(11) == pause_after(100_000)


def test_a_machine_that_answers_everything_gets_ten_answers_in_a_month():
    passed, count = timedelta(), 0
    while passed < timedelta(days=30):
        count += 1
        passed += pause_after(count)

    assert count == 10
