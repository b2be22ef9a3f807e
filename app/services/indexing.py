"""Writing the full-text index, in the transaction that writes what is indexed. `app.queries.search` reads it."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select, text

from app.domain.text import fold
from app.models import Message, SearchEntry
from app.services.core import insert_row

__all__ = ["body_of", "index_message", "index_note", "people_of", "unindex_message"]

_LIMIT = 200_000
"""Characters of one body that are indexed; what lies behind is found by opening the message."""

_INSERT_ENTRY = insert(SearchEntry.__table__)
_INSERT_DOCUMENT = insert(SearchEntry.__table__).values(
    document=func.setweight(func.to_tsvector("simple", bindparam("subject")), literal_column("'A'"))
    .concat(func.setweight(func.to_tsvector("simple", bindparam("people")), literal_column("'B'")))
    .concat(func.to_tsvector("simple", bindparam("body"))),
)
_ADDRESS_PARTS = str.maketrans("@.-_+", "     ")
"""PostgreSQL keeps a mail address as one word; its parts are indexed beside it."""
_INSERT_FTS = text("INSERT INTO search_fts(rowid, subject, people, body) VALUES (:id, :subject, :people, :body)")
_DELETE_FTS = text(
    "INSERT INTO search_fts(search_fts, rowid, subject, people, body) VALUES ('delete', :id, :subject, :people, :body)"
)


def index_message(
    connection: Connection, *, conversation_id: int, message_id: int, subject: str, people: str, body: str
) -> None:
    """Make a message findable by its subject, the people on it and its `body_of`."""
    _index(connection, {"conversation_id": conversation_id, "message_id": message_id}, subject, people, body)


def index_note(connection: Connection, *, conversation_id: int, note_id: int, people: str, body: str) -> None:
    """Make a note findable."""
    _index(connection, {"conversation_id": conversation_id, "note_id": note_id}, "", people, body)


def people_of(sender_name: str, sender_value: str, recipients: dict[str, list[dict[str, str]]]) -> str:
    """The text under which a message's people are indexed; the same for writing and for deleting."""
    others = (f"{p.get('name', '')} {p.get('value', '')}" for key in ("to", "cc") for p in recipients.get(key, []))
    return " ".join([sender_name, sender_value, *others])[:4000]


def body_of(text: str, answers: Mapping[str, str] | None) -> str:
    """The text under which what a message says is indexed; the same for writing and for deleting."""
    return "\n".join((text, *(answers or {}).values()))


def unindex_message(connection: Connection, message: Message) -> None:
    """Forget a message; its row must still hold the texts it was indexed with."""
    entry_id = connection.scalar(select(SearchEntry.id).where(SearchEntry.message_id == message.id))
    if entry_id is None:
        return
    if connection.dialect.name == "sqlite":
        people = people_of(message.sender_name, message.sender_value, message.recipients)
        body = body_of(message.text, message.answers)[:_LIMIT]
        connection.execute(_DELETE_FTS, {"id": entry_id, "subject": message.subject, "people": people, "body": body})
    connection.execute(delete(SearchEntry).where(SearchEntry.id == entry_id))


def _index(connection: Connection, owner: dict[str, int], subject: str, people: str, body: str) -> None:
    texts = {"subject": subject, "people": people, "body": body[:_LIMIT]}
    if connection.dialect.name == "sqlite":
        entry_id = insert_row(connection, _INSERT_ENTRY, owner)
        connection.execute(_INSERT_FTS, {"id": entry_id, **texts})
    else:
        texts["people"] += " " + people.translate(_ADDRESS_PARTS)
        connection.execute(_INSERT_DOCUMENT, {**owner, **{name: fold(value) for name, value in texts.items()}})
