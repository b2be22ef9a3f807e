"""Submissions: each is found by its id and by its conversation, with the version it was made with."""

from datetime import UTC, datetime

from plugins.webform.storing.submissions import (
    StoredSubmission,
    attach_conversation,
    keep_submission,
    submission_named,
    submission_of,
)
from plugins.webform.storing.tests.factories import create_form_host

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ADA = StoredSubmission("form.n1", 1, 3, {"name": "Ada", "topics": ["Order", "Żółć 🙂"]}, {"plan": "pro"}, AT)


def test_submission_is_found_by_its_id():
    host, _ = create_form_host()
    keep_submission(host, ADA)
    assert submission_named(host, "form.n1") == ADA
    assert submission_named(host, "form.n2") is None


def test_submission_is_found_by_its_conversation_once_it_has_one():
    host, _ = create_form_host()
    keep_submission(host, ADA)
    assert submission_of(host, 7) is None
    attach_conversation(host, "form.n1", 7)
    found = submission_of(host, 7)
    assert (found.external_id, found.number, found.conversation_id) == ("form.n1", 3, 7)


def test_submission_that_comes_again_is_kept_once():
    host, _ = create_form_host()
    keep_submission(host, ADA)
    attach_conversation(host, "form.n1", 7)
    keep_submission(host, ADA)
    assert submission_named(host, "form.n1").conversation_id == 7
