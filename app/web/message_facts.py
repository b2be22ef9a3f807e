"""What is worth knowing about a message beside what it says: who and when in full, why it is in this conversation, its channel's facts."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from flask import url_for
from flask_babel import gettext

from app.plugin_api.messages import SPAM_REASON
from app.queries.timeline import MessageRow
from app.web.activity_text import joined_because
from app.web.contexts import Fact
from app.web.formats import full_time
from app.web.message_trust import trust_facts
from app.web.texts import translated

__all__ = ["message_answers", "message_facts"]

_LATE = timedelta(minutes=10)
_MOST_PEOPLE = 50


def message_facts(row: MessageRow, *, is_outbound: bool, number: int) -> tuple[Fact, ...]:
    """The facts in the order of reading; those that are empty are left out. `number`: of the conversation."""
    sent_at = row.sent_at or row.created_at
    is_late = not is_outbound and abs(row.created_at - sent_at) > _LATE
    facts = [
        (gettext("From"), _person({"name": row.sender_name, "value": row.sender_value})),
        *((label, _people(row, key)) for key, label in _recipient_labels().items()),
        (gettext("Sent"), full_time(sent_at) if row.sent_at or not is_outbound else ""),
        (gettext("Arrived"), full_time(row.created_at) if is_late else ""),
        (gettext("Delivered"), full_time(row.delivered_at) if row.delivered_at else ""),
        (gettext("Read"), full_time(row.read_at) if row.read_at else ""),
        (gettext("Changed by its author"), full_time(row.edited_at) if row.edited_at else ""),
        (_why_here(), "" if is_outbound else joined_because(row.joined_by)),
        *trust_facts(row),
        *(_field(label, str(value)) for label, value in (row.fields or {}).items()),
    ]
    leads = {_why_here(): _joined_url(row, number)}
    return tuple(Fact(label, value, url=leads.get(label) or _link(value)) for label, value in facts if value)


def _why_here() -> str:
    return gettext("Why here")


def _joined_url(row: MessageRow, number: int) -> str | None:
    """The message it was joined by."""
    if row.joined_by_id is None:
        return None
    return url_for("conversation.message", number=number, message_id=row.joined_by_id)


def message_answers(row: MessageRow) -> tuple[Fact, ...]:
    """What was answered to the questions of a form, in their order."""
    return tuple(Fact(label, value, url=_link(value)) for label, value in (row.answers or {}).items())


def _field(label: str, value: str) -> tuple[str, str]:
    """A fact of the channel's own. Its value is what somebody said or a provider named, but for reasons."""
    return translated(label), _reasons(value) if label == SPAM_REASON else value


def _reasons(reasons: str) -> str:
    """What speaks against a message, stored as "a link; random letters", in the reader's language. A plugin's own words stay."""
    return "; ".join(translated(reason) for reason in reasons.split("; "))


def _recipient_labels() -> Mapping[str, str]:
    return {
        "to": gettext("To"),
        "cc": gettext("Cc"),
        "bcc": gettext("Bcc"),
        "reply_to": gettext("Answers go to"),
    }


def _people(row: MessageRow, key: str) -> str:
    people: Iterable[Mapping[str, str]] = (row.recipients or {}).get(key, [])
    return ", ".join(_person(person) for person in list(people)[:_MOST_PEOPLE])


def _person(person: Mapping[str, str]) -> str:
    name, value = person.get("name", ""), person.get("value", "")
    return f"{name} <{value}>" if name and value and name != value else name or value


def _link(value: str) -> str | None:
    """The value itself where it is one web address and nothing else."""
    is_address = value.startswith(("https://", "http://")) and not any(character.isspace() for character in value)
    return value if is_address else None
