"""Comments that are under posts already, as the webhooks they would have been."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.meta_graph import GraphClient, every
from connectors.meta_graph import comments as graph_comments
from connectors.meta_graph.types import Comment, Listing, Post
from connectors.meta_graph.webhook_parts import body_of
from plugins.facebook.history import JUST_NOW
from plugins.facebook.webhook import CONTENT_TYPE
from tidings import Account, Host, RawEvent

__all__ = ["changed_posts", "comments_under", "posts_since"]

WATCHED_POSTS = 25
"""How many of the newest posts are looked after for comments that no webhook brought."""
MOST_COMMENTS, MOST_POSTS = 2000, 1000


def changed_posts(client: GraphClient, account: Account, counts: Mapping[str, int]) -> list[Post]:
    """The newest posts whose number of comments is another one than in `counts`."""
    page_id = str(account.settings.get("page_id"))
    newest = graph_comments.list_posts(client, page_id, limit=WATCHED_POSTS).items
    return [post for post in newest if post.comments_count != counts.get(post.id, 0)]


def posts_since(client: GraphClient, account: Account, since: datetime) -> Iterator[Post]:
    """Posts with comments that were made since then, the newest first."""
    page_id = str(account.settings.get("page_id"))

    def listing(after: str | None) -> Listing[Post]:
        return graph_comments.list_posts(client, page_id, after=after)

    for post in every(listing, most=MOST_POSTS):
        if post.created_at is None or post.created_at < since:
            return
        if post.comments_count:
            yield post


def comments_under(
    host: Host, client: GraphClient, account: Account, post: Post, since: datetime
) -> tuple[tuple[RawEvent, ...], bool]:
    """The comments under a post since then, and whether that was all: what the page wrote just now may be ours and has to wait."""
    page_id, events, is_all = str(account.settings.get("page_id")), [], True

    def listing(after: str | None) -> Listing[Comment]:
        return graph_comments.list_comments(client, post.id, after=after)

    for comment in every(listing, most=MOST_COMMENTS):
        if comment.created_at is None or comment.created_at < since:
            continue
        is_by_page = comment.author is not None and comment.author.id == page_id
        if is_by_page and comment.created_at > host.now() - JUST_NOW:
            is_all = False
        else:
            events.append(_event(page_id, post, comment, comment.created_at))
    return tuple(events), is_all


def _event(page_id: str, post: Post, comment: Comment, created_at: datetime) -> RawEvent:
    author = {"id": comment.author.id, "name": comment.author.name} if comment.author else None
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": comment.id,
        "post_id": post.id,
        "parent_id": comment.parent_id or post.id,
        "message": comment.text,
        "created_time": int(created_at.timestamp()),
        "photo": comment.attachment_url,
        "from": author,
    }
    entry = {"id": page_id, "changes": [{"field": "feed", "value": {k: v for k, v in value.items() if v}}]}
    return RawEvent(body_of("page", entry), f"comment:{comment.id}", CONTENT_TYPE)
