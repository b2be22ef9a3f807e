"""What a channel says about answering: what may be written now, and in which ways."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.plugin_api.messages import Participant

__all__ = ["Exchange", "ReplyChoice", "ReplyRules"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A conversation as its channel needs it to say what may be answered. `contact` is whom the answer is for. `last_inbound_at`: when
    they last wrote to this account here, None when never; `last_inbound_id` and `fields` are those of that message. For a first message
    there is no conversation yet: `conversation_id` is 0, and the value of `contact` is empty while nobody is named. Since API 3."""

    conversation_id: int
    thread_key: str | None
    contact: Participant
    last_inbound_at: datetime | None
    last_inbound_id: str
    fields: dict[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class ReplyChoice:
    """One way to answer ("Reply in public", "Private message", a template). `takes_text` False: the text is the provider's, and what
    stands in `text` is shown in its place. `longest`: characters where it is another number than that of the rules. Since API 3."""

    key: str
    label: str
    description: str = ""
    takes_text: bool = True
    text: str = ""
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """What holds for an answer now. `notice`: a sentence in the composer ("You can answer until Friday, 14:05."). `is_refused`: free
    text cannot be sent; `choices` that take no text still can. `until`: when the rules change by themselves. `longest`: characters of a
    message, None for no limit. The first of `choices` is chosen unless the agent takes another; each has a key of its own, of at most 120
    characters. `count`: how long a text is where the provider counts otherwise (links, emoji). Since API 3."""

    notice: str = ""
    is_refused: bool = False
    until: datetime | None = None
    longest: int | None = None
    choices: tuple[ReplyChoice, ...] = ()
    count: Callable[[str], int] = len
