"""A thousand webhooks, many of them twice, in no order, some with a bad signature, end in exactly the right messages."""

import random

from app.models import Conversation, MessageReaction
from tests.integration.meta.business import Business

PEOPLE, TEXTS, ANSWERS, COMMENTS = 20, 440, 60, 60


def test_a_thousand_webhooks_end_in_exactly_the_right_messages(business: Business, clock):
    graph, chance = business.graph, random.Random(7)
    page = next(iter(graph.state.pages.values()))
    people = [graph.add_person(page, f"Person {number}") for number in range(PEOPLE)]
    post = graph.add_post(page.id, "New lamps!")
    written = []
    for number in range(TEXTS):
        clock.advance(seconds=1)
        written.append(graph.write(people[number % PEOPLE], f"Message {number}"))
    answered = [graph.answer_elsewhere(people[number % PEOPLE], f"Answer {number}") for number in range(ANSWERS)]
    comments = [graph.comment(people[number % PEOPLE], post, f"Comment {number}") for number in range(COMMENTS)]
    clock.advance(seconds=1)
    edited, unsent, loved = written[:30], written[30:50], written[50:80]
    for message in edited:
        graph.edit(message, f"{message.text}, changed")
    for message in unsent:
        graph.unsend(message)
    for message in loved:
        graph.react(people[0], message)
    for comment in comments[:10]:
        graph.remove_comment(comment)
    for person in people:
        graph.read(person)

    pour(business, chance)
    for _ in range(4):  # what overtook its message waits a little
        business.work()
        clock.advance(minutes=5)
    gone = {one.id for one in (*unsent, *comments[:10])}
    right = {one.id: one.text for one in (*written, *answered, *comments)}
    shown = {one.external_id: one for one in business.messages()}

    assert len(business.messages()) == len(right)
    assert all(one.text == right[id_] for id_, one in shown.items() if id_ not in gone)
    assert all(right[id_] not in shown[id_].text for id_ in gone)
    assert {shown[one.id].direction for one in answered} == {"outbound"}
    assert business.core.session.query(MessageReaction).count() == len(loved)
    assert business.core.session.query(Conversation).count() == PEOPLE + COMMENTS
    assert business.events("received", "undelivered") == []


def pour(business: Business, chance: random.Random) -> None:
    """Deliver what Meta has to tell in no order, a good part of it twice, and requests of somebody else between."""
    told, business.graph.undelivered = business.graph.undelivered, []
    storm = [(one, "") for one in (*told, *chance.sample(told, 200))]
    storm += [(one, "a secret of somebody else") for one in chance.sample(told, 1040 - len(storm))]
    chance.shuffle(storm)
    assert len(storm) >= 1000
    assert [business.post(one, secret=secret) for one, secret in storm] == [
        403 if secret else 200 for _, secret in storm
    ]
