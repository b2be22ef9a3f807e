"""A thousand posts, many of them twice, in no order, some with a bad signature, end in exactly the right messages."""

import random

from tests.integration.voip.shop import OURS, Shop

PEOPLE, TEXTS, CALLS = 20, 420, 60


def test_a_thousand_posts_end_in_exactly_the_right_messages(shop: Shop, clock):
    twilio, chance = shop.twilio, random.Random(7)
    people = [f"+4917155500{number:02}" for number in range(PEOPLE)]
    told: list[tuple[str, dict[str, str]]] = []
    right: dict[str, str] = {}
    for number in range(TEXTS):
        clock.advance(seconds=1)
        sid = twilio.receive_text(people[number % PEOPLE], OURS, f"Text {number} 🙂")
        right[sid] = f"Text {number} 🙂"
        told.append((shop.address, twilio.text_fields(sid)))
    for number in range(CALLS):
        clock.advance(seconds=1)
        sid = twilio.receive_call(people[number % PEOPLE], OURS)
        told.append((shop.address, twilio.call_fields(sid)))
        twilio.end_call(sid, duration_s=9)
        told.append((shop.status_address, twilio.call_fields(sid, CallDuration="9")))
        right[sid] = "Missed call"
        if number % 3 == 0:
            recording = {"RecordingSid": twilio.record(sid, b"ID3", 5), "RecordingDuration": "5"}
            told.append((f"{shop.address}?step=recording", twilio.call_fields(sid, **recording)))

    storm = [(one, "") for one in told]
    storm += [(one, "") for one in chance.sample(told, 250)]
    storm += [(one, "a token of somebody else") for one in chance.sample(told, 200)]
    chance.shuffle(storm)
    assert len(storm) >= 1000
    statuses = [shop.post(address, fields, token=token)[0] for (address, fields), token in storm]
    assert statuses == [403 if token else 200 for _, token in storm]

    for _ in range(4):  # a recording that overtook its call waits a little
        shop.run_jobs()
        clock.advance(minutes=5)
    shown = {one.external_id: one.text for one in shop.messages()}
    late = {sid for sid in shown if sid.startswith("RE")}
    assert set(shown) - late == set(right)
    assert len(shop.messages()) == len(right) + len(late)
    assert {sid: text for sid, text in shown.items() if sid[:2] in ("SM", "MM")} == {
        sid: text for sid, text in right.items() if sid[:2] in ("SM", "MM")
    }
    assert len(shop.files()) == CALLS / 3, "each recording is heard once, with its call or after it"
    assert len(shop.conversations()) == PEOPLE
    assert shop.events("received", "undelivered") == []
