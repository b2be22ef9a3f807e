"""Waiting for agents at Twilio, ringing them, and their own calls; led by signed posts as Twilio makes them."""

from typing import Any

from plugins import voip
from plugins.voip.calls import CallState
from plugins.voip.record import tell_rest
from plugins.voip.tests.agents_at_twilio import EVE, FAY, add_agents, follow, legs, pick_up, state, wait
from plugins.voip.tests.lines import ADA, BEN, OURS, Caller, Phone, create_host, told, twilio_account
from plugins.voip.twilio_ringing import release_late_callers
from tidings import ContactSummary
from tidings.testing import FakeHost


def test_an_agent_takes_the_call_by_a_key(call: Caller, fake_twilio: Any) -> None:
    phone = call()
    add_agents(phone.host, EVE)
    follow(phone)
    wait(phone)
    assert "next caller" in phone.said()
    (leg,) = legs(phone)
    assert leg["to"] == EVE
    agent = pick_up(phone, leg)
    queue = agent.answer.find("Dial/Queue")
    assert queue is not None
    assert queue.text == "tidings-1-main"
    phone.post(queue.attrib["url"], DequeingCallSid=leg["sid"])
    assert state(phone) is CallState.ANSWERED
    phone.host.clock.tick(65)
    phone.step("left", QueueResult="bridged")
    phone.hang_up(duration_s=80)
    message, task = told(phone.host, phone.account)
    assert message.text == "Call, 1:05"
    assert message.fields["Agent"] == "Agent 1"
    assert task.remove_tags == ("call back",)


def test_an_agents_own_answering_machine_takes_no_call(call: Caller) -> None:
    phone = call()
    add_agents(phone.host, EVE)
    follow(phone)
    wait(phone)
    agent = pick_up(phone, legs(phone)[0], digit="")
    assert agent.answer.find("Hangup") is not None
    assert state(phone) is CallState.WAITING


def test_agents_ring_one_after_the_other(call: Caller) -> None:
    phone = call(rings="turn")
    add_agents(phone.host, EVE, FAY)
    follow(phone)
    wait(phone)
    wait_again = [leg["to"] for leg in legs(phone)]
    phone.step("wait", QueuePosition="1")
    assert [leg["to"] for leg in legs(phone)] == wait_again == [EVE]
    first = Phone(phone.twilio, phone.host, legs(phone)[0]["sid"], phone.account)
    phone.twilio.end_call(first.sid, "no-answer")
    first.post(legs(phone)[0]["status_callback"])
    assert [leg["to"] for leg in legs(phone)] == [EVE, FAY]


def test_agents_ring_together_until_one_takes_the_call(call: Caller) -> None:
    phone = call(rings="together")
    add_agents(phone.host, EVE, FAY)
    follow(phone)
    wait(phone)
    first, second = legs(phone)
    agent = pick_up(phone, second)
    queue = agent.answer.find("Dial/Queue")
    assert queue is not None
    phone.post(queue.attrib["url"], DequeingCallSid=second["sid"])
    assert first["status"] == "completed"
    assert second["status"] == "in-progress"
    late = Phone(phone.twilio, phone.host, first["sid"], phone.account)
    late.post(first["url"])
    assert "taken already" in late.said()


def test_an_agent_who_talks_is_not_rung(call: Caller) -> None:
    phone = call()
    add_agents(phone.host, EVE)
    follow(phone)
    wait(phone)
    queue = pick_up(phone, legs(phone)[0]).answer.find("Dial/Queue")
    assert queue is not None
    phone.post(queue.attrib["url"], DequeingCallSid=legs(phone)[0]["sid"])
    other = call(sender=BEN, host=phone.host)
    follow(other)
    wait(other)
    assert len(legs(phone)) == 1


def test_a_caller_who_waited_long_enough_may_leave_a_message(call: Caller) -> None:
    phone = call(longest_wait_s=60)
    add_agents(phone.host, EVE)
    follow(phone)
    wait(phone)
    phone.host.clock.tick(61)
    phone.step("wait", QueuePosition="1")
    assert phone.answer.find("Leave") is not None
    assert phone.step("left", QueueResult="leave").find("Record") is not None


def test_a_late_caller_is_released_while_music_plays(call: Caller) -> None:
    phone = call(longest_wait_s=60)
    add_agents(phone.host, EVE)
    follow(phone)
    wait(phone)
    release_late_callers(phone.host)
    assert "step=voicemail" not in str([one.body for one in phone.twilio.asked])
    phone.host.clock.tick(61)
    release_late_callers(phone.host)
    assert any(b"step%3Dvoicemail" in one.body for one in phone.twilio.asked)


