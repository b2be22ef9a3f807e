"""Few requests are worked on at the same moment; whoever waits long goes in all the same, and what is sent slowly is in nobody's way."""

import threading
import time

import pytest

from app.turnstile import Turnstile


class Application:
    """Notes how many are inside; each stays until `doors` are open."""

    def __init__(self):
        self.doors, self.changing, self.inside, self.most = threading.Event(), threading.Lock(), 0, 0

    def __call__(self, environ, start_response):
        with self.changing:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.doors.wait(10)
        with self.changing:
            self.inside -= 1
        if "broken" in environ:
            raise ValueError(environ)
        return iter([b"first", b"second"])


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def visit():
    """Return a function that sends so many visitors at once, and lets them go on by themselves."""
    threads = []

    def send(turnstile, number):
        mine = [threading.Thread(target=turnstile, args=({}, None)) for _ in range(number)]
        threads.extend(mine)
        for thread in mine:
            thread.start()
        return mine

    yield send
    for thread in threads:
        thread.join(10)


def inside(application, number):
    until = time.monotonic() + 5
    while application.inside < number and time.monotonic() < until:
        time.sleep(0.01)
    return application.inside


def test_no_more_than_a_few_are_worked_on_together(application, visit):
    threads = visit(Turnstile(application, most=2, patience_s=10), 9)
    assert inside(application, 2) == 2
    time.sleep(0.1)
    application.doors.set()
    for thread in threads:
        thread.join(10)
    assert application.most == 2


def test_whoever_waits_long_goes_in_all_the_same(application, visit):
    visit(Turnstile(application, most=2, patience_s=0.05), 5)
    assert inside(application, 5) == 5
    application.doors.set()


def test_a_place_is_free_again_after_a_failure(application):
    application.doors.set()
    turnstile = Turnstile(application, most=1, patience_s=10)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            turnstile({"broken": True}, None)
    assert list(turnstile({}, None)) == [b"first", b"second"]


def test_an_answer_that_is_still_being_sent_takes_no_place(application):
    application.doors.set()
    turnstile = Turnstile(application, most=1, patience_s=10)
    begun = [turnstile({}, None) for _ in range(5)]
    assert [next(one) for one in begun] == [b"first"] * 5


class SlowBody:
    """A body whose sender takes until `sent` is set."""

    def __init__(self):
        self.sent = threading.Event()

    def read(self, size):
        self.sent.wait(10)
        return b"x" * size


def test_a_visitor_who_sends_slowly_takes_no_place(application):
    application.doors.set()
    turnstile, body = Turnstile(application, most=1, patience_s=10), SlowBody()
    slow = threading.Thread(target=turnstile, args=({"CONTENT_LENGTH": "5", "wsgi.input": body}, None))
    slow.start()
    begun = time.monotonic()
    assert list(turnstile({}, None)) == [b"first", b"second"]
    assert time.monotonic() - begun < 5
    body.sent.set()
    slow.join(10)


@pytest.mark.parametrize("body", [{"CONTENT_LENGTH": "9999999"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_a_long_upload_takes_no_place(application, visit, body):
    turnstile = Turnstile(application, most=1, patience_s=10)
    visit(turnstile, 1)
    assert inside(application, 1) == 1
    upload = threading.Thread(target=turnstile, args=(body, None))
    upload.start()
    assert inside(application, 2) == 2
    application.doors.set()
    upload.join(10)


def test_what_was_sent_along_reaches_the_application():
    read = []
    turnstile = Turnstile(lambda environ, _: read.append(environ["wsgi.input"].read()) or [])
    body = SlowBody()
    body.sent.set()
    turnstile({"CONTENT_LENGTH": "5", "wsgi.input": body}, None)
    assert read == [b"xxxxx"]
