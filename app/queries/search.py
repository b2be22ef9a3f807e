"""Full-text search over messages and notes, newest first, at most two seconds of the database's time."""

import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, column, exists, func, literal, literal_column, or_, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from app.models import Agent, Conversation, Message, Note, SearchEntry, Tag, conversation_tag
from app.queries.conversation_list import ConversationRow, rows_of
from app.queries.paging import parse_id
from app.queries.search_text import SearchText, fts5_match, tsquery

__all__ = ["Hit", "Match", "Results", "TooSlow", "best_matches", "search"]

Key = ColumnElement | InstrumentedAttribute
BUDGET_S = 2.0
_PAGE = 30
_ENTRIES_PER_LOOK = 300
_MOST_LOOKS = 10
_SNIPPET = 220
_READ = 20_000
_FTS = table("search_fts", column("rowid"))


class TooSlow(Exception):
    """The search took longer than it may; a further word makes it quicker."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found. `snippet` is text in parts, (text, whether it is a hit), in their order."""

    row: ConversationRow
    snippet: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Results:
    """Hits, newest first; `older` is the cursor of the next page."""

    hits: tuple[Hit, ...] = ()
    older: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A message or note that was found; `score` is higher the better the words fit, 0 when none were asked for."""

    conversation_id: int
    message_id: int | None
    note_id: int | None
    score: float


@dataclass(frozen=True, slots=True)
class _Entry:
    """An index entry that matched, or with `id` of the conversation when there was no word to look for."""

    id: int
    conversation_id: int
    message_id: int | None = None
    note_id: int | None = None


def search(
    session: Session | scoped_session, wanted: SearchText, *, agent_id: int, after: str = "", budget_s: float = BUDGET_S
) -> Results:
    """Run a parsed search. Each conversation is shown once, with its newest hit. Raises `TooSlow` when the time is over."""
    below = parse_id(after) if after else None
    try:
        with _time_box(session, budget_s):
            entries, older = _find(session, wanted, agent_id, below)
    except DBAPIError as error:
        session.rollback()
        if _is_interruption(error):
            raise TooSlow from error
        raise
    rows = {row.id: row for row in rows_of(session, [e.conversation_id for e in entries], agent_id=agent_id)}
    texts = _texts(session, entries)
    hits = [
        Hit(rows[e.conversation_id], snippet_of(texts.get(e) or rows[e.conversation_id].preview, wanted.words))
        for e in entries
        if e.conversation_id in rows
    ]
    return Results(tuple(hits), older)


def best_matches(session: Session | scoped_session, wanted: SearchText, *, limit: int) -> list[Match]:
    """The messages and notes that fit best, the newest first among equals. Takes its time: for exports and scripts, not for pages."""
    entry = SearchEntry.__table__.c
    score: ColumnElement = literal(0.0)
    statement = select(entry.conversation_id, entry.message_id, entry.note_id)
    if wanted.terms:
        statement, _ = _by_words(session, wanted)
        statement = statement.with_only_columns(entry.conversation_id, entry.message_id, entry.note_id)
        score = _score(session, wanted)
    else:
        statement = statement.join(Conversation, Conversation.id == entry.conversation_id)
    for condition in _conditions(wanted, agent_id=0):
        statement = statement.where(condition)
    statement = statement.add_columns(score.label("score")).order_by(literal_column("score").desc(), entry.id.desc())
    return [Match(*row) for row in session.execute(statement.limit(limit))]


def _score(session: Session | scoped_session, wanted: SearchText) -> ColumnElement:
    """bm25 of FTS5 (smaller is better there) or PostgreSQL's rank; a word in the subject counts more than one in the text."""
    if session.get_bind().dialect.name == "sqlite":
        return -func.bm25(literal_column("search_fts"), 4.0, 2.0, 1.0)
    return func.ts_rank(SearchEntry.document, func.to_tsquery("simple", tsquery(wanted.terms)))


