"""A test goes the way of a message and says of each step how it went."""

from datetime import timedelta

import pytest

from plugins import webform
from plugins.webform.checking import nightly
from plugins.webform.checking.marks import TAG, THREAD, is_test
from plugins.webform.checking.nightly import begin_test, look_after
from plugins.webform.checking.results import CheckResult, by_nonce, forget_form, latest, latest_of, week_of_tests
from plugins.webform.checking.steps import CheckState, Kind, Step, StepState
from plugins.webform.checking.tests.conftest import ADMIN, Desk
from plugins.webform.keys import ensure_key
from plugins.webform.tests.factories import Visitor, stored
from tidings import DeliveryFailed, Temporary


def press(desk: Desk) -> CheckResult:
    return begin_test(desk, desk.account(1), Kind.PRESSED, address=ADMIN.email, began_by=ADMIN.name)


def states(desk: Desk, check: CheckResult) -> dict[Step, str]:
    return {name: f"{one.state.value} {one.sentence}".strip() for name, one in fresh(desk, check).steps.items()}


def fresh(desk: Desk, check: CheckResult) -> CheckResult:
    found = by_nonce(desk, check.nonce)
    assert found is not None
    return found


def test_every_step_turns_green_when_its_turn_has_come(desk):
    check = press(desk)
    assert states(desk, check) == {
        Step.PAGE: "ok page_ok",
        Step.POST: "ok post_ok",
        Step.JOURNAL: "ok journal_ok",
        Step.INBOX: "waiting",
        Step.MAIL: "waiting",
        Step.SENT: "waiting",
    }
    (message,) = desk.settle()
    assert fresh(desk, check).state is CheckState.RUNNING
    assert states(desk, check)[Step.INBOX] == "ok inbox_ok"
    assert states(desk, check)[Step.MAIL] == "ok mail_ok"
    webform.message_sent(desk, desk.confirmation(message, len(desk.automatic)))
    assert fresh(desk, check).state is CheckState.PASSED
    assert states(desk, check)[Step.SENT] == "ok sent_ok"
    assert fresh(desk, check).conversation == 7


def test_one_mail_leaves_as_a_visitor_gets_it(desk):
    press(desk)
    (message,) = desk.settle()
    assert [number for number, _ in desk.automatic] == [message.conversation.id]
    assert desk.tests == [message.conversation.id]
    assert "Thank you for writing to us." in desk.automatic[0][1]


def test_tests_share_a_conversation_of_their_own_that_is_resolved_at_the_end(desk):
    for number in (1, 2):
        press(desk)
        (message,) = desk.settle()
        webform.message_sent(desk, desk.confirmation(message, len(desk.automatic)))
        desk.settle()
        assert len(desk.updates) == number
        assert (desk.updates[-1].thread_key, desk.updates[-1].status) == (THREAD, "resolved")
    first, second = stored_tests(desk)
    assert (first.thread_key, first.tags, first.priority) == (THREAD, (TAG,), "")
    assert first.external_id != second.external_id
    assert is_test(first.external_id)
    assert (first.is_test, second.is_test) == (True, True)


def stored_tests(desk: Desk):
    desk.received = [(account, event) for account, event in desk.received if b"over" not in event.payload[:8]]
    return stored(desk)


def test_what_a_visitor_writes_is_no_test(desk):
    visitor = Visitor(desk, key=ensure_key(desk, 1))
    visitor.post(visitor.open())
    (message,) = desk.settle()
    assert not is_test(message.external_id)
    assert latest_of(desk, 1) == ()
    assert (stored(desk)[0].thread_key, stored(desk)[0].is_test) == (None, False)


def test_tests_are_no_arrivals(desk):
    press(desk)
    desk.settle()
    assert week_of_tests(desk) == {1: 1}
    assert (desk.account_stats(1).received, desk.account_stats(1).received_last_week) == (0, 1)
    _, arrivals = webform.account_panels(desk, desk.account(1))
    assert dict(arrivals.rows) == {"Messages so far": "0", "This week": "0", "Last one": "none yet"}
    (panel,) = webform.dashboard_panels(desk, desk.signed_in)
    assert panel.context["rows"][0].count == "0 this week"


