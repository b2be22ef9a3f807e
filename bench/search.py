"""Full-text search, newest first: a word that half of all messages hold, a rare one, and two together; beside a bare FTS5 query."""

import sqlite3
from pathlib import Path

from sqlalchemy.orm import Session, scoped_session

from app.queries.search import search
from app.queries.search_text import parse_search
from bench.installation import core_of, opened
from bench.measure import Comparison, compare, sample
from bench.words import COMMON_WORD, RARE_WORD

__all__ = ["run"]

REPEATS = 5
_SEARCHES = (
    ("a common word", COMMON_WORD),
    ("a rare word", RARE_WORD),
    ("two words", f"{COMMON_WORD} teapot"),
)
_BARE = """SELECT c.number, c.subject, p.name, substr(m.text, 1, 220) FROM search_fts
JOIN search_entry e ON e.id = search_fts.rowid JOIN message m ON m.id = e.message_id
JOIN conversation c ON c.id = e.conversation_id JOIN contact p ON p.id = c.contact_id
WHERE search_fts MATCH ? ORDER BY search_fts.rowid DESC LIMIT 30"""


def run(seed: Path, rounds: int) -> list[Comparison]:
    """Ours gives each conversation once, with its row of the list and a snippet around the hit; the last word is a prefix."""
    bare = sqlite3.connect(seed / "tidings.sqlite3")
    with opened(seed) as app:
        found = [_compare(core_of(app).session, bare, name, text, rounds) for name, text in _SEARCHES]
    bare.close()
    return found


def _compare(
    session: scoped_session[Session], bare: sqlite3.Connection, name: str, text: str, rounds: int
) -> Comparison:
    words = parse_search(text)
    match = " AND ".join(f'"{word}"' for word in text.split()) + "*"
    if not search(session, words, agent_id=1).hits or not bare.execute(_BARE, (match,)).fetchall():
        raise SystemExit(f"Nothing was found for {text!r}; seed more conversations.")
    return compare(
        f"search: {name}",
        sample(lambda: search(session, words, agent_id=1), REPEATS),
        sample(lambda: bare.execute(_BARE, (match,)).fetchall(), REPEATS),
        rounds=rounds,
        note="reference: one FTS5 query with the same joins",
    )
