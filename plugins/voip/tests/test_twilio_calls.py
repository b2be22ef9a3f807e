"""Calls at Twilio from the first ring to the inbox, led by signed posts as Twilio makes them."""

from typing import Any

from plugins.voip.calls import CallState
from plugins.voip.forms import VoipSettingsForm
from plugins.voip.record import tell_rest
from plugins.voip.tests.agents_at_twilio import follow, state
from plugins.voip.tests.lines import ADA, Caller, create_host, told, twilio_account
from plugins.voip.twilio_desk import LOCALES
from tidings import ConversationUpdate, InboundMessage, MessageEdit


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
    assert (say.text, say.attrib) == ("Vielen Dank für Ihren Anruf.", {"language": "de-DE"})


def test_a_language_that_the_usual_voice_does_not_speak_has_a_voice_of_its_own(call: Caller, fake_twilio: Any) -> None:
    host = create_host(fake_twilio, twilio_account(language="el"))
    say = call(host=host, language="el").answer.find("Say")
    assert say is not None
    assert say.attrib == {"language": "el-GR", "voice": "Google.el-GR-Standard-B"}


def test_each_language_of_a_line_is_one_that_twilio_speaks() -> None:
    offered = [choice.value for choice in VoipSettingsForm().language.choices]
    assert sorted(offered) == sorted(LOCALES)


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
