"""Calls and texts through the whole core: one conversation for each number, with what has to be done."""

import pytest

from tests.integration.voip.shop import OURS, Shop

ADA = "+491715550001"


@pytest.fixture
def voicemail(shop: Shop) -> str:
    """Ada calls while nobody is there, leaves a message and hangs up."""
    sid = shop.call(ADA, ("voicemail", {}))
    recording = shop.twilio.record(sid, b"ID3 a sound", 7)
    told = {"RecordingSid": recording, "RecordingDuration": "7"}
    assert shop.post(f"{shop.address}?step=recorded", shop.twilio.call_fields(sid, **told))[0] == 200
    shop.hang_up(sid)
    shop.work()
    return sid


def test_a_voicemail_and_a_text_stand_in_one_conversation(shop: Shop, voicemail: str):
    shop.text(ADA, "Please call me back 🙂")
    shop.work()
    assert len(shop.conversations()) == 1
    message, text = shop.messages()
    assert (message.external_id, message.text, text.text) == (voicemail, "Voicemail, 0:07", "Please call me back 🙂")
    assert [file.filename.endswith(".mp3") for file in shop.files()] == [True]
    assert shop.tags() == {"call back"}


def test_the_message_can_be_heard_in_the_log_and_on_the_contact(shop: Shop, voicemail: str):
    page = shop.admin.get("/plugins/voip/calls").text
    assert "+49 171 5550001" in page
    player = page.split('<audio class="voip-player"')[1].split('src="')[1].split('"')[0]
    assert shop.admin.get(player).data == b"ID3 a sound"
    contact = shop.admin.get(f"/contacts/{shop.conversations()[0].contact_id}").text
    assert "Voicemail" in contact
    assert "Call +49 171 5550001" in contact


def test_the_tag_goes_when_an_agent_reached_the_contact(shop: Shop, voicemail: str):
    shop.admin.post("/plugins/voip/telephone", {"number": "030 55501"})
    answer = shop.admin.post(f"/plugins/voip/call/{ADA[1:]}", {})
    assert answer.status_code in (302, 303)
    leg = next(one for one in shop.twilio.calls.values() if one["direction"] == "outbound-api")
    assert leg["to"] == "+493055501"
    shop.post(leg["url"], shop.twilio.call_fields(leg["sid"]))
    row = leg["url"]
    assert ADA[1:] in row
    for step in ("reached", "dialled"):
        shop.post(f"{shop.address}?step={step}&call=2", shop.twilio.call_fields(leg["sid"], DialCallStatus="completed"))
    shop.twilio.end_call(leg["sid"])
    shop.post(leg["status_callback"], shop.twilio.call_fields(leg["sid"]))
    shop.work()
    assert len(shop.conversations()) == 1
    assert shop.tags() == set()
    assert shop.messages()[-1].direction == "outbound"


def test_recordings_are_deleted_when_their_days_are_over(shop: Shop, voicemail: str, clock):
    row = shop.account()
    row.settings = {**row.settings, "keep_days": 30, "deletes_at_provider": True}
    shop.core.session.commit()
    clock.advance(hours=2)
    shop.run_jobs()
    assert not shop.twilio.recordings
    assert len(shop.files()) == 1
    clock.advance(days=31)
    shop.run_jobs()
    (message,) = shop.messages()
    assert not shop.files()
    assert (message.text, message.removed_at) == ("Voicemail, 0:07", None)
    assert message.fields["Outcome"] == "Voicemail"
    assert '<audio class="voip-player"' not in shop.admin.get("/plugins/voip/calls").text


def outbound(shop: Shop) -> list[str]:
    """The telephones that were rung for calls of ours."""
    return [one["to"] for one in shop.twilio.calls.values() if one["direction"] == "outbound-api"]


def test_premium_rate_numbers_are_neither_called_nor_rung(shop: Shop):
    """Somebody rings once from such a number and hopes to be called back."""
    shop.admin.post("/plugins/voip/telephone", {"number": "0900 1234567"})
    assert "premium-rate" in shop.admin.get("/plugins/voip/calls").text
    shop.admin.post(f"/plugins/voip/call/{ADA[1:]}", {})
    assert outbound(shop) == []
    shop.admin.post("/plugins/voip/telephone", {"number": "030 55501"})
    shop.admin.post("/plugins/voip/call/499001234567", {})
    assert outbound(shop) == []


def test_no_agent_calls_more_often_than_people_do(shop: Shop):
    shop.admin.post("/plugins/voip/telephone", {"number": "030 55501"})
    for _ in range(62):
        shop.admin.post(f"/plugins/voip/call/{ADA[1:]}", {})
    assert len(outbound(shop)) == 60


def test_names_that_callers_choose_fit_into_the_log(shop: Shop):
    sid = shop.twilio.receive_call(ADA, OURS)
    fields = shop.twilio.call_fields(sid, CallerName="A\0<b>" * 100)
    assert shop.post(shop.address, fields)[0] == 200
    page = shop.admin.get("/plugins/voip/calls").text
    assert "A &lt;b&gt;" * 40 in page
    assert "A &lt;b&gt;" * 41 not in page
