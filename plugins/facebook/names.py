"""What things are called on both sides of the plugin: kinds of addresses, keys of exchanges, labels of fields, permissions to ask for."""

__all__ = [
    "COMMENT_ON",
    "HELD_BY",
    "KIND",
    "POST_LINK",
    "PRESSED",
    "PRIVATE",
    "PUBLIC",
    "SCOPES",
    "comment_key",
    "comment_of",
    "person_key",
    "person_of",
]

KIND = "facebook"
"""The `Participant.kind` of people as one page knows them."""

SCOPES = (
    "pages_show_list", "pages_messaging", "pages_manage_metadata", "pages_read_engagement", "pages_read_user_content",
    "pages_manage_engagement", "business_management",
)  # fmt: skip

PUBLIC, PRIVATE = "public", "private"
"""Ways to answer a comment."""

COMMENT_ON, POST_LINK, PRESSED, HELD_BY = "Comment on", "Post", "Pressed", "Held by"
"""Labels of fields."""


def person_key(person_id: str) -> str:
    """The key of what is said with one person in Messenger."""
    return f"person:{person_id}"


def comment_key(root_id: str) -> str:
    """The key of what is said under one comment."""
    return f"comment:{root_id}"


def person_of(thread_key: str | None) -> str:
    """Whose Messenger exchange it is; empty for others."""
    kind, _, key = (thread_key or "").partition(":")
    return key if kind == "person" else ""


def comment_of(thread_key: str | None) -> str:
    """Under which comment an exchange runs; empty for others."""
    kind, _, key = (thread_key or "").partition(":")
    return key if kind == "comment" else ""
