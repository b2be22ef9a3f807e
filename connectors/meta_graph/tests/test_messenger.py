"""Writing to people, their profiles, control of threads and the history, against the fake Graph API."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.meta_graph import GraphClient, GraphRejected, Refusal, every, handover, history, messenger
from connectors.meta_graph.types import QuickReply


@pytest.fixture
def ben(fake_meta_graph: Any, page: Any) -> Any:
    """Somebody who has just written to the page."""
    person = fake_meta_graph.add_person(page, "Ben Example")
    fake_meta_graph.write(person, "Hello")
    return person


def test_an_answer_within_a_day_arrives_as_a_response(
    client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any
) -> None:
    choice = QuickReply("Yes", "YES")
    done = messenger.send_text(
        client, page.id, ben.id, "Grüße", quick_replies=[choice], reply_to="m_1", metadata="own-7"
    )
    (sent,) = fake_meta_graph.state.sent

    assert (done.message_id, done.recipient_id, sent.text) == (sent.id, ben.id, "Grüße")
    assert sent.body["messaging_type"] == "RESPONSE"
    assert sent.body["reply_to"] == {"mid": "m_1"}
    assert sent.body["message"]["quick_replies"] == [{"content_type": "text", "title": "Yes", "payload": "YES"}]
    assert sent.body["message"]["metadata"] == "own-7"


def test_after_a_day_only_the_human_agent_reaches_people_and_after_a_week_nobody(
    client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any, clock: Any
) -> None:
    clock.pass_by(hours=25)
    with pytest.raises(GraphRejected) as late:
        messenger.send_text(client, page.id, ben.id, "Hello?")
    messenger.send_text(client, page.id, ben.id, "Hello!", tag="HUMAN_AGENT")
    clock.pass_by(days=7)
    with pytest.raises(GraphRejected) as too_late:
        messenger.send_text(client, page.id, ben.id, "Hello??", tag="HUMAN_AGENT")

    assert late.value.is_outside_window
    assert (late.value.code, late.value.subcode, late.value.refusal) == (10, 2018278, Refusal.OUTSIDE_WINDOW)
    assert late.value.trace_id
    assert too_late.value.is_outside_window
    assert [one.tag for one in fake_meta_graph.state.sent] == ["HUMAN_AGENT"]


def test_the_window_of_instagram_has_a_number_of_its_own(
    client: GraphClient, page: Any, fake_meta_graph: Any, clock: Any
) -> None:
    person = fake_meta_graph.add_person(page, "Ada", platform="instagram")
    fake_meta_graph.write(person, "Hi")
    clock.pass_by(days=2)

    with pytest.raises(GraphRejected) as caught:
        messenger.send_text(client, page.id, person.id, "Hi")
    assert caught.value.subcode == 2534022
    assert caught.value.is_outside_window


def test_files_go_by_address_and_by_upload(client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any) -> None:
    messenger.send_attachment_url(client, page.id, ben.id, "image", "https://files.example.test/a.png")
    messenger.send_attachment(client, page.id, ben.id, "file", "a.pdf", b"%PDF-1.7", "application/pdf")
    by_address, uploaded = fake_meta_graph.state.sent
    stored = uploaded.attachments[0]["payload"]["url"].partition("/files/")[2].partition("?")[0]

    assert by_address.attachments[0]["payload"]["url"] == "https://files.example.test/a.png"
    assert fake_meta_graph.state.media[stored].content == b"%PDF-1.7"
    assert fake_meta_graph.state.media[stored].content_type == "application/pdf"


def test_people_who_cannot_be_reached_are_told_apart(client: GraphClient, page: Any, ben: Any) -> None:
    ben.is_reachable = False
    for person_id, code in ((ben.id, 551), ("4711", 100)):
        with pytest.raises(GraphRejected) as caught:
            messenger.send_text(client, page.id, person_id, "Hello")
        assert (caught.value.code, caught.value.refusal) == (code, Refusal.PERSON_UNREACHABLE)


def test_actions_reach_the_person(client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any) -> None:
    messenger.send_action(client, page.id, ben.id, "mark_seen")
    messenger.send_action(client, page.id, ben.id, "typing_on")
    messenger.send_action(client, page.id, ben.id, "react", message_id="m_1")

    assert fake_meta_graph.state.actions == [(ben.id, "mark_seen"), (ben.id, "typing_on"), (ben.id, "react")]


def test_a_profile_has_name_and_picture_where_meta_tells(
    client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any
) -> None:
    hidden = fake_meta_graph.add_person(page, "Nobody", has_profile=False)
    instagram = fake_meta_graph.add_person(page, "Ada Example", platform="instagram")
    profile = messenger.read_profile(client, ben.id)

    assert profile is not None
    assert (profile.name, profile.first_name, profile.last_name) == ("Ben Example", "Ben", "Example")
    assert profile.picture_url.startswith("http")
    assert messenger.read_profile(client, hidden.id) is None
    assert messenger.read_profile(client, "4711") is None
    found = messenger.read_profile(client, instagram.id, "instagram")
    assert found is not None
    assert found.username == "ada.example"


def test_a_missing_scope_is_no_missing_profile(client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any) -> None:
    with fake_meta_graph.fault("no_permission"), pytest.raises(GraphRejected) as caught:
        messenger.read_profile(client, ben.id)
    assert caught.value.refusal is Refusal.NO_PERMISSION


def test_threads_go_to_other_apps_and_come_back(client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any) -> None:
    assert handover.thread_owner(client, page.id, ben.id).app_id is None
    handover.pass_control(client, page.id, ben.id, handover.PAGE_INBOX_APP_ID, "a note")
    with pytest.raises(GraphRejected) as caught:
        messenger.send_text(client, page.id, ben.id, "Hello")
    owner = handover.thread_owner(client, page.id, ben.id)
    handover.request_control(client, page.id, ben.id, "please")
    handover.take_control(client, page.id, ben.id)
    messenger.send_text(client, page.id, ben.id, "Hello")
    handover.release_control(client, page.id, ben.id)

    assert caught.value.refusal is Refusal.THREAD_ELSEWHERE
    assert owner.app_id == handover.PAGE_INBOX_APP_ID
    assert owner.expires_at is not None
    assert fake_meta_graph.requested_threads == [(ben.id, "please")]
    assert handover.thread_owner(client, page.id, ben.id).app_id is None


def test_a_secondary_receiver_cannot_take_a_thread(
    client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any
) -> None:
    fake_meta_graph.is_primary_receiver = False
    ben.thread_owner = "99"

    with pytest.raises(GraphRejected) as caught:
        handover.take_control(client, page.id, ben.id)
    assert caught.value.refusal is Refusal.THREAD_ELSEWHERE


def test_history_is_read_page_by_page_without_gaps(
    client: GraphClient, page: Any, fake_meta_graph: Any, clock: Any
) -> None:
    people = [fake_meta_graph.add_person(page, f"Person {number}") for number in range(7)]
    for person in people:
        for number in range(9):
            clock.pass_by(seconds=1)
            fake_meta_graph.write(person, f"{person.name}: {number}", is_by_page=number % 2 == 1)

    found = list(every(lambda after: history.list_conversations(client, page.id, after=after, limit=3), most=100))
    texts = [
        message.text
        for conversation in found
        for message in every(
            lambda after, c=conversation: history.list_messages(client, c.id, after=after, limit=4), most=100
        )
    ]

    assert [one.participants[0].name for one in found] == [person.name for person in reversed(people)]
    assert found[0].message_count == 9
    assert found[0].updated_at == clock()
    assert sorted(texts) == sorted(f"{person.name}: {number}" for person in people for number in range(9))
    assert all("it-stands-here-too" not in str(asked.query) for asked in fake_meta_graph.asked)


def test_a_listing_stops_where_the_caller_wants(client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any) -> None:
    for number in range(10):
        fake_meta_graph.write(ben, str(number))
    read = every(lambda after: history.list_messages(client, f"t_{ben.id}", after=after, limit=2), most=3)

    assert len(list(read)) == 3


def test_a_message_in_the_history_has_its_sender_and_files(
    client: GraphClient, page: Any, ben: Any, fake_meta_graph: Any
) -> None:
    files = [{"type": "image", "payload": {"url": "https://files.example.test/a.jpg"}}]
    written = fake_meta_graph.write(ben, "Look", attachments=files)
    message = history.read_message(client, written.id)
    fake_meta_graph.unsend(written)

    assert message is not None
    assert (message.sender.name, message.recipients[0].id, message.text) == ("Ben Example", page.id, "Look")
    assert [(one.mime_type, one.url) for one in message.attachments] == [
        ("image/jpeg", "https://files.example.test/a.jpg")
    ]
    assert history.read_message(client, written.id) is None


def test_one_persons_conversation_is_found(client: GraphClient, page: Any, ben: Any) -> None:
    found = history.find_conversation(client, page.id, ben.id)

    assert found is not None
    assert found.id == f"t_{ben.id}"
    assert history.find_conversation(client, page.id, "4711") is None
