"""Comments under the posts of a page: reading, answering, hiding, deleting. Private replies are in messenger.py.

Pages: https://developers.facebook.com/docs/graph-api/reference/comment,
https://developers.facebook.com/docs/graph-api/reference/object/comments,
https://developers.facebook.com/docs/instagram-platform/comment-moderation (Instagram: `reply_on_instagram`, `hide_on_instagram`)
"""

from __future__ import annotations

from connectors.meta_graph.client import GraphClient
from connectors.meta_graph.faults import GraphRejected, Refusal
from connectors.meta_graph.history import person
from connectors.meta_graph.json_fields import Fields, fields, number, text, time
from connectors.meta_graph.types import Comment, Listing, Post

_COMMENT_FIELDS = (
    "id,message,created_time,from,parent{id},is_hidden,can_hide,can_reply_privately,attachment{media,url},permalink_url"
)
_POST_FIELDS = "id,created_time,message,story,permalink_url,comments.limit(0).summary(true)"


def list_posts(page: GraphClient, page_id: str, *, after: str | None = None, limit: int = 25) -> Listing[Post]:
    """Return one page of what the page posted, the newest first. Raises as `GraphClient.get`."""
    return page.listing(f"{page_id}/posts", {"fields": _POST_FIELDS, "limit": limit}, _post, after=after)


def read_post(page: GraphClient, post_id: str) -> Post | None:
    """Return a post of the page, None where it is gone."""
    try:
        return _post(page.get(post_id, {"fields": "id,created_time,message,story,permalink_url"}))
    except GraphRejected as error:
        if error.refusal is Refusal.NOT_FOUND:
            return None
        raise


def list_comments(page: GraphClient, object_id: str, *, after: str | None = None, limit: int = 50) -> Listing[Comment]:
    """Return one page of all comments under a post (or of the answers to a comment), the oldest first."""
    params = {"fields": _COMMENT_FIELDS, "filter": "stream", "order": "chronological", "limit": limit}
    return page.listing(f"{object_id}/comments", params, _comment, after=after)


def read_comment(page: GraphClient, comment_id: str) -> Comment | None:
    """Return a comment, None where it is gone."""
    try:
        return _comment(page.get(comment_id, {"fields": _COMMENT_FIELDS}))
    except GraphRejected as error:
        if error.refusal is Refusal.NOT_FOUND:
            return None
        raise


def reply(page: GraphClient, comment_id: str, message: str) -> str:
    """Answer under a comment (or comment on a post) as the page; returns the new comment's id. Needs pages_manage_engagement."""
    return text(page.post(f"{comment_id}/comments", {"message": message}).get("id"))


def hide(page: GraphClient, comment_id: str, *, is_hidden: bool = True) -> None:
    """Hide a comment from all but its author and their friends, or show it again."""
    page.post(comment_id, {"is_hidden": is_hidden})


def delete(page: GraphClient, comment_id: str) -> None:
    """Delete a comment for good. One that is gone already counts as deleted."""
    try:
        page.delete(comment_id)
    except GraphRejected as error:
        if error.refusal is not Refusal.NOT_FOUND:
            raise


def reply_on_instagram(page: GraphClient, comment_id: str, message: str) -> str:
    """Answer under a comment on Instagram; returns the new comment's id."""
    return text(page.post(f"{comment_id}/replies", {"message": message}).get("id"))


def hide_on_instagram(page: GraphClient, comment_id: str, *, is_hidden: bool = True) -> None:
    """Hide a comment on Instagram, or show it again."""
    page.post(comment_id, {"hide": is_hidden})


def read_on_instagram(page: GraphClient, media_id: str) -> Post | None:
    """Return a photo, reel or video of the account with its caption, None where it is gone. Needs instagram_basic."""
    try:
        item = page.get(media_id, {"fields": "id,caption,permalink,timestamp"})
    except GraphRejected as error:
        if error.refusal is Refusal.NOT_FOUND:
            return None
        raise
    made_at = time(item.get("timestamp"))
    return Post(text(item.get("id")), made_at, text(item.get("caption")), text(item.get("permalink")))


def _post(item: Fields) -> Post:
    summary = fields(fields(item.get("comments")).get("summary"))
    return Post(
        id=text(item.get("id")),
        created_at=time(item.get("created_time")),
        text=text(item.get("message")) or text(item.get("story")),
        permalink_url=text(item.get("permalink_url")),
        comments_count=number(summary.get("total_count")) or 0,
    )


def _comment(item: Fields) -> Comment:
    author = person(item.get("from"))
    attached = fields(item.get("attachment"))
    image = fields(fields(attached.get("media")).get("image"))
    return Comment(
        id=text(item.get("id")),
        text=text(item.get("message")),
        created_at=time(item.get("created_time")),
        author=author if author.id else None,
        parent_id=text(fields(item.get("parent")).get("id")) or None,
        is_hidden=item.get("is_hidden") is True,
        can_hide=item.get("can_hide") is True,
        can_reply_privately=item.get("can_reply_privately") is True,
        attachment_url=text(image.get("src")) or text(attached.get("url")),
        permalink_url=text(item.get("permalink_url")),
    )
