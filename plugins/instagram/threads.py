"""Which comments are hidden, as far as we know. Small and bounded; losing it costs a button."""

from collections.abc import Sequence

from tidings import Host

__all__ = ["is_hidden", "note_hidden"]

MOST = 500


def note_hidden(host: Host, account_id: int, comment_id: str, *, hidden: bool) -> None:
    """A comment was hidden, or is shown again."""
    key = f"hidden:{account_id}"
    known: Sequence[str] = host.store.get(key, [])
    if (comment_id in known) != hidden:
        rest = [one for one in known if one != comment_id]
        host.store.set(key, [*rest, comment_id][-MOST:] if hidden else rest)


def is_hidden(host: Host, account_id: int, comment_id: str) -> bool:
    """Whether a comment is hidden."""
    return comment_id in host.store.get(f"hidden:{account_id}", [])