def test_nobody_holds_the_line_when_nobody_is_there(call: Caller) -> None:
    phone = call()
    follow(phone)
    wait(phone)
    assert phone.answer.find("Leave") is not None


def test_a_caller_who_gives_up_is_a_missed_call_and_telephones_stop_ringing(call: Caller) -> None:
    phone = call()
    add_agents(phone.host, EVE)
    follow(phone)
    wait(phone)
    phone.host.clock.tick(30)
    phone.hang_up()
    assert legs(phone)[0]["status"] == "completed"
    message, task = told(phone.host, phone.account)
    assert message.text == "Missed call"
    assert message.fields["Waited"] == "0:30"
    assert task.add_tags == ("call back",)


def test_who_does_not_want_to_be_recorded_is_not(call: Caller) -> None:
    for digit, recorded in (("", True), ("9", False)):
        phone = call(records_calls=True)
        assert "Press 9" in phone.said()
        phone.press(digit)
        add_agents(phone.host, EVE)
        follow(phone)
        wait(phone)
        queue = pick_up(phone, legs(phone)[-1]).answer.find("Dial/Queue")
        assert queue is not None
        phone.post(queue.attrib["url"], DequeingCallSid=legs(phone)[-1]["sid"])
        assert any(f"{phone.sid}/Recordings" in one.path for one in phone.twilio.asked) is recorded


def test_an_agent_calls_a_contact(fake_twilio: Any) -> None:
    account = twilio_account()
    host = create_host(fake_twilio, account)
    phone = Phone(fake_twilio, host, "", account)
    phone.sid = phone.channel.driver_of(account).call(account, 1, "Eve", EVE, ADA)
    leg = fake_twilio.calls[phone.sid]
    assert leg["to"] == EVE
    phone.post(leg["url"])
    number = phone.answer.find("Dial/Number")
    assert number is not None
    assert number.text == ADA
    assert phone.answer.find("Dial").attrib["callerId"] == OURS
    child = Phone(fake_twilio, host, fake_twilio.receive_call(OURS, ADA), account)
    child.post(number.attrib["url"])
    host.clock.tick(42)
    phone.post(phone.answer.find("Dial").attrib["action"], DialCallStatus="completed", DialCallDuration="42")
    fake_twilio.end_call(phone.sid)
    phone.post(leg["status_callback"])
    message, task = told(host, account)
    assert message.is_echo
    assert message.to[0].value == ADA
    assert message.sender.value == OURS
    assert message.text == "We called, 0:42"
    assert message.fields["Agent"] == "Eve"
    assert (task.remove_tags, task.activity) == (("call back",), "The call was returned.")


def test_nothing_is_told_of_a_call_that_the_agent_never_picked_up(fake_twilio: Any) -> None:
    account = twilio_account()
    host = create_host(fake_twilio, account)
    phone = Phone(fake_twilio, host, "", account)
    phone.sid = phone.channel.driver_of(account).call(account, 1, "Eve", EVE, ADA)
    fake_twilio.end_call(phone.sid, "no-answer")
    phone.post(fake_twilio.calls[phone.sid]["status_callback"])
    host.clock.tick(3600)
    tell_rest(host)
    assert not host.received


def test_a_call_goes_on_while_twilios_api_fails(call: Caller, fake_twilio: Any) -> None:
    phone = call()
    add_agents(phone.host, EVE)
    follow(phone)
    with fake_twilio.fault("server_trouble"):
        wait(phone)
    assert phone.answer.find("Pause") is not None
    phone.step("wait", QueuePosition="2")
    assert len(legs(phone)) == 1
    assert "number 2" in phone.said()


def test_a_known_contact_is_announced_by_name(call: Caller, fake_twilio: Any) -> None:
    host = create_host(fake_twilio, twilio_account())
    host.contacts = [ContactSummary(4, "Ada Byron", (("phone", ADA),))]
    phone = call(host=host)
    add_agents(host, EVE)
    follow(phone)
    wait(phone)
    agent = Phone(phone.twilio, host, legs(phone)[0]["sid"], phone.account)
    agent.post(legs(phone)[0]["url"])
    assert agent.said() == "A call from Ada Byron. Press 1 to take it."


def test_the_navigation_leads_to_calls_with_how_many_wait(call: Caller) -> None:
    phone = call()
    add_agents(phone.host, EVE)
    follow(phone)
    wait(phone)
    (link,) = voip.navigation_links(phone.host)
    assert (link.label, link.path, link.badge) == ("Calls", "/calls", 1)
    phone.hang_up()
    (link,) = voip.navigation_links(phone.host)
    assert link.badge == 0


def test_the_navigation_does_not_lead_to_calls_without_a_line() -> None:
    assert voip.navigation_links(FakeHost("voip")) == []
