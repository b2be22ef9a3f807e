"""When conversations of one contact are told as one case, and when somebody else is answering it already. What a case holds is not kept
anywhere: it is whatever of a contact is not resolved. `app.services.cases` acts on it, `app.queries.cases` reads it.
"""

from datetime import timedelta

__all__ = ["ANSWERED_LATELY", "BEING_WRITTEN", "LIVE", "stands_apart"]

LIVE = ("open", "pending", "snoozed")
"""The statuses of conversations that make up a case. Neither what is resolved nor Spam belongs to one."""

ANSWERED_LATELY = timedelta(minutes=10)
"""So long after an answer of somebody else an agent is asked before they send another one in the same case."""
BEING_WRITTEN = timedelta(minutes=15)
"""So long after it was last changed a draft shows that its author is at it."""

_OF_PEOPLE = "normal"


def stands_apart(kind: str, *, is_robot: bool) -> bool:
    """Whether a conversation that a message opens belongs to no case from the start. `kind`: as in `MessageKind`. Lists, reports and
    programs write about many matters under one address; so does an address behind which nobody reads."""
    return kind != _OF_PEOPLE or is_robot
