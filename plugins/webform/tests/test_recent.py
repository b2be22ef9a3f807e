"""Promises of what is kept for a second: visitors who come at once ask the database once, and what is changed here shows at once."""

from forms.definitions import Kind
from plugins.webform import recent as kept
from plugins.webform.publication import find_form
from plugins.webform.recent import forget_recent, recent
from plugins.webform.tests.factories import PageHost, Visitor, create_field
from tidings.testing import FakeHost


def test_what_was_found_is_asked_for_once_a_second(monkeypatch):
    host, asked, clock = FakeHost("webform"), [], [100.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: clock[0])

    def find() -> int:
        asked.append(clock[0])
        return len(asked)

    assert [recent(host, "form", find), recent(host, "form", find)] == [1, 1]
    clock[0] += kept.KEPT_S
    assert recent(host, "form", find) == 2
    forget_recent(host)
    assert recent(host, "form", find) == 3
    assert recent(FakeHost("webform"), "form", find) == 4, "another installation has its own"


def test_that_there_is_nothing_is_never_kept():
    host = FakeHost("webform")
    assert recent(host, "form", lambda: None) is None
    assert recent(host, "form", lambda: 1) == 1


def test_what_was_changed_while_it_was_looked_up_is_not_kept():
    host = FakeHost("webform")

    def find_late() -> int:
        forget_recent(host)
        return 1

    assert recent(host, "form", find_late) == 1
    assert recent(host, "form", lambda: 2) == 2


def test_only_so_much_is_kept(monkeypatch):
    monkeypatch.setattr(kept, "_MOST", 3)
    host = FakeHost("webform")
    for number in range(10):
        recent(host, f"form {number}", lambda: 1)
    assert len(kept._KEPT[host]) <= 3


def test_a_form_that_is_published_anew_shows_at_once():
    ada = Visitor(PageHost())
    ada.publish(create_field("message", Kind.LONG_TEXT))
    before = find_form(ada.host, ada.key)
    assert find_form(ada.host, ada.key) is before
    ada.publish(create_field("question", Kind.LONG_TEXT))
    assert find_form(ada.host, ada.key).number == before.number + 1
