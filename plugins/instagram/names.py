"""What things are called on both sides of the plugin: kinds of addresses, keys of exchanges, labels of fields, permissions to ask for."""

__all__ = [
    "COMMENT_ON",
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

KIND = "instagram"
"""The `Participant.kind` of people as one account knows them."""

SCOPES = (
    "pages_show_list", "pages_manage_metadata", "pages_read_engagement", "instagram_basic", "instagram_manage_messages",
    "instagram_manage_comments", "pages_messaging", "business_management",
)  # fmt: skip

PUBLIC, PRIVATE = "public", "private"
"""Ways to answer a comment."""

COMMENT_ON, POST_LINK, PRESSED = "Comment on", "Post", "Pressed"
"""Labels of fields."""


def person_key(person_id: str) -> str:
    """The key of direct messages with one person."""
    return f"person:{person_id}"


def comment_key(root_id: str) -> str:
    """The key of what is said under one comment."""
    return f"comment:{root_id}"


def person_of(thread_key: str | None) -> str:
    """Whose direct messages they are; empty for others."""
    kind, _, key = (thread_key or "").partition(":")
    return key if kind == "person" else ""


def comment_of(thread_key: str | None) -> str:
    """Under which comment an exchange runs; empty for others."""
    kind, _, key = (thread_key or "").partition(":")
    return key if kind == "comment" else ""
