"""What a person typed into the search box, understood: words, phrases and operators. Pure; running it is `app.queries.search`.

Nothing a person types can be a syntax error: what is no operator is a word, and words reach the database quoted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from app.domain.text import fold

__all__ = ["SearchText", "Term", "fts5_match", "parse_search", "tsquery", "words_of"]

_STATUSES = {"open", "pending", "snoozed", "resolved", "spam"}
_TOKEN = re.compile(r'(-?[a-z]+:"[^"]*"?|"[^"]*"?|\S+)', re.IGNORECASE)
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"[\w.@+/-]+")
_LONGEST = 400
_MOST_TERMS = 20


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand next to each other (one word, or a phrase). `column` is subject, people or empty for anywhere.

    `whole` is what was typed when it may be one address to the index, as "ada@example.com" is on PostgreSQL; else empty.
    """

    words: tuple[str, ...]
    column: str = ""
    is_prefix: bool = False
    whole: str = ""


@dataclass(frozen=True, slots=True)
class SearchText:
    """A parsed search. `problem` is a sentence when an operator cannot be understood; nothing is searched then."""

    terms: tuple[Term, ...] = ()
    status: str = ""
    tag: str = ""
    assignee: str = ""
    has_attachment: bool = False
    before: datetime | None = None
    after: datetime | None = None
    number: int | None = None
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        return self == SearchText()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for term in self.terms for word in term.words)


@dataclass(slots=True)
class _Draft:
    values: dict = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)


def parse_search(text: str) -> SearchText:
    """Parse what was typed. A lone "#123" is a conversation's number; the last word is a prefix."""
    text = text.strip()[:_LONGEST]
    if re.fullmatch(r"#\d{1,15}", text):
        return SearchText(number=int(text[1:]))
    draft = _Draft()
    tokens = _TOKEN.findall(text)
    for position, token in enumerate(tokens):
        is_last = position == len(tokens) - 1
        try:
            _take(draft, token, is_last)
        except ValueError as error:
            return SearchText(problem=str(error))
    return SearchText(terms=tuple(draft.terms[:_MOST_TERMS]), **draft.values)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as the index cuts them: letters, digits and underscores, the rest separates."""
    return tuple(word for run in _WORD.findall(text) for word in run.split("_") if word)


def fts5_match(terms: Sequence[Term]) -> str:
    """An FTS5 MATCH expression: every term must be there. Words are quoted, so nothing in them is syntax."""
    return " AND ".join(_fts5_term(term) for term in terms)


def tsquery(terms: Sequence[Term]) -> str:
    """The same for PostgreSQL's `to_tsquery('simple', …)`."""
    return " & ".join(_tsquery_term(term) for term in terms)


def _take(draft: _Draft, token: str, is_last: bool) -> None:
    name, colon, value = token.partition(":")
    operator = _OPERATORS.get(name.lower()) if colon else None
    if operator is not None:
        value = value.strip('"').strip()
        if value:
            operator(draft, value)
        return
    is_phrase = token.startswith('"')
    words = words_of(token)
    if not words:
        return
    draft.terms.append(
        Term(words, is_prefix=is_last and not is_phrase, whole="" if is_phrase else _whole(token, words))
    )


def _column(column: str):
    def take(draft: _Draft, value: str) -> None:
        words = words_of(value)
        if words:
            draft.terms.append(Term(words, column=column, is_prefix=True, whole=_whole(value, words)))

    return take


def _whole(typed: str, words: tuple[str, ...]) -> str:
    return typed if len(words) > 1 and _ADDRESS.fullmatch(typed) else ""


def _is(draft: _Draft, value: str) -> None:
    value = value.lower()
    if value == "unassigned":
        draft.values["assignee"] = "none"
    elif value in _STATUSES:
        draft.values["status"] = value
    else:
        raise ValueError("After is: comes open, pending, snoozed, resolved, spam or unassigned.")


def _has(draft: _Draft, value: str) -> None:
    if value.lower() not in ("attachment", "attachments", "file"):
        raise ValueError("After has: comes attachment.")
    draft.values["has_attachment"] = True


def _tag(draft: _Draft, value: str) -> None:
    draft.values["tag"] = value.lower()


def _assignee(draft: _Draft, value: str) -> None:
    draft.values["assignee"] = value.lower()


def _date(key: str, shift: timedelta):
    def take(draft: _Draft, value: str) -> None:
        try:
            day = date.fromisoformat(value)
            draft.values[key] = datetime.combine(day, time(), UTC) + shift
        except (ValueError, OverflowError):
            raise ValueError(f"After {key}: comes a date such as 2026-03-31.") from None

    return take


_OPERATORS = {
    "from": _column("people"),
    "to": _column("people"),
    "subject": _column("subject"),
    "is": _is,
    "has": _has,
    "tag": _tag,
    "assignee": _assignee,
    "before": _date("before", timedelta()),
    "after": _date("after", timedelta(days=1)),
}


def _fts5_term(term: Term) -> str:
    phrase = '"' + " ".join(term.words) + '"' + ("*" if term.is_prefix else "")
    return f"{{{term.column}}} : {phrase}" if term.column else phrase


def _tsquery_term(term: Term) -> str:
    weight = {"subject": "A", "people": "B"}.get(term.column, "")
    parts = []
    for position, word in enumerate(term.words):
        star = "*" if term.is_prefix and position == len(term.words) - 1 else ""
        flags = f":{star}{weight}" if star or weight else ""
        parts.append(f"'{fold(word)}'{flags}")
    phrase = " <-> ".join(parts)
    if not term.whole:
        return f"({phrase})"
    star = "*" if term.is_prefix else ""
    return f"(({phrase}) | '{fold(term.whole)}'{f':{star}{weight}' if star or weight else ''})"
