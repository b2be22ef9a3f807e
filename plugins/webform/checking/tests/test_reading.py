"""What a test reads in a page, and the marks it leaves."""

import json
from datetime import UTC, datetime

import pytest

from plugins.webform.checking.marks import THREAD, done_event, is_test, new_nonce, nonce_of, translate_done
from plugins.webform.checking.page_reader import ReadPage, read_page
from plugins.webform.checking.steps import SENTENCES, TITLES, Step, StepResult, StepState, say_step
from tidings import RawEvent, UnrecognisedPayload

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_controls_facts_and_alert_are_found():
    page = read_page(
        """<div data-facts='{"proof": true}'><div role="alert"><p>Not sent.<br>Look:</p><ul><li>Name: too short</li></ul></div>
        <p>Other</p><input name="token" value="t&amp;1"><textarea name="message">x</textarea><select name="topic"></select>
        <input type="radio" name="stars" value="1"><input type="radio" name="stars" value="2"><input></div>"""
    )
    assert page.controls == {"token": "t&1", "message": "", "topic": "", "stars": "1"}
    assert page.facts == {"proof": True}
    assert page.alert == "Not sent. Look: Name: too short"


@pytest.mark.parametrize("text", ["", "<", "plain", "<div data-facts='{'>", "<div data-facts='[1]'>", "</div></div>"])
def test_what_is_no_page_of_a_form_has_nothing(text):
    assert read_page(text) == ReadPage()


def test_the_mark_is_in_the_nonce_and_in_the_id():
    nonce = new_nonce("0a1b")
    external_id = f"form.{nonce}.abcdef@webform.invalid"
    assert is_test(nonce)
    assert is_test(external_id)
    assert nonce_of(external_id) == nonce
    assert nonce_of("form.other.abcdef@webform.invalid") == ""


def test_the_end_of_a_test_resolves_its_conversation_once():
    event = done_event("test-1", AT)
    update = translate_done(event)
    assert (update.thread_key, update.status, update.at) == (THREAD, "resolved", AT)
    assert event.source_key == done_event("test-1", AT).source_key


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"at": 1}', b'{"at": "2026-03-04T05:06:07"}', b"[" * 5000])
def test_what_is_no_end_of_a_test_is_refused(payload):
    with pytest.raises(UnrecognisedPayload):
        translate_done(RawEvent(payload))


def test_every_step_has_a_title_and_sentences_have_known_places():
    assert set(TITLES) == set(Step)
    places = {"status", "field", "reason", "number", "address", "name"}
    for sentence in SENTENCES.values():
        assert sentence % dict.fromkeys(places, "x")
    assert json.dumps(SENTENCES)


def test_each_reason_for_spam_is_said_in_the_readers_language():
    words = {SENTENCES["inbox_spam"]: "Im Spam: %(reason)s.", "a link": "ein Link", "random letters": "Buchstabensalat"}
    result = StepResult(StepState.FAILED, "inbox_spam", {"reason": "a link; random letters; new_signal"})

    assert say_step(result, lambda text: words.get(text, text)) == "Im Spam: ein Link; Buchstabensalat; new_signal."
