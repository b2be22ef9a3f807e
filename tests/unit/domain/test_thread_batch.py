"""Promises of batch threading: the same groups for any order, no stranger joined by an id, no id of a group given twice."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.exchanges import Mail
from app.domain.thread_batch import group

ADA, BEN, EVE, HELP = "ada@x.org", "ben@q.org", "eve@z.org", "help@y.org"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def mail(key, sender=ADA, to=HELP, names=(), own_id=None, **options):
    """A mail with an id of its own; `to` is one address or several."""
    people = frozenset([to] if isinstance(to, str) else to)
    return Mail(
        f"{own_id or key}@id", tuple(f"{n}@id" for n in names), frozenset([sender]), people, content=key, **options
    )


def partition(mails):
    """The groups, by the contents of the mails."""
    groups = {}
    for one, thread in zip(mails, group(mails), strict=True):
        groups.setdefault(thread, set()).add(one.content)
    return {frozenset(keys) for keys in groups.values()}


def groups(*words):
    return {frozenset(word) for word in words}


def holds_in_any_order(mails, expected):
    return all(partition(order) == expected for order in itertools.permutations(mails))


def test_order_does_not_matter():
    mails = [
        mail("a"),
        mail("b", HELP, ADA, ["a"]),
        mail("c", names=["b", "a"]),
        mail("d", EVE, names=["a"]),
        mail("e", names=["lost"]),
        mail("f", names=["lost"]),
    ]

    assert holds_in_any_order(mails, groups("abc", "d", "ef"))


def test_the_house_never_ties_two_customers_who_answer_one_missing_mail():
    """One answer of the house names the newsletter too: it belongs to whom it was sent to."""
    mails = [
        mail("p", ADA, HELP, ["news"]),
        mail("s", HELP, ADA, ["news"]),
        mail("r", BEN, HELP, ["news"]),
        mail("t", HELP, BEN, ["r", "news"]),
    ]

    assert holds_in_any_order(mails, groups("ps", "rt"))


def test_two_people_with_one_id_are_two_exchanges_with_ids_of_their_own():
    mails = [
        mail("a", ADA, own_id="1"),
        mail("b", BEN, own_id="1"),
        mail("c", HELP, ADA, ["1"]),
        mail("d", HELP, BEN, ["1"]),
    ]

    assert holds_in_any_order(mails, groups("ac", "bd"))


def test_a_shop_that_reuses_an_id_keeps_its_customers_apart():
    mails = [
        mail("a", HELP, ADA, own_id="1"),
        mail("b", HELP, BEN, own_id="1"),
        mail("c", ADA, HELP, ["1"]),
        mail("d", BEN, HELP, ["1"]),
    ]

    assert holds_in_any_order(mails, groups("ac", "bd"))


def test_a_reused_id_means_the_last_mail_before_the_answer():
    mails = [
        mail("a", own_id="1", sent_at=NINE),
        mail("b", own_id="1", sent_at=NINE + timedelta(hours=1)),
        mail("c", HELP, ADA, ["1"], sent_at=NINE + timedelta(hours=2)),
    ]

    assert holds_in_any_order(mails, groups("a", "bc"))


def test_a_copy_with_the_line_of_a_list_below_it_is_the_same_mail():
    mails = [
        mail("a", ADA, HELP, own_id="1", sent_at=NINE),
        mail("b", ADA, HELP, own_id="1", sent_at=NINE),
        mail("c", HELP, ADA, ["1"], sent_at=NINE),
    ]

    assert holds_in_any_order(mails, groups("abc"))


def test_a_loop_of_ids_is_one_exchange():
    mails = [mail("a", names=["c"]), mail("b", HELP, ADA, names=["a"]), mail("c", names=["b"])]

    assert holds_in_any_order(mails, groups("abc"))


def test_one_newsletter_answered_by_two_people_is_two_exchanges():
    news = mail("n", "news@y.org", "readers@y.org")
    ada = mail("a", ADA, "news@y.org", ["n"])
    ben = mail("b", BEN, "news@y.org", ["n"])

    assert holds_in_any_order([ada, ben], groups("a", "b"))
    assert holds_in_any_order([news, ada, ben], groups("n", "a", "b"))


def test_a_colleague_who_answers_from_their_own_address_stays_in_the_exchange():
    mails = [mail("a"), mail("b", "lea@y.org", ADA, ["a"]), mail("c", ADA, "lea@y.org", ["b", "a"])]

    assert holds_in_any_order(mails, groups("abc"))


def test_at_a_provider_where_everybody_has_an_address_nobody_is_a_colleague():
    for house in ("gmail.com", "outlook.com"):
        asked = mail("asked", to=f"shop@{house}")
        answer = mail("answer", sender=f"eve@{house}", to=ADA, names=["asked"])

        assert holds_in_any_order([asked, answer], groups(["asked"], ["answer"]))


def test_somebody_who_is_copied_in_later_may_answer_what_came_before():
    mails = [mail("a"), mail("b", ADA, [HELP, BEN], ["a"]), mail("c", BEN, HELP, ["a"])]

    assert holds_in_any_order(mails, groups("abc"))


def test_on_a_list_everybody_takes_part():
    a, b, c = mail("a", ADA, "l@y.org"), mail("b", BEN, "l@y.org", ["a"]), mail("c", EVE, "l@y.org", ["lost", "b"])
    mails = [replace(one, is_list=True) for one in (a, b, c)]

    assert holds_in_any_order(mails, groups("abc"))


def test_an_exchange_keeps_its_id_when_only_the_order_changes():
    mails = [mail("a"), mail("b", names=["a"])]

    assert group(mails) == group(mails[::-1])


def test_thousands_of_mails_that_share_everything_are_grouped_at_once():
    shared = [mail(f"k{n}", own_id="1", names=["2"]) for n in range(2_000)]
    answers = [mail(f"a{n}", HELP, ADA, names=["1"]) for n in range(2_000)]

    assert len(partition([*shared, *answers])) == 1


people = st.sampled_from([ADA, BEN, EVE, HELP, "lea@y.org"])
ids = st.sampled_from("12345")
some_mail = st.builds(
    Mail,
    message_id=ids,
    names=st.lists(ids, max_size=3).map(tuple),
    author=people.map(lambda person: frozenset([person])),
    people=st.frozensets(people, max_size=3),
    reply_to=st.frozensets(people, max_size=1),
    sent_at=st.sampled_from([None, NINE, NINE + timedelta(hours=1)]),
    is_list=st.booleans(),
    is_doubtful=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(some_mail, min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_every_order_gives_one_partition_and_one_id_to_each_exchange(mails, chance):
    mails = [replace(one, content=str(number)) for number, one in enumerate(mails)]
    expected = dict(zip((one.content for one in mails), group(mails), strict=True))
    for _ in range(4):
        chance.shuffle(mails)
        assert dict(zip((one.content for one in mails), group(mails), strict=True)) == expected
