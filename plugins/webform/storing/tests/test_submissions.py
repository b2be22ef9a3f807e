"""Submissions: each is found by its id and by its conversation, with the version it was made with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from plugins.webform.storing.submissions import (
    StoredSubmission,
    attach_conversation,
    keeping,
    last_submission,
    submission_named,
    submission_of,
)
from plugins.webform.storing.tests.factories import create_form_host

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
ADA = StoredSubmission("form.n1", 1, 3, {"name": "Ada", "topics": ["Order", "Żółć 🙂"]}, {"plan": "pro"}, AT)


def keep(host, submission):
    host.tables.write(*keeping(submission))


def test_submission_is_found_by_its_id():
    host, _ = create_form_host()
    keep(host, ADA)
    assert submission_named(host, "form.n1") == ADA
    assert submission_named(host, "form.n2") is None


def test_submission_is_found_by_its_conversation_once_it_has_one():
    host, _ = create_form_host()
    keep(host, ADA)
    assert submission_of(host, 7) is None
    attach_conversation(host, "form.n1", 7)
    found = submission_of(host, 7)
    assert (found.external_id, found.number, found.conversation_id) == ("form.n1", 3, 7)


def test_submission_that_comes_again_is_kept_once():
    host, _ = create_form_host()
    keep(host, ADA)
    attach_conversation(host, "form.n1", 7)
    keep(host, ADA)
    assert submission_named(host, "form.n1").conversation_id == 7


def test_the_last_submission_of_a_form_is_no_test_and_no_other_forms():
    host, _ = create_form_host()
    assert last_submission(host, 1) is None
    keep(host, ADA)
    keep(host, replace(ADA, external_id="form.test-1", made_at=LATER))
    keep(host, replace(ADA, external_id="form.n2", account_id=2, made_at=LATER))
    assert last_submission(host, 1) == AT
