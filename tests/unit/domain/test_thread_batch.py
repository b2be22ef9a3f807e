"""Promises of batch threading: the same groups for any order, and no stranger joined by an id or a subject."""

import itertools

from app.domain.thread_batch import MailNode, group


def node(key, sender="ada@x.org", to="help@y.org", names=()):
    return MailNode(key, f"{key}@id", frozenset(f"{n}@id" for n in names), sender, frozenset([to]))


def partition(nodes):
    threads = group(nodes)
    return {frozenset(k for k in threads if threads[k] == t) for t in threads.values()}


def test_order_does_not_matter():
    nodes = [
        node("a"),
        node("b", "help@y.org", "ada@x.org", ["a"]),
        node("c", names=["b", "a"]),
        node("d", "eve@z.org", names=["a"]),
        node("e", names=["lost"]),
        node("f", names=["lost"]),
    ]
    expected = {frozenset("abc"), frozenset("d"), frozenset("ef")}

    assert all(partition(order) == expected for order in itertools.permutations(nodes))


def test_a_loop_of_ids_is_one_exchange():
    assert partition([node("a", names=["b"]), node("b", names=["a"])]) == {frozenset("ab")}


def test_one_newsletter_answered_by_two_people_is_two_exchanges():
    ada = node("a", "ada@x.org", "news@y.org", ["newsletter"])
    ben = node("b", "ben@x.org", "office@y.org", ["newsletter"])

    assert len(partition([ada, ben])) == 2


def test_exchange_keeps_its_id_when_only_the_order_changes():
    nodes = [node("a"), node("b", names=["a"])]

    assert group(nodes) == group(nodes[::-1])