def test_nothing_is_left_for_another_form_of_the_same_id(desk):
    press(desk)
    desk.settle()
    forget_form(desk, 1)
    assert latest_of(desk, 1) == ()


# ------------------------------------------------------------------------------------- what goes wrong ----
def test_a_closed_form_is_red_at_once(desk):
    desk.paused.add(1)
    check = press(desk)
    assert check.state is CheckState.FAILED
    assert states(desk, check)[Step.PAGE] == "failed page_closed"
    assert states(desk, check)[Step.POST] == "waiting"


def test_a_page_that_nobody_answers_is_red_with_the_reason(desk, monkeypatch):
    def nobody(*arguments, **named):
        raise Temporary("Nobody answered within 10 seconds.")

    monkeypatch.setattr(desk, "visit", nobody)
    check = press(desk)
    assert check.steps[Step.PAGE].sentence == "unreachable"
    assert check.steps[Step.PAGE].data == {"reason": "Nobody answered within 10 seconds."}


@pytest.mark.parametrize(
    ("method", "step", "sentence"), [("GET", Step.PAGE, "page_status"), ("POST", Step.POST, "post_status")]
)
def test_a_page_that_fails_is_red_with_its_status(desk, monkeypatch, method, step, sentence):
    real = desk.visit

    def failing(path, asked="GET", **more):
        answer = real(path, asked, **more)
        return type(answer)(500, {}, "<h1>Oh no</h1>") if asked == method else answer

    monkeypatch.setattr(desk, "visit", failing)
    check = press(desk)
    assert check.steps[step].sentence == sentence
    assert check.steps[step].data == {"status": "500"}


def test_a_post_that_is_refused_is_red_with_what_the_page_says(desk):
    desk.save_settings(1, {"posts_per_hour": 1})
    press(desk)
    check = press(desk)
    assert check.steps[Step.POST].sentence == "post_refused"
    assert "too many messages" in check.steps[Step.POST].data["reason"]


def test_a_test_in_spam_is_red_with_the_reason_and_gets_no_mail():
    desk = Desk()
    desk.settings["blocked_senders"] = "example.com"
    check = press(desk)
    desk.settle()
    check = fresh(desk, check)
    assert check.state is CheckState.FAILED
    assert check.steps[Step.INBOX].sentence == "inbox_spam"
    assert "blocked sender" in check.steps[Step.INBOX].data["reason"]
    assert desk.automatic == []


def test_an_unconfirmed_address_does_not_hold_up_a_test():
    desk = Desk(verifies_email=True)
    check = press(desk)
    desk.settle()
    assert states(desk, check)[Step.INBOX] == "ok inbox_ok"
    assert desk.verifications == []


def test_proof_of_work_is_solved_like_a_browser_does():
    desk = Desk(proof="always")
    assert states(desk, press(desk))[Step.POST] == "ok post_ok"
    (message,) = desk.settle()
    assert message.conversation.status == "open"


def test_without_a_mailbox_the_confirmation_is_red(desk, monkeypatch):
    monkeypatch.setattr(desk, "sending_accounts", lambda kind: [])
    check = press(desk)
    desk.settle()
    assert states(desk, check)[Step.MAIL] == "failed mail_nobody"


def test_a_confirmation_that_may_not_be_sent_is_red(desk, monkeypatch):
    monkeypatch.setattr(desk, "send_automatic", lambda *arguments, **named: None)
    check = press(desk)
    desk.settle()
    assert states(desk, check)[Step.MAIL] == "failed mail_refused"


def test_a_form_without_confirmations_passes_without(desk):
    desk = Desk(sends_confirmation=False)
    check = press(desk)
    desk.settle()
    assert states(desk, check)[Step.MAIL] == "skipped mail_off"
    assert fresh(desk, check).state is CheckState.PASSED


