"""How often a mailbox is answered automatically. What a mail says against an answer is `app.mime.answers`' matter.

Machines that do not say that they are some would answer each other for ever. So the pause doubles with each automatic answer until a
person writes to the mailbox: what goes on for a month has made ten mails.
"""

from datetime import timedelta

__all__ = ["LONGEST_PAUSE", "pause_after"]

_PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(days=30)


def pause_after(count: int) -> timedelta:
    """How long a mailbox is left alone after its `count`-th automatic answer since a person wrote to it: 1, 2, 4 … hours, at most a month.
    None at all after none."""
    if count <= 0:
        return timedelta()
    return min(_PAUSE * 2 ** min(count - 1, 20), LONGEST_PAUSE)
