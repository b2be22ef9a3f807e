"""A thousand webhooks, many of them again and again, in no order, some with a bad signature, end in exactly the right messages."""

import random

from app.models import Conversation
from tests.integration.twitter.shop import Shop

PEOPLE, MENTIONS, REPLIES, DIRECT, ANSWERS = 20, 120, 60, 100, 40


def test_a_thousand_webhooks_end_in_exactly_the_right_messages(shop: Shop, clock):
    x, chance = shop.x, random.Random(7)
    people = [x.add_person(f"Person {number}") for number in range(PEOPLE)]
    told: list[dict] = []
    x.tell = told.append

    mentions = []
    for number in range(MENTIONS):
        clock.advance(seconds=1)
        mentions.append(x.mention(people[number % PEOPLE], f"Mention {number}"))
    direct = [x.message(people[number % PEOPLE], f"Direct {number}") for number in range(DIRECT)]
    answers = [x.post(x.account, f"Answer {number}", in_reply_to=mentions[number]) for number in range(ANSWERS)]
    replies = [x.post(people[n % PEOPLE], f"Reply {n}", in_reply_to=answers[n % ANSWERS]) for n in range(REPLIES // 2)]
    roots = [x.post(people[0], f"Root {number}") for number in range(5)]
    replies += [x.mention(people[n % PEOPLE], f"Reply {n}", in_reply_to=roots[n % 5]) for n in range(REPLIES // 2)]
    others = [x.post(x.account, f"To everybody {number}") for number in range(10)]
    for post in others:
        x.post(people[1], "", reposts=post)
    clock.advance(seconds=1)
    gone = answers[:10]
    for post in gone:
        x.delete(post)

    storm = [(one, "") for one in told]
    storm += [(one, "") for one in chance.choices(told, k=360)]
    storm += [(one, "a secret of somebody else") for one in chance.choices(told, k=1000 - len(storm))]
    chance.shuffle(storm)
    statuses = [shop.post(payload, secret=secret) for payload, secret in storm]
    assert len(storm) >= 1000
    assert statuses == [403 if secret else 200 for _, secret in storm]

    for _ in range(4):  # what overtook its message waits a little
        shop.work()
        clock.advance(minutes=5)
    right = {f"post:{one.id}": one.text for one in (*mentions, *replies)}
    right |= {f"dm:{one.id}": one.text for one in direct}
    sent = {f"own:{one.id}": one.text for one in answers}
    removed = {f"own:{one.id}" for one in gone}
    shown = {one.external_id: one for one in shop.messages()}

    assert len(shop.messages()) == len(shown)
    assert {key: one.text for key, one in shown.items() if one.direction == "inbound"} == right
    echoes = {key: one.text for key, one in shown.items() if one.direction == "outbound"}
    assert {key: text for key, text in echoes.items() if key not in removed} == {
        key: text for key, text in sent.items() if key not in removed
    }
    assert all("Answer" not in echoes.get(key, "") for key in removed)
    threads = {(post.conversation_id, post.author.id) for post in (*mentions, *replies)} | set(people_of(direct))
    assert shop.core.session.query(Conversation).count() == len(threads)
    assert shop.events("undelivered") == []


def people_of(messages) -> set[tuple[str, str]]:
    return {(one.conversation_id, "") for one in messages}
