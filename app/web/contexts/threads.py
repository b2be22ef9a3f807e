"""Choosing the conversation that another one, or a message of it, goes into: `conversation/place.html` gets `page: PlacePage`."""

from dataclasses import dataclass

from .contacts import SearchHit

__all__ = ["PlacePage"]


@dataclass(frozen=True, slots=True)
class PlacePage:
    """`message_from` and `message_excerpt` are set when a message is moved, and empty when the whole conversation is merged; `can_follow`:
    messages came after it, which may go along. Without a `query` the hits are the other conversations of the contact. `problem` is a
    sentence when the query cannot be understood."""

    number: int
    subject: str
    query: str
    hits: tuple[SearchHit, ...]
    post_url: str
    back_url: str
    message_from: str = ""
    message_excerpt: str = ""
    can_follow: bool = False
    problem: str = ""

    @property
    def is_message(self) -> bool:
        return bool(self.message_from)
