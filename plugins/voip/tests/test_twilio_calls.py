"""Calls at Twilio from the first ring to the inbox, led by signed posts as Twilio makes them."""

from collections.abc import Callable
from typing import Any

import pytest

from plugins.voip import agents
from plugins.voip.calls import CallState
from plugins.voip.record import find, tell_rest
from plugins.voip.tests.lines import ADA, BEN, OURS, Phone, create_host, told, twilio_account
from plugins.voip.twilio_ringing import release_late_callers
from tidings import AgentSummary, ContactSummary, ConversationUpdate, InboundMessage, MessageEdit
from tidings.testing import FakeHost

EVE, FAY = "+493055501", "+493055502"
Caller = Callable[..., Phone]


@pytest.fixture
def call(fake_twilio: Any) -> Caller:
    """Let somebody call our line; its settings are the arguments."""

    def call(sender: str = ADA, host: FakeHost | None = None, **settings: object) -> Phone:
        account = twilio_account(**settings)
        host = host or create_host(fake_twilio, account)
        host.put_account(account)
        phone = Phone(fake_twilio, host, fake_twilio.receive_call(sender, OURS), account)
        phone.step("")
        return phone

    return call


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


def test_a_message_is_left_outside_of_the_hours(call: Caller, fake_twilio: Any) -> None:
    phone = call(hours="Mon 09:00-10:00", greeting_closed="We are closed.")
    assert phone.said() == "We are closed."
    follow(phone)
    record = phone.answer.find("Record")
    assert record is not None
    assert state(phone) is CallState.VOICEMAIL
    sid = fake_twilio.record(phone.sid, b"ID3 sound", 7)
    phone.post(record.attrib["action"], RecordingSid=sid, RecordingDuration="7")
    phone.hang_up(duration_s=20)
    message, task = told(phone.host, phone.account)
    assert isinstance(message, InboundMessage)
    assert isinstance(task, ConversationUpdate)
    assert (message.external_id, message.sender.value, message.thread_key) == (phone.sid, ADA, ADA)
    assert message.text == "Voicemail, 0:07"
    assert [(one.content_type, one.data) for one in message.attachments] == [("audio/mpeg", b"ID3 sound")]
    assert (task.add_tags, task.status) == (("call back",), "open")


def test_the_call_waits_for_its_recording_whatever_comes_first(call: Caller, fake_twilio: Any) -> None:
    phone = call(without_choice="voicemail")
    follow(phone)
    phone.hang_up()
    assert not phone.host.received
    sid = fake_twilio.record(phone.sid, b"ID3 sound", 7)
    phone.step("recording", RecordingSid=sid, RecordingDuration="7", RecordingStatus="completed")
    message, _ = told(phone.host, phone.account)
    assert message.text == "Voicemail, 0:07"
    assert len(message.attachments) == 1


def test_a_recording_that_never_comes_leaves_a_missed_call(call: Caller) -> None:
    phone = call(without_choice="voicemail")
    follow(phone)
    phone.hang_up()
    phone.host.clock.tick(200)
    tell_rest(phone.host)
    tell_rest(phone.host)
    message, task = told(phone.host, phone.account)
    assert message.text == "Missed call"
    assert task.add_tags == ("call back",)


def test_a_recording_that_comes_late_is_a_message_of_its_own(call: Caller, fake_twilio: Any) -> None:
    phone = call(without_choice="voicemail")
    follow(phone)
    phone.hang_up()
    phone.host.clock.tick(200)
    tell_rest(phone.host)
    sid = fake_twilio.record(phone.sid, b"ID3 sound", 7)
    phone.step("recording", RecordingSid=sid, RecordingDuration="7", RecordingStatus="completed")
    phone.step("recording", RecordingSid=sid, RecordingDuration="7", RecordingStatus="completed")
    tell_rest(phone.host)
    said = told(phone.host, phone.account)
    messages = [one for one in said if isinstance(one, InboundMessage)]
    assert [one.external_id for one in messages] == [phone.sid, sid]
    assert messages[1].thread_key == ADA
    assert len(messages[1].attachments) == 1


def test_a_recording_that_is_gone_is_said_to_be_lost(call: Caller) -> None:
    phone = call(without_choice="voicemail")
    follow(phone)
    phone.step("recorded", RecordingSid="RE" + "0" * 32, RecordingDuration="7")
    phone.hang_up()
    phone.host.clock.tick(3600)
    message, _ = told(phone.host, phone.account)
    assert message.defects == ("The recording could not be fetched.",)


