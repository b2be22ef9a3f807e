"""Who counts as one mailbox, and how the pauses between automatic answers grow."""

from datetime import timedelta

import pytest

from app.domain.automatic_answers import LONGEST_PAUSE, mailbox_of, pause_after


@pytest.mark.parametrize(
    ("kind", "spellings", "mailbox"),
    [
        ("email", ("Ada+Shop@Example.com", "ada@example.com", " ada+a+b@example.com"), "email:ada@example.com"),
        ("email", ("a.da@gmail.com", "ada+x@googlemail.com", "ADA@gmail.com"), "email:ada@gmail.com"),
        ("email", ("a.da@example.com",), "email:a.da@example.com"),
        ("email", ("+only@example.com",), "email:+only@example.com"),
        ("phone", ("+493012345",), "phone:+493012345"),
        ("sip", ("sip:+4930@pbx.example",), "sip:sip:+4930@pbx.example"),
    ],
)
def test_all_spellings_of_a_mailbox_are_one(kind, spellings, mailbox):
    assert {mailbox_of(kind, one) for one in spellings} == {mailbox}


def test_a_mailbox_fits_its_column():
    assert len(mailbox_of("email", "a" * 600 + "@example.com")) == 340


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
