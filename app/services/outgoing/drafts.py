"""What an agent wants to send, and what is checked of it before anything else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import InvalidInput
from app.models import Status
from app.plugin_api.messages import Participant

__all__ = ["LATEST", "LONGEST", "KeptFiles", "NewFile", "ReplyDraft", "check_draft", "check_moment"]

LONGEST = 200_000
"""Characters of a text."""
LATEST = timedelta(days=366)
"""How far ahead a message may be scheduled, or a conversation be snoozed with it."""
_THEN = (Status.OPEN, Status.PENDING, Status.RESOLVED, Status.SNOOZED)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file an agent attaches."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """What a form says of the files that a draft keeps, by their ids: those it showed, and of these the ones that go along. A draft may
    have others meanwhile; they stay with it."""

    seen: frozenset[int] = frozenset()
    chosen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """What an agent wants to send. `text` is Markdown. Empty `to` means whoever wrote last. `choice` is the key of one of the ways that the
    channel offers (`app.services.reply_rules`). `sender` is the one of the account's addresses it is from, empty for the usual one.

    `then` is the status afterwards, with `until` where that is snoozed: the reminder that nobody answered. `at`: when it leaves, None for
    now; with `cancels_on_reply` it stays here when the contact writes before. `html` stands in for what the text would be made into.
    `kept`: files of the agent's draft that go along with `files`.
    """

    text: str
    to: tuple[Participant, ...] = ()
    cc: tuple[Participant, ...] = ()
    bcc: tuple[Participant, ...] = ()
    files: Sequence[NewFile] = ()
    kept: KeptFiles = KeptFiles()
    then: str = Status.PENDING
    until: datetime | None = None
    account_id: int | None = None
    sender: str = ""
    choice: str = ""
    at: datetime | None = None
    cancels_on_reply: bool = False
    html: str | None = None


def check_draft(draft: ReplyDraft, now: datetime) -> None:
    """Raise `InvalidInput` for what is empty or too long, and for moments that make no sense."""
    if not draft.text.strip() and not draft.files:
        raise InvalidInput("There is nothing to send yet.", {"text": "Write a message first."})
    if len(draft.text) > LONGEST:
        raise InvalidInput("This message is too long.", {"text": f"At most {LONGEST} characters can be sent."})
    if draft.then not in _THEN or (draft.then == Status.SNOOZED) != (draft.until is not None):
        raise InvalidInput("Unknown status.", {"then": "Choose open, pending or resolved."})
    if draft.at is not None:
        check_moment(draft.at, now, "at")
    if draft.until is not None:
        check_moment(draft.until, draft.at or now, "until")


def check_moment(at: datetime, now: datetime, name: str) -> None:
    """Raise `InvalidInput` for the field `name` unless a moment lies ahead, and not more than a year."""
    if at <= now:
        raise InvalidInput("Choose a moment in the future.", {name: "This moment has passed. Choose a later one."})
    if at > now + LATEST:
        raise InvalidInput("Choose a nearer moment.", {name: "This is more than a year away. Choose a nearer moment."})
