"""Names, pictures, files and posts are fetched once; what is gone is left out; what this teaches is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.facebook import threads
from plugins.facebook.channel import FacebookChannel
from plugins.facebook.tests import pages
from tidings import Account, ContactSummary, InboundMessage
from tidings.testing import FakeHost, providers


def message_of(channel: FacebookChannel, account: Account, name: str) -> InboundMessage:
    (message,) = channel.translate(account, channel.complete(account, pages.captured(name)))
    assert isinstance(message, InboundMessage)
    return message


def test_a_message_gets_a_name_a_face_and_its_files(channel: FacebookChannel, account: Account) -> None:
    message = message_of(channel, account, "message__with_files")

    assert message.sender.name == "Ada Ünlü"
    assert message.sender_picture is not None
    assert message.sender_picture.data.startswith(b"\x89PNG")
    assert [(file.filename, file.content_type, file.data) for file in message.attachments] == [
        ("lamp.jpg", "image/jpeg", pages.MEDIA),
        ("audioclip-1772446.mp4", "image/jpeg", pages.MEDIA),
    ]
    assert message.defects == ()


def test_somebody_the_inbox_knows_is_not_asked_for_again(
    channel: FacebookChannel, account: Account, host: FakeHost, graph: providers.FakeMetaGraph
) -> None:
    host.contacts.append(ContactSummary(1, "Ada", (("facebook", pages.PERSON_ID),)))
    message = message_of(channel, account, "message__text")

    assert message.sender.name == ""
    assert graph.asked == []


def test_somebody_without_a_profile_stays_without_a_name(
    channel: FacebookChannel, account: Account, graph: providers.FakeMetaGraph
) -> None:
    pages.person_of(graph).has_profile = False

    assert message_of(channel, account, "message__text").sender.name == ""


def test_a_file_from_a_server_that_is_not_metas_is_not_fetched(
    channel: FacebookChannel, account: Account, graph: providers.FakeMetaGraph
) -> None:
    event = pages.captured("message__with_files")
    event = type(event)(event.payload.replace(b"scontent.xx.fbcdn.net", b"files.evil.test"))
    (message,) = channel.translate(account, channel.complete(account, event))

    assert [file.filename for file in message.attachments] == ["audioclip-1772446.mp4"]
    assert message.defects == ("The file lamp.jpg could not be fetched.",)
    assert not any("evil" in asked.server for asked in graph.asked)


def test_a_comment_gets_its_post(channel: FacebookChannel, account: Account, graph: providers.FakeMetaGraph) -> None:
    post = graph.add_post(pages.PAGE_ID, "New lamps!")
    graph.state.posts[pages.POST_ID] = post
    message = message_of(channel, account, "comment__with_photo")

    assert message.fields["Comment on"] == "New lamps!"
    assert message.fields["Post"] == f"https://www.facebook.com/{post.id}"
    assert [file.filename for file in message.attachments] == ["mine.jpg"]


def test_whom_an_answer_of_the_page_answers_is_asked_for(
    channel: FacebookChannel, account: Account, graph: providers.FakeMetaGraph
) -> None:
    post = graph.add_post(pages.PAGE_ID, "New lamps!")
    comment = graph.comment(pages.person_of(graph), post, "How much?")
    graph.state.comments["122100000000001_500000000000001"] = comment
    message = message_of(channel, account, "comment__answer_by_the_page")

    assert [(one.value, one.name) for one in message.to] == [(pages.PERSON_ID, "Ada Ünlü")]


@pytest.mark.parametrize(
    ("names", "is_held"),
    [
        (["handover__taken_by_another"], True),
        (["handover__taken_by_another", "handover__passed_to_us"], False),
        (["message__in_standby"], True),
        (["handover__asked_for"], False),
    ],
)
def test_who_holds_a_conversation_is_remembered(
    channel: FacebookChannel, account: Account, host: FakeHost, names: list[str], is_held: bool
) -> None:
    for name in names:
        channel.complete(account, pages.captured(name))

    assert threads.is_held_elsewhere(host, account.id, pages.PERSON_ID) is is_held


def test_what_is_hidden_is_remembered(channel: FacebookChannel, account: Account, host: FakeHost, graph: Any) -> None:
    channel.complete(account, pages.captured("comment__hidden"))

    assert threads.is_hidden(host, account.id, "122100000000001_500000000000001")
    assert graph.asked == []


def test_what_is_remembered_has_an_end(host: FakeHost) -> None:
    for number in range(threads.MOST + 10):
        threads.note_hidden(host, 1, str(number), hidden=True)

    assert not threads.is_hidden(host, 1, "9")
    assert threads.is_hidden(host, 1, "10")
