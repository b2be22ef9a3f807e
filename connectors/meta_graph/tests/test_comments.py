"""Comments under posts, against the fake Graph API."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.meta_graph import GraphClient, GraphRejected, Refusal, comments, every, messenger


@pytest.fixture
def ben(fake_meta_graph: Any, page: Any) -> Any:
    """Somebody who comments."""
    return fake_meta_graph.add_person(page, "Ben Example")


@pytest.fixture
def post(fake_meta_graph: Any, page: Any) -> Any:
    """Something the page posted."""
    return fake_meta_graph.add_post(page.id, "We are open on Sunday.")


def test_posts_and_all_their_comments_are_listed(
    client: GraphClient, page: Any, post: Any, ben: Any, fake_meta_graph: Any
) -> None:
    first = fake_meta_graph.comment(ben, post, "When?")
    answer = fake_meta_graph.comment(ben, post, "Anybody?", under=first)
    (listed,) = comments.list_posts(client, page.id).items
    found = list(every(lambda after: comments.list_comments(client, post.id, after=after, limit=1), most=10))

    assert (listed.id, listed.comments_count, listed.text) == (post.id, 2, "We are open on Sunday.")
    assert [(one.id, one.parent_id) for one in found] == [(first.id, None), (answer.id, first.id)]
    assert found[0].author is not None
    assert found[0].author.name == "Ben Example"
    assert found[0].can_hide
    assert found[0].can_reply_privately


def test_an_answer_stands_below_the_comment(
    client: GraphClient, post: Any, ben: Any, page: Any, fake_meta_graph: Any
) -> None:
    comment = fake_meta_graph.comment(ben, post, "When?")
    answer = comments.read_comment(client, comments.reply(client, comment.id, "At ten."))

    assert answer is not None
    assert (answer.text, answer.parent_id) == ("At ten.", comment.id)
    assert answer.author is not None
    assert answer.author.id == page.id


def test_a_comment_is_hidden_shown_and_deleted(client: GraphClient, post: Any, ben: Any, fake_meta_graph: Any) -> None:
    comment = fake_meta_graph.comment(ben, post, "Spam")
    comments.hide(client, comment.id)
    hidden = comment.is_hidden
    comments.hide(client, comment.id, is_hidden=False)
    shown = not comment.is_hidden
    comments.delete(client, comment.id)
    comments.delete(client, comment.id)

    assert hidden
    assert shown
    assert comments.read_comment(client, comment.id) is None


def test_a_comment_gets_one_private_reply(
    client: GraphClient, page: Any, post: Any, ben: Any, fake_meta_graph: Any
) -> None:
    comment = fake_meta_graph.comment(ben, post, "How much?")
    done = messenger.send_private_reply(client, page.id, comment.id, "Ten.")
    with pytest.raises(GraphRejected) as caught:
        messenger.send_private_reply(client, page.id, comment.id, "Eleven.")

    assert done.recipient_id == ben.id
    assert [one.text for one in fake_meta_graph.state.sent] == ["Ten."]
    assert caught.value.refusal is Refusal.ALREADY_ANSWERED


def test_a_comment_on_instagram_is_answered_and_hidden(client: GraphClient, page: Any, fake_meta_graph: Any) -> None:
    photo = fake_meta_graph.add_post(page.id, "Spring lamps")
    comment = fake_meta_graph.comment(fake_meta_graph.add_person(page, "Ada", platform="instagram"), photo, "Nice")
    answer = fake_meta_graph.state.comments[comments.reply_on_instagram(client, comment.id, "Thank you!")]
    comments.hide_on_instagram(client, comment.id)
    caption = comments.read_on_instagram(client, photo.id)

    assert (answer.author_id, answer.parent_id) == (page.instagram_id, comment.id)
    assert comment.is_hidden
    assert caption is not None
    assert (caption.text, caption.permalink_url) == ("Spring lamps", f"https://www.instagram.com/p/{photo.id}/")
    assert comments.read_on_instagram(client, "1") is None


@pytest.mark.parametrize(
    "odd", ["{}?method=delete", "{}#x", "../{}", "{}/..", "{}%3Fmethod=delete", "{}\n", "{} ", "\\{}", ""]
)
def test_an_id_that_somebody_made_up_leads_nowhere_else(
    client: GraphClient, post: Any, ben: Any, fake_meta_graph: Any, odd: str
) -> None:
    comment = fake_meta_graph.comment(ben, post, "When?")
    asked = len(fake_meta_graph.asked)
    with pytest.raises(Rejected, match="no id"):
        comments.hide(client, odd.format(comment.id))
    assert len(fake_meta_graph.asked) == asked
