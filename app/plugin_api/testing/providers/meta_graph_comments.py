"""Posts and comments in the fake of Meta's Graph API. https://developers.facebook.com/docs/graph-api/reference/comment"""

from typing import TYPE_CHECKING, Any

from app.plugin_api.testing.providers.meta_graph_calls import Call, edge
from app.plugin_api.testing.providers.meta_graph_state import Comment, Post, Refused, paged, picked, stamp

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph


@edge("page", "posts", "GET")
def posts(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("pages_read_engagement")
    own = sorted(
        (one for one in graph.state.posts.values() if one.page_id == call.node), key=lambda one: one.at, reverse=True
    )
    wanted = str(call.params.get("fields", "id,created_time,message"))
    found = [picked(_post(graph, post), wanted) for post in own]
    return paged(found, call.params, f"{graph.address}{call.asked.path}")


@edge("post", "", "GET")
def read_post(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("pages_read_engagement")
    return picked(_post(graph, graph.state.posts[call.node]), str(call.params.get("fields", "id,created_time,message")))


@edge("post", "comments", "GET")
@edge("comment", "comments", "GET")
def comments(graph: "FakeMetaGraph", call: Call) -> object:
    """All under a post with filter=stream, else those directly below the node; the oldest first."""
    call.needs("pages_read_user_content")
    is_stream = call.params.get("filter") == "stream"
    below = [one for one in graph.state.comments.values() if _is_below(one, call.node, is_stream)]
    wanted = str(call.params.get("fields", "id,created_time,from,message"))
    found = [picked(_values(graph, one), wanted) for one in sorted(below, key=lambda one: one.at)]
    return paged(found, call.params, f"{graph.address}{call.asked.path}")


@edge("comment", "", "GET")
def read(graph: "FakeMetaGraph", call: Call) -> object:
    comment = graph.state.comments[call.node]
    return picked(_values(graph, comment), str(call.params.get("fields", "id,created_time,from,message")))


@edge("post", "comments", "POST")
@edge("comment", "comments", "POST")
def reply(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("pages_manage_engagement")
    page = graph.state.pages[call.token.page_id]
    above = graph.state.comments.get(call.node)
    post_id = above.post_id if above else call.node
    comment = graph.write_comment(
        page.id, post_id, str(call.must("message")), author=(page.id, page.name), parent_id=above.id if above else ""
    )
    return {"id": comment.id}


@edge("comment", "replies", "POST")
def reply_on_instagram(graph: "FakeMetaGraph", call: Call) -> object:
    """https://developers.facebook.com/docs/instagram-platform/comment-moderation"""
    call.needs("instagram_manage_comments")
    above, page = graph.state.comments[call.node], graph.state.pages[call.token.page_id]
    author, text = (page.instagram_id, page.name), str(call.must("message"))
    return {"id": graph.write_comment(page.id, above.post_id, text, author=author, parent_id=above.id).id}


@edge("comment", "", "POST")
def change(graph: "FakeMetaGraph", call: Call) -> object:
    comment = graph.state.comments[call.node]
    if graph.is_on_instagram(comment):
        call.needs("instagram_manage_comments")
        comment.is_hidden = str(call.must("hide")).lower() == "true"
        return {"success": True}
    call.needs("pages_manage_engagement")
    if "message" in call.params:
        if comment.author_id != comment.page_id:
            raise Refused("(#200) Only the author can edit a comment", 200)
        graph.edit_comment(comment, str(call.params["message"]))
    if "is_hidden" in call.params:
        if comment.author_id == comment.page_id:
            raise Refused("(#100) You cannot hide your own comment", 100)
        graph.hide_comment(comment, is_hidden=str(call.params["is_hidden"]).lower() == "true")
    return {"success": True}


@edge("comment", "", "DELETE")
def delete(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("pages_manage_engagement")
    graph.remove_comment(graph.state.comments[call.node])
    return {"success": True}


def _post(graph: "FakeMetaGraph", post: Post) -> dict[str, Any]:
    count = sum(1 for one in graph.state.comments.values() if one.post_id == post.id)
    return {
        "id": lambda: post.id,
        "created_time": lambda: stamp(post.at),
        "message": lambda: post.text,
        "caption": lambda: post.text,
        "timestamp": lambda: stamp(post.at),
        "permalink": lambda: f"https://www.instagram.com/p/{post.id}/",
        "permalink_url": lambda: f"https://www.facebook.com/{post.id}",
        "comments": lambda: {"data": [], "summary": {"total_count": count}},
    }


def _is_below(comment: Comment, node: str, is_stream: bool) -> bool:
    if comment.post_id == node:
        return is_stream or not comment.parent_id
    return comment.parent_id == node


def _values(graph: "FakeMetaGraph", comment: Comment) -> dict[str, Any]:
    is_theirs = comment.author_id != comment.page_id
    return {
        "id": lambda: comment.id,
        "created_time": lambda: stamp(comment.at),
        "message": lambda: comment.text,
        "from": lambda: {"id": comment.author_id, "name": comment.author_name},
        "parent": lambda: {"id": comment.parent_id} if comment.parent_id else None,
        "is_hidden": lambda: comment.is_hidden,
        "can_hide": lambda: is_theirs,
        "can_reply_privately": lambda: is_theirs and not comment.private_reply,
        "permalink_url": lambda: f"https://www.facebook.com/{comment.post_id}?comment_id={comment.id}",
    }
