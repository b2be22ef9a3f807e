"""What a plugin may ask of the database: SQLAlchemy Core expressions on tables whose names begin with `plugin_<name>_`, nothing else.

Statements are looked at as expressions before they become text. Plugins run in our process, so this keeps honest code in its own
tables; it is no wall against malice.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Sequence, TableClause, TextClause, Update, Values, event
from sqlalchemy.schema import CreateTableAs, CreateView, ExecutableDDLElement
from sqlalchemy.sql import quoted_name, visitors
from sqlalchemy.sql.elements import (
    ClauseElement,
    Extract,
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
)
from sqlalchemy.sql.functions import FunctionElement, next_value
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.selectable import SelectBase, TextualSelect

__all__ = ["IsOwn", "expression_problem", "guarded_migration", "is_named_for", "prefix_of"]

IsOwn = Callable[[str], bool]
"""Whether a table of this name belongs to the plugin in question."""

_SAVEPOINTS = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)
_CATALOGS = frozenset({"pg_catalog", "information_schema"})
_HARMLESS_PRAGMA = re.compile(
    r"\s*PRAGMA\s+(?:(?:main|temp)\.)?(?:table_(?:x?info|list)|index_(?:x?info|list)|foreign_key_list|foreign_key_check)\b",
    re.IGNORECASE,
)
_SELECT = re.compile(r"\s*SELECT\b[^;]*;?\s*\Z", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_CALLED = re.compile(r"(\w+)\"?\s*\(")
_TEXT_PARTS = ("_prefixes", "_suffixes", "_hints", "_statement_hints")
_CONSTANT = re.compile(r"\*|'[^'\\]*'|\d+|NULL")
_OPERATOR = re.compile(
    r"[-+*/<>=~!@#%^&|?:]{1,8}|(?:NOT )?(?:I?LIKE|GLOB|R?LIKE|REGEXP|MATCH|SIMILAR TO)|IS (?:NOT )?DISTINCT FROM|AT TIME ZONE|OVERLAPS",
    re.IGNORECASE,
)
"""What may stand between two operands when it is none of SQLAlchemy's own operators."""
_REACHES_OUT = re.compile(
    r"(?:pg|lo|dblink|pragma|has)_.*|dblink|.*_to_xml.*|xpath_table|crosstab.*|connectby|ts_stat|(?:current|set)_(?:setting|config)"
    r"|nextval|setval|currval|lastval|load_extension|readfile|writefile|edit|fts3_tokenizer|sqlite_.*",
    re.IGNORECASE,
)
"""Functions that take the name of a file, a table, a query, a setting, a lock or an extension."""
_BATCH = "_alembic_tmp_"
_USE_EXPRESSIONS = "is written as text; use SQLAlchemy expressions, so that the host can see which tables it touches"


def prefix_of(plugin: str) -> str:
    """What the names of all tables of a plugin begin with."""
    return f"plugin_{plugin}_"


def is_named_for(plugin: str, table: str, rivals: Iterable[str] = ()) -> bool:
    """Whether a table's name makes it the plugin's. `rivals` are other plugins: a table of `mail_merge` is none of `mail`."""
    return table.startswith(prefix_of(plugin)) and not any(
        len(rival) > len(plugin) and table.startswith(prefix_of(rival)) for rival in rivals
    )


def expression_problem(statement: Any, is_own: IsOwn) -> str:
    """Why a plugin may not run this SELECT, INSERT, UPDATE or DELETE, as the end of a sentence; empty when it may."""
    if isinstance(statement, TextClause | TextualSelect):
        return _USE_EXPRESSIONS
    if not isinstance(statement, SelectBase | Insert | Update | Delete):
        return "is no SELECT, INSERT, UPDATE or DELETE"
    for element in _elements_of(statement):
        if isinstance(element, TextClause | TextualSelect) or _has_text(element):
            return "has a part that " + _USE_EXPRESSIONS
        if far := _reaches_out(element, is_own):
            return f"calls {far}, which reaches beyond the plugin's own tables"
        for table in _tables_of(element):
            if table.schema or not is_own(table.name):
                return f"touches {table.fullname}, which is not a table of its own"
    return ""


def _elements_of(statement: ClauseElement) -> Iterator[Any]:
    """Every part of a statement, those too that visitors do not see: rows of an INSERT with several rows and of VALUES, and what fills the
    columns that a statement leaves out."""
    for element in visitors.iterate(statement):
        yield element
        for part in _unseen_parts(element):
            if isinstance(part, ClauseElement):
                yield from _elements_of(part)


def _unseen_parts(element: Any) -> Iterator[Any]:
    rows = element._data if isinstance(element, Values) else getattr(element, "_multi_values", ())
    for row in chain.from_iterable(rows):
        yield from row.values() if isinstance(row, Mapping) else row
    if isinstance(element, Insert | Update):
        for column in getattr(element.table, "columns", ()):
            for filler in (column.default, column.onupdate):
                yield filler.next_value() if isinstance(filler, Sequence) else getattr(filler, "arg", None)
    yield from getattr(element, "inferred_target_elements", None) or ()


