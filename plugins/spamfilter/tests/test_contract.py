"""What the plugin promises: what goes to Spam and what never does, what agents read, and what they teach."""

from dataclasses import replace

import pytest

from plugins import spamfilter
from plugins.spamfilter.forms import SpamfilterSettings
from plugins.spamfilter.tests.making import (
    ACCOUNT,
    answer,
    arrive,
    conversation,
    create_host,
    create_message,
    genuine,
    move,
    school,
    spam,
)
from tidings import SPAM_REASON, Authenticity, InboundAttachment, MessageKind, MessageWarning, Verdict, Viewer

MANAGER = Viewer(1, "Lea", "manager")
LURE = '<p>Sign in at <a href="http://10.1.2.3/x">www.bank.test</a></p><img src="http://10.1.2.3/p">'


def judged(host, message, account=ACCOUNT):
    return spamfilter.filter_inbound(host, message, account)


def rows_of(panels):
    return dict(panels[0].rows)


def test_what_was_taught_goes_to_spam_with_its_reasons_and_the_rest_does_not():
    host = create_host()
    assert judged(host, spam(1)) is None
    school(host)
    changed = judged(host, spam(1))
    assert changed.is_spam
    assert not changed.accepts_auto_reply
    assert changed.fields[SPAM_REASON] == "it reads like mail that was marked as spam here"
    assert changed.text == spam(1).text
    assert judged(host, genuine(2)) is None


def test_a_message_is_judged_alike_as_often_as_it_comes():
    host = create_host()
    school(host)
    assert judged(host, spam(1)) == judged(host, spam(1))


def test_few_lessons_count_nothing():
    host = create_host()
    school(host, 19)
    assert judged(host, spam(1)) is None


def test_rules_alone_suffice_where_several_come_together():
    pretends = MessageWarning("lookalike_domain", "…")
    disowned = MessageWarning("dmarc_failed", "…")
    message = create_message("Please sign in again.", html=LURE, warnings=(pretends, disowned))
    changed = judged(create_host(), message)
    assert changed.is_spam
    assert changed.fields[SPAM_REASON].split("; ") == [
        "a domain that looks like another one",
        "a link that leads elsewhere than it says",
        "a sender whose domain disowns it",
        "a link to a number in place of a site",
        "hardly anything but pictures",
    ]
    assert judged(create_host(), replace(message, warnings=())) is None


def test_reasons_of_others_stay():
    host = create_host()
    school(host)
    changed = judged(host, replace(spam(1), fields={SPAM_REASON: "a file with a virus", "Page": "Shop"}))
    assert changed.fields[SPAM_REASON].startswith("a file with a virus; it reads like")
    assert changed.fields["Page"] == "Shop"


def test_who_was_answered_here_is_not_put_into_spam_by_words():
    host = create_host()
    school(host)
    arrive(host, genuine(1), 1)
    answer(host, 1)
    friendly = replace(spam(2), sender=genuine(1).sender)
    assert judged(host, friendly) is None
    forged = replace(friendly, authenticity=Authenticity("home1.test", dmarc=Verdict.FAIL))
    assert judged(host, forged).is_spam
    move(host, 1, "open", "spam")
    assert judged(host, friendly).is_spam


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": MessageKind.BOUNCE},
        {"is_echo": True},
        {"is_test": True},
        {"text": "", "subject": ""},
    ],
)
def test_what_is_not_for_the_filter_is_left_alone_and_teaches_nothing(fields):
    host = create_host(sure=70)
    school(host)
    message = replace(spam(1), **fields)
    assert judged(host, message) is None
    arrive(host, message, 1)
    assert spamfilter.conversation_panels(host, conversation(1, "spam")) == []


@pytest.mark.parametrize("line", ["Support", "help@EXAMPLE.com", "mailbox", " webform \n mailbox "])
def test_accounts_are_left_out_by_name_address_or_channel(line):
    host = create_host(left_out=line)
    school(host)
    assert judged(host, spam(1)) is None


def test_forms_have_a_filter_of_their_own():
    host = create_host()
    school(host)
    assert judged(host, spam(1), replace(ACCOUNT, plugin="webform")) is None


def test_what_is_in_spam_already_stays_there_and_can_teach():
    host = create_host()
    assert arrive(host, replace(spam(1), is_spam=True), 1).is_spam
    move(host, 1, "spam", "open")
    assert rows_of(spamfilter.conversation_panels(host, conversation(1)))["Learnt"]


