"""What makes a conversation part of a case, as conditions of statements."""

from sqlalchemy import ColumnElement, or_

from app.domain.cases import LIVE
from app.models import Conversation

__all__ = ["is_live"]


def is_live(row: type[Conversation] = Conversation) -> ColumnElement[bool]:
    """Whether a conversation is neither resolved nor Spam. Told as equalities: a list of values is put into a statement anew each time."""
    return or_(*(row.status == status for status in LIVE))
