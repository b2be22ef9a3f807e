"""Agents whose telephones ring at Twilio, and what callers and they do next."""

from typing import Any

from plugins.voip import agents
from plugins.voip.calls import CallState
from plugins.voip.record import find
from plugins.voip.tests.lines import Phone
from tidings import AgentSummary
from tidings.testing import FakeHost

EVE, FAY = "+493055501", "+493055502"


def add_agents(host: FakeHost, *numbers: str) -> None:
    host.staff = [AgentSummary(n, f"Agent {n}", f"agent{n}@example.com", "agent") for n in range(1, len(numbers) + 1)]
    for n, number in enumerate(numbers, 1):
        agents.save(host, n, f"Agent {n}", number=number, is_available=True)


def state(phone: Phone) -> CallState:
    with phone.host.tables.connect() as connection:
        kept = find(connection, phone.account.id, phone.sid)
    assert kept is not None
    return kept.call.state


def follow(phone: Phone) -> None:
    """Go where a <Redirect> leads."""
    redirect = phone.answer.find("Redirect")
    assert redirect is not None
    assert redirect.text
    phone.post(redirect.text)


def wait(phone: Phone, position: int = 1) -> None:
    enqueue = phone.answer.find("Enqueue")
    assert enqueue is not None
    phone.step("wait", QueuePosition=str(position), QueueTime="0")


def legs(phone: Phone) -> list[dict[str, Any]]:
    """The calls that rang agents, the first one first."""
    return [one for one in phone.twilio.calls.values() if one["direction"] == "outbound-api"]


def pick_up(phone: Phone, leg: dict[str, Any], digit: str = "1") -> Phone:
    """An agent answers their telephone and presses a key."""
    leg["status"] = "in-progress"
    agent = Phone(phone.twilio, phone.host, leg["sid"], phone.account)
    agent.post(leg["url"])
    agent.press(digit)
    return agent