def _has_text(element: Any) -> bool:
    """Whether raw text is mixed into an expression: a literal column that is no constant, a prefix, a hint, an operator or a field of its
    own making, a name that is not to be quoted."""
    if getattr(element, "is_literal", False) and not _CONSTANT.fullmatch(element.name):
        return True
    if any(getattr(element, part, None) for part in _TEXT_PARTS):
        return True
    for operator in (getattr(element, "operator", None), getattr(element, "modifier", None)):
        if isinstance(operator, custom_op) and not _is_operator(operator.opstring):
            return True
    if isinstance(element, Extract) and not _WORD.fullmatch(element.field):
        return True
    return any(_is_unquoted(getattr(element, part, None)) for part in ("name", "collation"))


def _is_operator(text: str) -> bool:
    return bool(_OPERATOR.fullmatch(text)) and not any(mark in text for mark in ("--", "/*", "*/"))


def _is_unquoted(name: Any) -> bool:
    """Whether a name is written into the statement as it is, whatever it holds."""
    return isinstance(name, quoted_name) and name.quote is False and not _WORD.fullmatch(name)


def _reaches_out(element: Any, is_own: IsOwn) -> str:
    """The name of a function that reads files, tables, sequences or settings by their names; of a sequence that is not the plugin's."""
    if not isinstance(element, FunctionElement):
        return ""
    if isinstance(element, next_value):
        return "" if is_own(element.sequence.name) else element.sequence.name
    name = ".".join((*getattr(element, "packagenames", ()), str(getattr(element, "name", ""))))
    return name if "." in name or _REACHES_OUT.fullmatch(name) else ""


def _tables_of(element: Any) -> Iterator[TableClause]:
    """The table that an element is, or that a column in it belongs to."""
    for one in (element, getattr(element, "table", None)):
        if isinstance(one, TableClause):
            yield one


@contextmanager
def guarded_migration(connection: Connection, plugin: str, is_own: IsOwn, foreign: frozenset[str]) -> Iterator[None]:
    """Let only such statements through on this connection as a migration of the plugin may run; others raise RuntimeError.

    `foreign` are the names of all tables that are not the plugin's. The transaction is the host's: ending it here raises, too.
    """

    def is_mine(table: str) -> bool:
        return is_own(table.removeprefix(_BATCH))

    def refuse(problem: str) -> None:
        if problem:
            raise RuntimeError(f"A migration of {plugin} may not do this: the statement {problem}.")

    def before_execute(_connection: Connection, statement: Any, *_: Any) -> None:
        refuse(_migration_problem(statement, is_mine, foreign))

    def before_cursor_execute(
        _connection: Connection, _cursor: Any, text: str, _parameters: Any, context: Any, *_: Any
    ) -> None:
        if context is None or context.compiled is None:
            refuse(_text_problem(text, foreign))

    def ends_transaction(_connection: Connection) -> None:
        refuse("ends the transaction of the host")

    listeners: list[tuple[str, Callable[..., None]]] = [
        ("before_execute", before_execute),
        ("before_cursor_execute", before_cursor_execute),
        ("commit", ends_transaction),
        ("rollback", ends_transaction),
    ]
    for name, listener in listeners:
        event.listen(connection, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(connection, name, listener)


def _migration_problem(statement: Any, is_own: IsOwn, foreign: frozenset[str]) -> str:
    if isinstance(statement, _SAVEPOINTS):
        return ""
    if isinstance(statement, ExecutableDDLElement):
        return _schema_problem(statement, is_own)
    if isinstance(statement, TextClause):
        return _text_problem(statement.text, foreign)
    if isinstance(statement, SelectBase) and _is_reflection(statement):
        return ""
    return expression_problem(statement, is_own)


def _is_reflection(statement: ClauseElement) -> bool:
    """Whether a SELECT reads the catalogs of the database, as reflection does."""
    tables = [table for element in visitors.iterate(statement) for table in _tables_of(element)]
    return bool(tables) and all(
        table.schema in _CATALOGS or table.name.startswith(("pg_", "sqlite_")) for table in tables
    )


def _schema_problem(statement: ExecutableDDLElement, is_own: IsOwn) -> str:
    name, schema = _changed_by(statement)
    if name is None:
        return _USE_EXPRESSIONS
    if _is_unquoted(name):
        return "has a name that " + _USE_EXPRESSIONS
    if schema or not is_own(str(name)):
        return f"changes {name}, which does not begin with the plugin's prefix"
    if isinstance(statement, CreateView):
        return "makes a view; a plugin has tables only"
    if isinstance(statement, CreateTableAs):
        return expression_problem(statement.selectable, is_own)
    return ""


def _changed_by(statement: ExecutableDDLElement) -> tuple[str | None, str | None]:
    """(name, schema) of the table, sequence or type that a DDL statement changes; of a rename the new name is seen afterwards."""
    from alembic.ddl.base import AlterTable

    if isinstance(statement, AlterTable):
        return statement.table_name, statement.schema
    element = getattr(statement, "element", None)
    owner = getattr(element, "table", None)
    owner = element if owner is None else owner
    return getattr(owner, "name", None), getattr(owner, "schema", None)


def _text_problem(text: str, foreign: frozenset[str]) -> str:
    """Of raw text only what reads the catalog may pass: that is how SQLAlchemy looks at SQLite's tables."""
    if _HARMLESS_PRAGMA.match(text) and ";" not in text.rstrip("; \n"):
        return ""
    if not _SELECT.match(text) or any(_REACHES_OUT.fullmatch(name) for name in _CALLED.findall(text)):
        return _USE_EXPRESSIONS
    words = {word.lower() for word in _WORD.findall(text)}
    return _USE_EXPRESSIONS if words.intersection(one.lower() for one in foreign) else ""
