"""How marks and findings become one number."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.spamfilter.bayes import Counts, Telling, likelihood, telling
from plugins.spamfilter.marks import domain_mark, number_of, sender_mark
from plugins.spamfilter.rules import Finding, findings_in
from plugins.spamfilter.scoring import LEAST_LESSONS, score_of
from plugins.spamfilter.tests.making import NOW, create_message
from tidings import Authenticity, InboundAttachment, Verdict, inbound_from_mail

MANY = Counts(1000, 1000)


def score(known, findings=(), taught=MANY, address="ada@example.com", **more):
    marks = {number_of(mark): mark for mark in known}
    counts = {number_of(mark): count for mark, count in known.items()}
    return score_of(marks, findings, counts, taught, address=address, **more)


def words(count, counts):
    return {f"word {at}": counts for at in range(count)}


@pytest.mark.parametrize(
    ("known", "least", "most"),
    [
        (words(10, Counts(100, 0)), 99, 99),
        (words(10, Counts(0, 100)), 0, 1),
        ({**words(10, Counts(100, 0)), **{f"word h{at}": Counts(0, 100) for at in range(10)}}, 40, 60),
        (words(10, Counts(50, 60)), 50, 50),
        ({}, 50, 50),
    ],
)
def test_what_marks_say_together(known, least, most):
    assert least <= score(known).percent <= most


@given(st.lists(st.floats(0.001, 0.999), max_size=150))
def test_a_likelihood_is_one_whatever_the_marks(probabilities):
    found = likelihood([Telling("word x", one) for one in probabilities])
    assert 0 <= found <= 1
    turned = likelihood([Telling("word x", 1 - one) for one in probabilities])
    assert found == pytest.approx(1 - turned, abs=1e-6)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 500), st.integers(1, 500))
def test_a_probability_is_never_certain(spam, ham, taught_spam, taught_ham):
    counts = {1: Counts(min(spam, taught_spam), min(ham, taught_ham))}
    for one in telling({1: "word x"}, counts, Counts(taught_spam, taught_ham)):
        assert 0 < one.probability < 1


def test_more_lessons_make_it_surer_and_few_of_one_sort_count_nothing():
    known = words(2, Counts(18, 0))
    percents = [score(known, taught=Counts(count, count)).percent for count in (20, 40, 400)]
    assert percents == sorted(percents)
    assert len(set(percents)) == 3
    assert score(known, taught=Counts(1000, LEAST_LESSONS - 1)).learnt is None
    assert score(known, taught=Counts(1000, LEAST_LESSONS - 1)).percent == 5


def test_the_links_of_a_page_do_not_outvote_its_words():
    paths = {f"path p{at}": Counts(100, 0) for at in range(50)}
    assert score({**paths, **{f"word {at}": Counts(0, 100) for at in range(15)}}).percent < 50


def test_findings_are_weighed_with_what_was_learnt():
    for_spam, against = Finding(4.0, "a mark"), Finding(-4.0, "a friend")
    assert score({}, [for_spam]).percent == 98
    assert score({}, [for_spam, against]).percent == 50
    assert score({}, [for_spam], taught=Counts()).percent == 74


def test_a_friend_is_one_who_was_answered_and_never_marked():
    address = "ada@example.com"
    spam = words(20, Counts(100, 0))
    friend = {**spam, sender_mark(address): Counts(0, 1)}
    assert score(friend, address=address).percent < 95
    assert score(friend, address=address, dmarc=Verdict.FAIL).percent >= 95
    assert score({**spam, sender_mark(address): Counts(1, 5)}, address=address).percent >= 95
    neighbour = {**spam, domain_mark(address): Counts(0, 3)}
    assert [one.weight for one in score(neighbour, address=address).findings] == [-4.0]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"html": '<a href="https://evil.test/x"><b>https://www.bank.test</b></a>'}, "a link that leads elsewhere than it says"),
        ({"html": '<a href="https://click.bank.test/x">www.bank.test</a>'}, ""),
        ({"html": '<a href="https://evil.test/x">Sign in here</a>'}, ""),
        ({"html": '<a href="https://www.shop.co.uk/x">help.shop.co.uk/x</a>'}, ""),
        ({"text": "Go to http://192.168.0.1/x at once, said the man"}, "a link to a number in place of a site"),
        ({"text": "A che\u200bap watch"}, "invisible characters inside words"),
        ({"text": "می\u200cخواهم"}, ""),
        ({"text": "family \U0001f469\u200d\U0001f467"}, ""),
        ({"text": "Your p\u0430ypal account"}, "words of two alphabets"),
        ({"text": "Лампа LED пришла"}, ""),
        ({"html": "<img src='cid:1'>", "text": "Buy!"}, "hardly anything but pictures"),
        ({"external_id": ""}, "no Message-ID"),
        ({"authenticity": Authenticity("example.com", spf=Verdict.FAIL)}, "sent from a server that its domain does not know"),
        ({"authenticity": Authenticity("example.com", spf=Verdict.FAIL, dmarc=Verdict.PASS)}, ""),
        ({"attachments": (InboundAttachment("a.exe", "application/pdf", b"MZ"),)}, "a file that can do harm"),
        ({"attachments": (InboundAttachment("a.html", "text/html", b"<html>"),)}, ""),
    ],
)  # fmt: skip
def test_rules_find_what_they_name_and_nothing_else(fields, reason):
    message = replace(create_message("Hello, is the lamp there?"), **fields)
    assert [one.reason for one in findings_in(message)] == ([reason] if reason else [])


FLAGGED = b"From: Ada <ada@example.com>\r\nSubject: Lamp\r\n%b\r\n\r\nIs the lamp there?\r\nX-Spam-Flag: YES\r\n"


@pytest.mark.parametrize(
    ("line", "is_marked"),
    [
        (b"X-Spam-Flag: YES", True),
        (b"x-spam-status: Yes, score=9.1", True),
        (b"X-Spam-Status: No, score=-2", False),
        (b"X-Spam-Flag: NO", False),
        (b"X-Other: yes", False),
    ],
)
def test_the_word_of_another_filter_counts_when_it_says_spam(line, is_marked):
    message = replace(inbound_from_mail(FLAGGED % line, NOW), external_id="1@mail.test")
    assert [one.reason for one in findings_in(message)] == (["marked as spam on its way"] if is_marked else [])
