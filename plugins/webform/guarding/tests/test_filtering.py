"""What becomes of a message on its way into the inbox."""

import time
from dataclasses import replace

import pytest

from plugins.webform.checking.marks import new_nonce
from plugins.webform.guarding import pressure
from plugins.webform.guarding.filtering import filter_message, waits_for_confirmation
from plugins.webform.guarding.signals import SIGNALS, SIGNALS_FIELD, is_injection, is_spam_by, reasons_of
from plugins.webform.guarding.verification import NOT_CONFIRMED
from plugins.webform.tests.factories import PageHost, create_submission
from plugins.webform.translate import message_of
from tidings import SPAM_REASON, InboundMessage

PITCH = "We offer SEO for your website, first page of Google guaranteed. See https://x.test/1"


def create_message(text: str = "Where is it?", *signals: str, number: int = 1, **changes: object) -> InboundMessage:
    values = {"name": f"Ada {number}", "email": f"ada{number}@example.com", "message": text, **changes}
    return message_of(create_submission(nonce=f"n{number}", values=values, signals=signals))


def filtered(host: PageHost, message: InboundMessage) -> InboundMessage:
    account = host.account(1)
    assert account is not None
    return filter_message(host, message, account)


def test_an_ordinary_message_passes_as_it_is(host):
    message = create_message()
    assert filtered(host, message) == message
    assert pressure.recent_suspicious(host) == 0


def test_what_is_suspicious_goes_to_spam_with_its_reasons_and_counts(host):
    changed = filtered(host, create_message(PITCH))
    assert changed.is_spam
    assert not changed.accepts_auto_reply
    assert changed.fields[SPAM_REASON].startswith("written like a letter to strangers")
    assert pressure.recent_suspicious(host) == 1


def test_a_light_signal_and_light_words_add_up(host):
    text = (
        "Great blog, see it on https://x.test/1 and tell me whether you like it, too, or what you think about it all?"
    )
    assert not filtered(host, create_message(text, number=1)).is_spam
    assert not filtered(host, create_message("Where is it?", "no_proof", number=2)).is_spam
    changed = filtered(host, create_message(text, "no_proof", "hidden_filled", "plain_post", number=3))
    assert changed.is_spam
    assert SIGNALS["no_proof"].sentence in changed.fields[SPAM_REASON]


def test_signals_are_never_shown(host):
    message = create_message("Where is it?", "plain_post")
    assert message.fields[SIGNALS_FIELD] == "plain_post"
    assert SIGNALS_FIELD not in filtered(host, message).fields


def test_a_heavy_signal_is_said_once(host):
    changed = filtered(host, create_message("Where is it?", "honeypot"))
    assert changed.fields[SPAM_REASON] == SIGNALS["honeypot"].sentence


def test_the_third_person_with_the_same_long_text_is_spam(host):
    text = (
        "Modern warehouses lose enormous amounts of energy through badly sealed doors, gates and roofs every single winter; "
        * 2
    )
    text += (
        "our experienced engineers inspect your building without charge and prepare detailed calculations afterwards"
    )
    states = [filtered(host, create_message(text, number=number)).is_spam for number in range(3)]
    assert states == [False, False, True]


def test_a_site_that_spam_was_sent_for_weighs(host):
    for number in range(2):
        assert filtered(host, create_message(f"{PITCH} {number}", number=number)).is_spam
    changed = filtered(host, create_message("Look at https://x.test/other today", number=9))
    assert "a site that spam was sent for" in changed.fields[SPAM_REASON]


def test_tests_of_a_form_are_weighed_but_count_for_no_attack_and_wait_for_nothing():
    host = PageHost(verifies_email=True)

    def tested(text: str) -> InboundMessage:
        values = {"name": "Ada", "email": "ada@example.com", "message": text}
        return filtered(host, message_of(create_submission(nonce=new_nonce("1"), values=values)))

    assert tested(PITCH).is_spam
    assert not tested("Where is it?").is_spam
    assert pressure.recent_suspicious(host) == 0


@pytest.mark.parametrize("is_spam", [False, True])
def test_an_address_that_is_not_confirmed_waits(is_spam):
    host = PageHost(verifies_email=True)
    changed = filtered(host, create_message(PITCH if is_spam else "Where is it?"))
    assert changed.is_spam
    assert changed.accepts_auto_reply is not is_spam
    assert waits_for_confirmation(changed.fields) is not is_spam
    assert (changed.fields[SPAM_REASON] == NOT_CONFIRMED) is not is_spam


def test_somebody_without_an_address_waits_for_nothing():
    host = PageHost(verifies_email=True)
    message = create_message()
    visitor = replace(message, sender=replace(message.sender, kind="visitor", value="n1"))
    assert not filtered(host, visitor).is_spam


def test_signals_have_weights_and_sentences():
    assert is_spam_by(["honeypot"])
    assert is_spam_by(["shirked"])
    assert not is_spam_by(["plain_post", "no_proof"])
    assert is_spam_by(["no_proof", "hidden_filled", "plain_post", "bad_context"])
    assert reasons_of(["plain_post", "honeypot"]) == (SIGNALS["honeypot"].sentence, SIGNALS["plain_post"].sentence)
    assert reasons_of(["of a later version"]) == ("of a later version",)
    assert is_spam_by(["no_proof", "hidden_filled", "plain_post"])
    assert not is_spam_by(["no_proof", "hidden_filled", "plain_post", "proven"])
    assert reasons_of(["proven", "plain_post"]) == (SIGNALS["plain_post"].sentence,)


def test_work_that_was_done_speaks_for_a_visitor_and_is_no_reason_that_anybody_reads():
    doubtful = ("hidden_filled", "hidden_filled", "bad_context", "plain_post")
    assert filtered(PageHost(), create_message("Where is it?", *doubtful)).is_spam
    assert not filtered(PageHost(), create_message("Where is it?", *doubtful, "proven")).is_spam
    surely = filtered(PageHost(), create_message("Where is it?", "honeypot", "plain_post", "plain_post", "proven"))
    assert surely.fields[SPAM_REASON] == f"{SIGNALS['honeypot'].sentence}; {SIGNALS['plain_post'].sentence}"


@pytest.mark.parametrize(
    "value", ["Ada\r\nBcc: x@y.test", "Ada%0aCc:x", "Ada%0D%0ABcc%3A x", "x\\nTo: y", "a\nContent-Type: b"]
)
def test_headers_in_a_line_are_known(value):
    assert is_injection(["Ada", value])


def test_a_long_line_is_read_once():
    started = time.perf_counter()
    assert not is_injection(["a" + "\n" * 900_000 + "b", "a" + "\n to" * 200_000, "%0a " * 200_000])
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("value", ["Ada", "To: Ada", "Re: from 9 to 5", "Ada\nAbel"])
def test_other_lines_are_not(value):
    assert not is_injection([value])
