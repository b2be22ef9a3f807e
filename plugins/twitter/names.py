"""How posts and messages of X are named in Tidings: kinds of addresses, ids, threads, labels. No I/O."""

from tidings import Account, translatable

__all__ = [
    "DIRECT",
    "DM_STATE",
    "IN_REPLY_TO",
    "KIND",
    "POST",
    "PUBLIC",
    "QUOTED",
    "direct_id",
    "direct_thread",
    "own_id",
    "own_post_id",
    "post_id",
    "post_thread",
    "post_to_answer",
]

KIND = "x"
"""Addresses are X's numbers of people: names change hands, numbers do not."""

PUBLIC, DIRECT = "public", "direct"
"""The two ways to answer: keys of `ReplyChoice`."""

POST, QUOTED = translatable("Post"), translatable("Quoted post")
IN_REPLY_TO, DM_STATE = translatable("In reply to"), translatable("Direct messages")
"""Labels of the facts beside a message."""


def own_id(account: Account) -> str:
    """The number of the account's own person at X."""
    return str(account.settings.get("user_id") or "") or account.secret("access_token").partition("-")[0]


def post_id(number: str) -> str:
    """The external id of a post of somebody else; an edited one keeps that of its first version."""
    return f"post:{number}"


def own_post_id(number: str) -> str:
    """The external id of a post of the account, whichever program wrote it."""
    return f"own:{number}"


def direct_id(number: str) -> str:
    """The external id of a direct message."""
    return f"dm:{number}"


def post_thread(conversation_id: str, person_id: str) -> str:
    """The key of what one person says below one post: others who talk there have conversations of their own."""
    return f"post:{conversation_id}:{person_id}"


def direct_thread(conversation_id: str) -> str:
    """The key of an exchange of direct messages."""
    return f"dm:{conversation_id}"


def post_to_answer(thread_key: str, earlier_ids: tuple[str, ...]) -> str:
    """The number of the post that an answer goes below: the newest of the contact's, else the one that began it all."""
    for one in reversed(earlier_ids):
        if one.startswith("post:"):
            return one.removeprefix("post:")
    kind, _, rest = thread_key.partition(":")
    return rest.partition(":")[0] if kind == "post" else ""
