"""Reading and writing as one person, with both kinds of credentials."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Unavailable
from connectors.x_api import UserToken, XClient, XRejected, read_direct_message, read_post
from connectors.x_api.client import CHUNK_BYTES


def test_me_says_who_it_is_and_what_they_may_write(client: XClient, fake_x: Any) -> None:
    me = client.me()
    assert (me.id, me.username, me.name) == (fake_x.account.id, "shop", "Corner Shop")
    assert not me.may_post_long
    fake_x.account.subscription = "Premium"
    assert client.me().may_post_long


def test_a_person_is_found_by_name(client: XClient, fake_x: Any) -> None:
    ada = fake_x.add_person("Ada", "Ada_1", takes_messages=False)
    found = client.find_user("ada_1")
    assert found
    assert (found.id, found.takes_direct_messages) == (ada.id, False)
    assert client.find_user("nobody") is None


def test_requests_signed_by_oauth1_are_taken(signing_client: XClient, fake_x: Any) -> None:
    """The signature covers the address that is really asked, not the one tweepy has built in."""
    ada = fake_x.add_person()
    post = fake_x.mention(ada, "Grüße & more: a=b?")
    page = signing_client.mentions(fake_x.account.id, since_id="1", max_results=10)
    assert [read_post(one).id for one in page.documents] == [post.id]
    sent = signing_client.create_post("An answer, 50% off & so on ✓", in_reply_to=post.id)
    assert fake_x.sent_posts[0].id == sent


def test_mentions_come_in_pages_from_a_post_on(client: XClient, fake_x: Any, clock: Any) -> None:
    ada = fake_x.add_person()
    posts = [fake_x.mention(ada, f"Number {n}") for n in range(12)]
    first = client.mentions(fake_x.account.id, since_id=posts[0].id, max_results=5)
    assert [read_post(one).id for one in first.documents] == [one.id for one in posts[:-6:-1]]
    rest = client.mentions(fake_x.account.id, since_id=posts[0].id, max_results=100, pagination_token=first.next_token)
    assert len(first.documents) + len(rest.documents) == 11
    assert rest.next_token is None
    assert not client.mentions(fake_x.account.id, since_id=posts[-1].id).documents


def test_a_post_has_its_author_thread_quote_and_pictures(client: XClient, fake_x: Any, clock: Any) -> None:
    ada, ben = fake_x.add_person("Ada", "ada"), fake_x.add_person("Ben", "ben", takes_messages=False)
    root = fake_x.post(ada, "Who sells lamps?")
    quoted = fake_x.post(ben, "Lamps & more <here> https://lamps.example.com/a?b=1")
    fake_x.mention(
        ben, "These?", in_reply_to=root, quotes=quoted, media=[fake_x.picture(alt_text="A lamp"), fake_x.video()]
    )
    (document,) = client.mentions(fake_x.account.id).documents
    post = read_post(document)
    assert (post.author.name, post.author.username, post.author.takes_direct_messages) == ("Ben", "ben", False)
    assert post.conversation_id == root.id
    assert post.in_reply_to
    assert (post.in_reply_to.id, post.in_reply_to.text) == (root.id, "Who sells lamps?")
    assert post.in_reply_to.author
    assert post.in_reply_to.author.username == "ada"
    assert post.quoted
    assert post.quoted.text == "Lamps & more <here> https://lamps.example.com/a?b=1"
    assert post.quoted.url == f"https://x.com/ben/status/{quoted.id}"
    assert post.text == "@ada @shop These?", "the link to what is quoted stands beside the text, not in it"
    assert [one.kind for one in post.media] == ["photo", "video"]
    assert post.media[0].alt_text == "A lamp"
    assert post.created_at == clock()


def test_long_posts_come_whole(client: XClient, fake_x: Any) -> None:
    words = "Grüße " * 100 + "https://example.com/long"
    fake_x.mention(fake_x.add_person(), words)
    (document,) = client.mentions(fake_x.account.id).documents
    assert read_post(document).text == f"@shop {words}"


def test_the_newer_names_of_fields_are_read_too(client: XClient, fake_x: Any) -> None:
    ada = fake_x.add_person("Ada", "ada")
    root = fake_x.post(ada, "Root")
    fake_x.mention(ada, "word " * 100, in_reply_to=root)
    old = client.mentions(fake_x.account.id).documents
    fake_x.says_posts = True
    new = client.mentions(fake_x.account.id).documents
    assert [read_post(one) for one in old] == [read_post(one) for one in new]


def test_documents_hold_what_their_post_needs_and_nothing_of_others(client: XClient, fake_x: Any) -> None:
    ada, ben = fake_x.add_person("Ada", "ada"), fake_x.add_person("Ben", "ben")
    fake_x.mention(ada, "One", media=[fake_x.picture()])
    fake_x.mention(ben, "Two")
    two, one = client.mentions(fake_x.account.id).documents
    assert [user["name"] for user in two["includes"]["users"]] == ["Ben"]
    assert "media" not in two["includes"]
    assert "media" in one["includes"]


def test_posts_that_are_gone_are_told_from_those_that_are_hidden(client: XClient, fake_x: Any) -> None:
    ada = fake_x.add_person()
    kept, gone, hidden = (fake_x.mention(ada, f"{n}") for n in range(3))
    fake_x.delete(gone)
    fake_x.hidden.add(hidden.id)
    found = client.posts([kept.id, gone.id, hidden.id])
    assert [read_post(one).id for one in found.documents] == [kept.id]
    assert (found.gone, found.hidden) == ((gone.id,), (hidden.id,))


def test_an_edit_names_the_first_version(client: XClient, fake_x: Any) -> None:
    post = fake_x.mention(fake_x.add_person(), "Helo")
    newer = fake_x.edit(post, "@shop Hello")
    (document,) = client.mentions(fake_x.account.id).documents
    read = read_post(document)
    assert (read.id, read.first_id, read.text) == (newer.id, post.id, "@shop Hello")


def test_own_posts_leave_reposts_out(client: XClient, fake_x: Any) -> None:
    ada = fake_x.add_person()
    asked = fake_x.mention(ada, "?")
    fake_x.post(fake_x.account, "", reposts=asked)
    answer = fake_x.post(fake_x.account, "!", in_reply_to=asked)
    (document,) = client.own_posts(fake_x.account.id).documents
    post = read_post(document)
    assert post.id == answer.id
    assert post.in_reply_to_user
    assert post.in_reply_to_user.id == ada.id


def test_direct_messages_are_read_and_written(client: XClient, fake_x: Any) -> None:
    ada = fake_x.add_person("Ada", "ada")
    asked = fake_x.message(ada, "Is it <there>? https://example.com/x", fake_x.picture(of_message=True))
    (document,) = client.direct_messages(max_results=10).documents
    message = read_direct_message(document)
    assert message.text == "Is it <there>? https://example.com/x"
    assert (message.id, message.sender.name, message.conversation_id) == (asked.id, "Ada", asked.conversation_id)
    assert message.recipient
    assert message.recipient.id == fake_x.account.id
    assert message.media[0].url.startswith("https://ton.twitter.com/1.1/ton/data/dm/")
    sent = client.send_direct_message("Yes", participant_id=ada.id)
    assert sent.conversation_id == asked.conversation_id
    again = client.send_direct_message("Really", conversation_id=asked.conversation_id)
    page = client.direct_messages_with(ada.id, max_results=2)
    assert [read_direct_message(one).id for one in page.documents] == [again.id, sent.id]
    assert page.next_token


@pytest.mark.parametrize("signs", [False, True])
def test_files_are_uploaded_in_chunks(client: XClient, signing_client: XClient, fake_x: Any, signs: bool) -> None:
    content = bytes(range(256)) * (CHUNK_BYTES // 128)
    media_id = (signing_client if signs else client).upload(content, "image/png")
    assert fake_x.state.uploads[media_id].content == content
    assert len(fake_x.state.uploads[media_id].chunks) == 2
    client.create_post("With a picture", media_ids=[media_id])
    assert fake_x.sent_posts[0].media[0].content == content


def test_a_video_is_waited_for(client: XClient, fake_x: Any) -> None:
    fake_x.processing_checks, pauses = 2, []
    media_id = client.upload(b"film", "video/mp4", for_direct_message=True, sleep=pauses.append)
    assert pauses == [1.0, 1.0]
    assert fake_x.state.uploads[media_id].category == "dm_video"
    fake_x.fails_processing, fake_x.processing_checks = True, 0
    with pytest.raises(XRejected, match="Unsupported video format"):
        client.upload(b"film", "video/mp4")
    fake_x.processing_checks, fake_x.processing_pause_s = 1000, 50
    with pytest.raises(Unavailable):
        client.upload(b"film", "video/mp4", sleep=pauses.append)


def test_the_limits_of_the_last_answer_are_at_hand(client: XClient, fake_x: Any, clock: Any) -> None:
    client.create_post("One")
    assert client.limits.window
    assert client.limits.app_day
    assert (client.limits.window.limit, client.limits.window.remaining) == (100, 99)
    assert (client.limits.window.resets_at - clock()).total_seconds() == 900
    assert client.limits.app_day.remaining == 9_999


def test_each_call_is_told(fake_x: Any, session: Any, clock: Any) -> None:
    calls: list[str] = []
    client = XClient(
        UserToken(fake_x.new_token().access), base_url=fake_x.address, session=session, on_call=calls.append
    )
    client.me()
    client.mentions(fake_x.account.id)
    assert calls == ["/2/users/me", f"/2/users/{fake_x.account.id}/mentions"]