def test_what_the_mail_server_refuses_is_red_with_its_words(desk):
    check = press(desk)
    (message,) = desk.settle()
    webform.delivery_failed(desk, DeliveryFailed(desk.confirmation(message, len(desk.automatic)), "550 No such user"))
    check = fresh(desk, check)
    assert check.state is CheckState.FAILED
    assert check.steps[Step.SENT].data == {"reason": "550 No such user"}


def test_other_mails_say_nothing_about_a_test(desk):
    check = press(desk)
    (message,) = desk.settle()
    webform.message_sent(desk, desk.confirmation(message, 99))
    assert states(desk, check)[Step.SENT] == "waiting"


def test_what_waits_for_ever_is_given_up(desk):
    check = press(desk)
    desk.clock.tick(timedelta(minutes=29).total_seconds())
    look_after(desk)
    assert fresh(desk, check).state is CheckState.RUNNING
    desk.clock.tick(timedelta(minutes=2).total_seconds())
    look_after(desk)
    assert states(desk, check)[Step.INBOX] == "failed inbox_never"


# --------------------------------------------------------------------------------------------- at night ----
def at(desk: Desk, hour: int) -> None:
    """Go on to the next such hour (UTC)."""
    desk.clock.tick(60)
    while desk.now().hour != hour:
        desk.clock.tick(600)


def test_each_form_is_tested_once_a_night_and_nobody_gets_mail(desk):
    at(desk, 12)
    look_after(desk)
    desk.settle()
    already = len(latest_of(desk, 1))
    for hour in (13, 2, 3, 4, 5):
        at(desk, hour)
        look_after(desk)
        desk.settle()
    tests = latest_of(desk, 1)
    assert len(tests) - already == 1
    assert tests[0].kind is Kind.NIGHTLY
    assert tests[0].state is CheckState.PASSED
    assert tests[0].steps[Step.MAILBOX].state is StepState.OK
    assert desk.automatic == []


def test_a_night_that_was_missed_is_made_up_for_by_day(desk):
    at(desk, 3)
    nightly.try_tonight(desk)
    desk.clock.tick(timedelta(hours=31).total_seconds())
    assert desk.now().hour not in nightly.NIGHT
    nightly.try_tonight(desk)
    assert len(latest_of(desk, 1)) == 2


def test_a_closed_form_is_left_alone_at_night(desk):
    desk.paused.add(1)
    at(desk, 3)
    look_after(desk)
    assert latest_of(desk, 1) == ()


def test_admins_are_told_of_a_red_night_until_a_test_is_green(desk, monkeypatch):
    monkeypatch.setattr(desk, "sending_accounts", lambda kind: [])
    at(desk, 3)
    look_after(desk)
    desk.settle()
    assert "does not work" in desk.notices["test:1"]
    assert "no mailbox" in desk.notices["test:1"]
    assert latest(desk)[1].state is CheckState.FAILED
    monkeypatch.undo()
    press(desk)
    (message,) = desk.settle()
    webform.message_sent(desk, desk.confirmation(message, len(desk.automatic)))
    assert desk.notices == {}


def test_a_red_test_by_hand_disturbs_nobody_else(desk):
    desk.paused.add(1)
    press(desk)
    assert desk.notices == {}


def test_only_the_newest_results_are_kept_and_none_of_deleted_forms(desk):
    desk.paused.add(1)
    for _ in range(33):
        press(desk)
    look_after(desk)
    assert len(latest_of(desk, 1, limit=100)) == 30
    del desk._accounts[1]
    look_after(desk)
    assert latest_of(desk, 1) == ()


@pytest.mark.parametrize("nonce", ["", "abc", "x-test-1"])
def test_nobody_but_us_makes_a_test(nonce):
    assert not is_test(nonce)
    assert not is_test(f"form.{nonce}.abc@webform.invalid")