def snippet_of(body: str, words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """About 220 characters around the first hit, cut into parts that are hits or not."""
    body = " ".join(body.split())
    if not words:
        return ((body[:_SNIPPET], False),)
    pattern = re.compile(r"\b(" + "|".join(re.escape(word) for word in words) + r")\w*", re.IGNORECASE)
    first = pattern.search(body)
    start = max(0, (first.start() if first else 0) - _SNIPPET // 3)
    if start:
        start = body.find(" ", start) + 1 or start
    part = body[start : start + _SNIPPET]
    pieces: list[tuple[str, bool]] = [("… ", False)] if start else []
    end = 0
    for match in pattern.finditer(part):
        pieces += [(part[end : match.start()], False), (match.group(), True)]
        end = match.end()
    pieces += [(part[end:], False)] + ([(" …", False)] if start + _SNIPPET < len(body) else [])
    return tuple(piece for piece in pieces if piece[0])


def _find(
    session: Session | scoped_session, wanted: SearchText, agent_id: int, below: int | None
) -> tuple[list[_Entry], str | None]:
    """The newest entry of each of the next conversations that fit, and where the page after them begins."""
    found: dict[int, _Entry] = {}
    for _ in range(_MOST_LOOKS):
        entries = [_Entry(*row) for row in session.execute(_statement(session, wanted, agent_id, below))]
        for entry in entries:
            if entry.conversation_id not in found and len(found) == _PAGE:
                return list(found.values()), str(below)
            found.setdefault(entry.conversation_id, entry)
            below = entry.id
        if len(entries) < _ENTRIES_PER_LOOK:
            return list(found.values()), None
    return list(found.values()), str(below)


def _statement(session: Session | scoped_session, wanted: SearchText, agent_id: int, below: int | None) -> Select:
    key: Key = Conversation.id
    statement = select(Conversation.id, Conversation.id)
    if wanted.terms:
        statement, key = _by_words(session, wanted)
    for condition in _conditions(wanted, agent_id):
        statement = statement.where(condition)
    if below is not None:
        statement = statement.where(key < below)
    return statement.order_by(key.desc()).limit(_ENTRIES_PER_LOOK)


def _by_words(session: Session | scoped_session, wanted: SearchText) -> tuple[Select, Key]:
    if session.get_bind().dialect.name == "sqlite":
        key: Key = _FTS.c.rowid
        statement = (
            select(SearchEntry.id, SearchEntry.conversation_id, SearchEntry.message_id, SearchEntry.note_id)
            .join(_FTS, key == SearchEntry.id)
            .where(literal_column("search_fts").op("MATCH")(fts5_match(wanted.terms)))
        )
    else:
        key = SearchEntry.id
        statement = select(
            SearchEntry.id, SearchEntry.conversation_id, SearchEntry.message_id, SearchEntry.note_id
        ).where(SearchEntry.document.op("@@")(func.to_tsquery("simple", tsquery(wanted.terms))))
    return statement.join(Conversation, Conversation.id == SearchEntry.conversation_id), key


def _conditions(wanted: SearchText, agent_id: int) -> Iterator[Key]:
    if not wanted.terms:  # what was merged into another one holds no words
        yield Conversation.merged_into_id.is_(None)
    if wanted.number is not None:
        yield Conversation.number == wanted.number
    if wanted.status:
        yield Conversation.status == wanted.status
    if wanted.has_attachment:
        yield Conversation.has_attachments
    if wanted.before is not None:
        yield Conversation.created_at < wanted.before
    if wanted.after is not None:
        yield Conversation.active_at >= wanted.after
    if wanted.tag:
        tagged = exists().where(
            conversation_tag.c.conversation_id == Conversation.id,
            conversation_tag.c.tag_id == Tag.id,
            Tag.name == wanted.tag,
        )
        yield tagged
    if wanted.assignee:
        yield _assignee(wanted.assignee, agent_id)


def _assignee(name: str, agent_id: int) -> ColumnElement:
    if name == "none":
        return Conversation.assignee_id.is_(None)
    if name == "me":
        return Conversation.assignee_id == agent_id
    is_named = or_(func.lower(Agent.name).contains(name, autoescape=True), func.lower(Agent.email) == name)
    return Conversation.assignee_id.in_(select(Agent.id).where(is_named))


def _texts(session: Session | scoped_session, entries: Sequence[_Entry]) -> dict[_Entry, str]:
    """The beginnings of the messages and notes that were found. Two queries."""
    messages, notes = ([i for e in entries if (i := getattr(e, key))] for key in ("message_id", "note_id"))
    own = func.coalesce(Message.reply_text, Message.text)
    whole = func.substr(Message.subject + " · " + own, 1, _READ)
    by_message = _texts_by_id(session, Message.id, whole, messages)
    by_note = _texts_by_id(session, Note.id, func.substr(Note.text, 1, _READ), notes)
    return {e: by_message.get(e.message_id or 0) or by_note.get(e.note_id or 0) or "" for e in entries}


def _texts_by_id(
    session: Session | scoped_session, key: Key, body: ColumnElement, ids: Sequence[int]
) -> dict[int, str]:
    return {row[0]: row[1] for row in session.execute(select(key, body).where(key.in_(ids)))} if ids else {}


@contextmanager
def _time_box(session: Session | scoped_session, budget_s: float) -> Iterator[None]:
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        session.execute(text(f"SET LOCAL statement_timeout = {max(1, int(budget_s * 1000))}"))
        yield
        session.execute(text("SET LOCAL statement_timeout = 0"))
        return
    raw: Any = connection.connection.driver_connection
    ends_at = time.monotonic() + budget_s
    raw.set_progress_handler(lambda: time.monotonic() > ends_at, 10_000)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def _is_interruption(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return "interrupted" in str(error.orig)
    return getattr(error.orig, "sqlstate", "") == "57014"
