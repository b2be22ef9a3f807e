"""What is fetched for an event: threads, pictures, videos, faces; and what is left out when X does not give it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plugins.twitter.tests.accounts import Desk, event_of
from plugins.twitter.usage import used_today
from tidings import Temporary


def test_an_answer_of_a_webhook_gets_its_thread_for_one_read(desk: Desk) -> None:
    ada, ben = desk.x.add_person("Ada", "ada"), desk.x.add_person("Ben", "ben")
    root = desk.x.post(ben, "Who sells lamps?")
    middle = desk.x.post(ben, "Anybody?", in_reply_to=root)
    (message,) = desk.said([event_of(desk.x, desk.x.mention(ada, "They do", in_reply_to=middle))])
    assert message.thread_key == f"post:{root.id}:{ada.id}"
    assert message.fields["In reply to"].startswith("Ben (@ben): Anybody?")
    assert used_today(desk.host).reads == 1
    desk.said([event_of(desk.x, desk.x.mention(ada, "A beginning"))])
    assert used_today(desk.host).reads == 1, "what begins a thread needs no question"


def test_without_reads_the_answer_is_placed_by_what_it_answers(create_desk: Callable[..., Desk]) -> None:
    desk = create_desk(reads_per_day=1)
    ada = desk.x.add_person()
    root = desk.x.post(ada, "Root")
    replies = [desk.x.mention(ada, f"{n}", in_reply_to=root) for n in range(3)]
    first, second = desk.said([event_of(desk.x, one) for one in replies[:2]])
    assert first.thread_key
    assert (second.thread_key, second.in_reply_to) == (None, f"post:{root.id}")
    other = create_desk()
    other.x.reads_left = 0
    root = other.x.post(other.x.add_person(), "Root")
    (message,) = other.said([event_of(other.x, other.x.mention(root.author, "Reply", in_reply_to=root))])
    assert message.thread_key is None
    other.x.reads_left, other.x.allows_reading = None, False
    (message,) = other.said([event_of(other.x, other.x.mention(root.author, "Again", in_reply_to=root))])
    assert message.thread_key is None


def test_trouble_waits_and_a_post_that_is_gone_by_then_is_none(desk: Desk) -> None:
    ada = desk.x.add_person()
    reply = desk.x.mention(ada, "Reply", in_reply_to=desk.x.post(ada, "Root"))
    event = event_of(desk.x, reply)
    for fault in ("server_trouble", "rate_limited", "cut_connection"):
        with desk.x.fault(fault), pytest.raises(Temporary):
            desk.completed(event)
    desk.x.delete(reply)
    assert desk.said([event]) == []


def test_pictures_videos_and_faces_come_along(desk: Desk) -> None:
    ada = desk.x.add_person("Ada", "ada")
    picture, video = desk.x.picture(b"\x89PNG a lamp", "A lamp"), desk.x.video(b"FILM")
    desk.x.mention(ada, "See", media=[picture, video])
    desk.fetch()
    (message,) = desk.said()
    assert [(one.content_type, one.data) for one in message.attachments] == [
        ("image/png", b"\x89PNG a lamp"),
        ("video/mp4", b"FILM"),
    ]
    assert message.sender_picture
    assert message.sender_picture.data.startswith(b"\x89PNG")
    servers = {one.server for one in desk.x.asked}
    assert {"pbs.twimg.com", "video.twimg.com"} < servers


@pytest.mark.parametrize("by_keys", [False, True])
def test_files_of_direct_messages_are_fetched_with_the_credential(
    create_desk: Callable[..., Desk], by_keys: bool
) -> None:
    desk = create_desk(by_keys=by_keys)
    private = desk.x.picture(b"PRIVATE", of_message=True)
    desk.x.message(desk.x.add_person(), "See", private)
    desk.fetch()
    (message,) = desk.said()
    assert [one.data for one in message.attachments] == [b"PRIVATE"]
    asked = [one for one in desk.x.asked if "/dm" in one.path and one.path != "/2/dm_events"]
    assert asked[0].headers["Authorization"].startswith("OAuth " if by_keys else "Bearer ")


def test_what_cannot_be_fetched_is_said(desk: Desk) -> None:
    ada = desk.x.add_person()
    gone = desk.x.picture()
    desk.x.mention(ada, "See", media=[gone])
    gone.url = "https://evil.test/a.png"
    desk.fetch()
    (message,) = desk.said()
    assert not message.attachments
    assert "could not be fetched" in message.defects[0]
    assert not [one for one in desk.x.asked if one.server == "evil.test"]