def test_what_is_unsure_is_tagged_where_that_is_wanted():
    host = create_host(unsure=30, sure=99, tags_unsure=True)
    message = create_message("See this.", html=LURE)
    changed = judged(host, message)
    assert changed.tags == ("maybe spam",)
    assert not changed.is_spam
    assert judged(create_host(unsure=30, sure=99), message) is None


def test_agents_read_why():
    host = create_host()
    school(host)
    arrive(host, spam(1), 1)
    rows = rows_of(spamfilter.conversation_panels(host, conversation(1, "spam")))
    assert rows["Score when it came"] == "99 %"
    assert "it reads like" not in rows["Speaks for spam"]
    assert len(rows["Speaks for spam"].split("; ")) == 5
    arrive(host, genuine(2), 2)
    assert spamfilter.conversation_panels(host, conversation(2)) == []
    host.translations["de"] = {"Score when it came": "Wertung bei der Ankunft"}
    host.language = "de"
    assert "Wertung bei der Ankunft" in rows_of(spamfilter.conversation_panels(host, conversation(1, "spam")))


def test_not_spam_brings_the_next_one_home():
    host = create_host()
    school(host)
    wanted = [replace(spam(at), sender=spam(1).sender) for at in (1, 2)]
    assert arrive(host, wanted[0], 1).is_spam
    move(host, 1, "spam", "open")
    assert not arrive(host, wanted[1], 2).is_spam


def test_an_answer_teaches_unless_somebody_said_otherwise_or_it_is_automatic():
    host = create_host()
    arrive(host, genuine(1), 1)
    move(host, 1, "open", "spam")
    answer(host, 1)
    assert "what spam is" in rows_of(spamfilter.conversation_panels(host, conversation(1)))["Learnt"]
    arrive(host, genuine(2), 2)
    answer(host, 2, is_automatic=True)
    assert spamfilter.conversation_panels(host, conversation(2)) == []
    answer(host, 2)
    assert "no spam" in rows_of(spamfilter.conversation_panels(host, conversation(2)))["Learnt"]


def test_answers_teach_nothing_where_that_is_not_wanted():
    host = create_host(learns_from_answers=False)
    arrive(host, genuine(1), 1)
    answer(host, 1)
    assert spamfilter.conversation_panels(host, conversation(1)) == []


def test_a_change_that_is_not_about_spam_teaches_nothing():
    host = create_host()
    arrive(host, genuine(1), 1)
    move(host, 1, "open", "resolved")
    move(host, 1, "spam", "spam")
    assert spamfilter.conversation_panels(host, conversation(1)) == []


def test_the_dashboard_tells_managers_how_it_does():
    host = create_host()
    assert spamfilter.dashboard_panels(host, MANAGER) == []
    school(host, 19)
    assert "Still learning" in rows_of(spamfilter.dashboard_panels(host, MANAGER))
    school(host, 21, start=8000)
    arrive(host, spam(1), 1)
    move(host, 1, "spam", "open")
    rows = rows_of(spamfilter.dashboard_panels(host, MANAGER))
    assert rows["Learnt from"] == "40 spam, 41 other"
    assert "Still learning" not in rows
    assert int(rows["Put into Spam this week"]) >= 1
    assert rows["Of these taken back"] == "1"
    assert spamfilter.dashboard_panels(host, replace(MANAGER, role="agent")) == []


def test_old_messages_are_forgotten_and_what_they_taught_is_kept():
    host = create_host()
    school(host)
    (job,) = spamfilter.register_jobs(host)
    host.clock.tick(61 * 86_400)
    job.run()
    assert spamfilter.conversation_panels(host, conversation(5000, "spam")) == []
    assert rows_of(spamfilter.dashboard_panels(host, MANAGER))["Learnt from"] == "40 spam, 40 other"
    assert judged(host, spam(1)).is_spam


def test_a_file_that_can_do_harm_counts():
    host = create_host(unsure=30, tags_unsure=True, sure=99)
    program = InboundAttachment("invoice.pdf.exe", "application/pdf", b"MZ")
    disowned = MessageWarning("dmarc_failed", "…")
    assert judged(host, create_message("See the invoice.", attachments=(program,), warnings=(disowned,))).tags


@pytest.mark.parametrize(
    ("sure", "unsure", "is_fine"), [(95, 60, True), (80, 80, False), (60, 50, False), (99, 98, True)]
)
def test_the_settings_refuse_what_makes_no_sense(sure, unsure, is_fine):
    data = {"sure": sure, "unsure": unsure, "left_out": "", "tags_unsure": False, "learns_from_answers": True}
    assert SpamfilterSettings(data=data).validate() is is_fine
