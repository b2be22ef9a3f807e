"""A thousand pushes, many of them twice, in no order, some of somebody else, while mail comes, moves and is answered on both sides: what
stands in the inbox is exactly what is in the mailbox."""

import random

from app.plugin_api.testing.providers import FakeGmail
from tests.integration.gmail.desk import Desk, mail

QUESTIONS, PUSHES = 100, 1000
FORGED = (
    {"aud": "https://else.example.com/hooks/gmail"},
    {"email": "pushes@else.example.com"},
    {"iss": "https://evil.example.com"},
    {"aud": "nothing"},
    {"exp": 1_000_000, "iat": 999_000},
)


def test_a_thousand_pushes_end_in_exactly_the_right_messages(desk: Desk, gmail: FakeGmail):
    chance = random.Random(7)
    right: dict[str, str] = {}
    fetched = 0
    pushes = [{} for _ in range(PUSHES * 3 // 4)] + [dict(chance.choice(FORGED)) for _ in range(PUSHES // 4)]
    chance.shuffle(pushes)
    for number, claims in enumerate(pushes):
        if number % 8 == 0 and len(right) < QUESTIONS:
            right |= write(gmail, chance, number)
        if number in (300, 600):
            desk.fetch()
            gmail.forget_history()
            desk.fetch()
        assert desk.push(**claims) == (403 if claims else 204)
        if chance.random() < 0.03:
            fetched += desk.fetch_if_wished()
    desk.fetch()
    assert fetched > 10

    shown = desk.messages()
    assert sorted((one.external_id, one.direction) for one in shown) == sorted(right.items())
    questions = {one.external_id: one.conversation_id for one in shown if one.direction == "inbound"}
    echoes = [one for one in shown if one.direction == "outbound"]
    assert echoes
    assert all(one.conversation_id == questions[one.external_id.replace("answer-", "")] for one in echoes)
    assert len(desk.conversations()) == len(questions)
    assert desk.undelivered() == []


def test_pushes_about_others_wake_nobody(desk: Desk):
    desk.fetch_if_wished()

    assert desk.push(address="else@example.test") == 204
    assert not desk.fetch_if_wished()
    assert desk.push() == 204
    assert desk.fetch_if_wished()


def write(gmail: FakeGmail, chance: random.Random, number: int) -> dict[str, str]:
    """Something happens in the mailbox; gives the ids of what the inbox shows of it, and in which direction it went."""
    arrived = gmail.deliver(mail(number))
    found = {f"{number}@mail.example.org": "inbound"}
    happening = chance.random()
    if happening < 0.2:
        gmail.relabel(arrived, remove=["INBOX", "UNREAD"])  # somebody archives it on a telephone
    elif happening < 0.3:
        gmail.relabel(arrived, remove=["INBOX"])
        gmail.relabel(arrived, add=["INBOX"])
    elif happening < 0.4:
        answer = mail(number, answers=f"{number}@mail.example.org", sender="support@example.test", to="ada@example.com")
        answer = answer.replace(f"<{number}@".encode(), f"<answer-{number}@".encode(), 1)
        gmail.deliver(answer, labels=["SENT"])
        found[f"answer-{number}@mail.example.org"] = "outbound"
    elif happening < 0.5:
        gmail.deliver(mail(10_000 + number), labels=["DRAFT"])
        gmail.deliver(mail(20_000 + number), labels=["SPAM"])
        gmail.deliver(mail(number))  # the same mail once more, as lists and forwarders send it
    return found
