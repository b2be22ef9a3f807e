"""What the plugin remembers of exchanges between two requests: who holds them when it is not us, which comments are hidden, and how far a
message of several parts got. Small and bounded; losing it costs a button or a notice."""

from collections.abc import Sequence

from tidings import Host

__all__ = [
    "forget_parts",
    "is_hidden",
    "is_own_part",
    "is_held_elsewhere",
    "note_hidden",
    "note_holder",
    "note_part",
    "sent_parts",
]

MOST = 500


def note_holder(host: Host, account_id: int, person_id: str, *, is_us: bool) -> None:
    """Another app answers this person now, or we do again."""
    _note(host, f"held:{account_id}", person_id, is_there=not is_us)


def is_held_elsewhere(host: Host, account_id: int, person_id: str) -> bool:
    """Whether another app answers this person."""
    return person_id in host.store.get(f"held:{account_id}", [])


def note_hidden(host: Host, account_id: int, comment_id: str, *, hidden: bool) -> None:
    """A comment was hidden, or is shown again."""
    _note(host, f"hidden:{account_id}", comment_id, is_there=hidden)


def is_hidden(host: Host, account_id: int, comment_id: str) -> bool:
    """Whether a comment is hidden, as far as we were told."""
    return comment_id in host.store.get(f"hidden:{account_id}", [])


def sent_parts(host: Host, message_id: int) -> list[str]:
    """Meta's ids of those parts of a message (text, files) that are sent already, in order."""
    return list(host.store.get(f"parts:{message_id}", []))


def note_part(host: Host, account_id: int, message_id: int, mid: str) -> None:
    """One more part was sent. It is remembered for longer than the message, so that the history does not bring it back as another's."""
    host.store.set(f"parts:{message_id}", [*sent_parts(host, message_id), mid])
    _note(host, f"own:{account_id}", mid, is_there=True)


def forget_parts(host: Host, message_id: int) -> None:
    """All parts are sent."""
    host.store.delete(f"parts:{message_id}")


def is_own_part(host: Host, account_id: int, mid: str) -> bool:
    """Whether Tidings sent this lately."""
    return mid in host.store.get(f"own:{account_id}", [])


def _note(host: Host, key: str, value: str, *, is_there: bool) -> None:
    known: Sequence[str] = host.store.get(key, [])
    if (value in known) != is_there:
        rest = [one for one in known if one != value]
        host.store.set(key, [*rest, value][-MOST:] if is_there else rest)