def test_the_menu_leads_where_it_says(call: Caller) -> None:
    phone = call(menu="1 = Sales\n2 = voicemail\n3 = 030 5678\n4 = hang up", greeting="Press 1 for sales.")
    assert phone.said() == "Press 1 for sales."
    expected = {"1": "Enqueue", "2": "Record", "3": "Dial", "4": "Hangup"}
    assert {digit: phone.press(digit).find(tag) is not None for digit, tag in list(expected.items())[:1]} == {"1": True}
    for digit, tag in expected.items():
        other = call(host=phone.host, menu="1 = Sales\n2 = voicemail\n3 = 030 5678\n4 = hang up")
        assert other.press(digit).find(tag) is not None, digit
        if digit == "3":
            assert other.answer.findtext("Dial/Number") == "+49305678"


def test_what_was_chosen_stands_in_the_message(call: Caller) -> None:
    phone = call(menu="2 = voicemail")
    phone.press("2")
    phone.hang_up()
    phone.host.clock.tick(200)
    tell_rest(phone.host)
    assert told(phone.host, phone.account)[0].fields["Menu choice"] == "2 voicemail"


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


def test_a_call_that_was_passed_on_counts_as_answered(call: Caller) -> None:
    phone = call(menu="3 = +49305678")
    phone.press("3")
    dial = phone.answer.find("Dial")
    assert dial is not None
    phone.host.clock.tick(40)
    phone.post(dial.attrib["action"], DialCallStatus="completed", DialCallDuration="30")
    phone.hang_up(duration_s=40)
    message, _ = told(phone.host, phone.account)
    assert (message.text, message.fields["Agent"]) == ("Call, 0:30", "+49 30 5678")


def test_a_call_that_could_not_be_passed_on_goes_to_the_voicemail(call: Caller) -> None:
    phone = call(menu="3 = +49305678")
    phone.press("3")
    assert phone.step("passed", DialCallStatus="no-answer").find("Record") is not None


def test_callers_are_spoken_to_in_the_language_of_the_line(call: Caller, fake_twilio: Any) -> None:
    account = twilio_account(language="de")
    host = create_host(fake_twilio, account)
    host.translations["de"] = {"Thank you for calling.": "Vielen Dank für Ihren Anruf."}
    phone = call(host=host, language="de")
    say = phone.answer.find("Say")
    assert say is not None
    assert (say.text, say.attrib["language"]) == ("Vielen Dank für Ihren Anruf.", "de-DE")


def test_uploaded_sounds_and_addresses_are_played(call: Caller) -> None:
    assert (
        call(greeting="welcome.wav").answer.findtext("Play")
        == "https://inbox.example.com/plugins/voip/sounds/welcome.wav"
    )
    assert call(greeting="https://example.com/a.mp3").answer.findtext("Play") == "https://example.com/a.mp3"


def test_a_withheld_number_is_a_contact_nobody_can_write_to(call: Caller) -> None:
    first, second = call(sender="anonymous"), call(sender="+266696687")
    for phone in (first, second):
        phone.hang_up()
        message = told(phone.host, phone.account)[0]
        assert (message.sender.kind, message.sender.name) == ("phone_withheld", "Number withheld")
        assert message.thread_key == phone.sid


def test_a_transcript_that_comes_later_is_put_below(call: Caller, fake_twilio: Any) -> None:
    phone = call(without_choice="voicemail", transcribes=True)
    follow(phone)
    record = phone.answer.find("Record")
    assert record is not None
    assert record.attrib["transcribe"] == "true"
    phone.post(record.attrib["action"], RecordingSid=fake_twilio.record(phone.sid, b"ID3", 7), RecordingDuration="7")
    phone.hang_up()
    callback = record.attrib["transcribeCallback"]
    phone.post(callback, TranscriptionStatus="completed", TranscriptionText="Please call me.")
    phone.post(callback, TranscriptionStatus="completed", TranscriptionText="Please call me.")
    edits = [one for one in told(phone.host, phone.account) if isinstance(one, MessageEdit)]
    assert [(one.external_id, one.text) for one in edits] == [(phone.sid, "Voicemail, 0:07\n\nPlease call me.")]


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
