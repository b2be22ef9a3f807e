"""What a plugin gets to work on its own tables, which it makes by the migrations in its `migrations/versions`."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import CursorResult, ScalarResult

__all__ = ["TableConnection", "Tables"]

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
"""Values of one row, or of many."""


class TableConnection(Protocol):
    """A connection that takes SELECT, INSERT, UPDATE and DELETE as SQLAlchemy Core expressions on the plugin's tables. Anything else, raw
    text included, raises RuntimeError."""

    def execute(self, statement: Any, parameters: Parameters = None) -> "CursorResult[Any]": ...
    def scalar(self, statement: Any, parameters: Parameters = None) -> Any: ...
    def scalars(self, statement: Any, parameters: Parameters = None) -> "ScalarResult[Any]": ...


class Tables(Protocol):
    """The plugin's tables. Their names begin with `plugin_<name>_`; those of others are refused. Works on SQLite and PostgreSQL."""

    def connect(self) -> AbstractContextManager[TableConnection]:
        """For reading."""

    def begin(self, *, is_fleeting: bool = False) -> AbstractContextManager[TableConnection]:
        """For writing: one transaction, committed at the end and rolled back when the block raises. There is one writer at a time, so
        keep it short; not in a hook that is called inside a transaction of the host. `is_fleeting` (since API 3): what is written last
        may be gone when the machine loses power, and nobody waits for the disk: for counts and the like."""

    def write(self, statement: Any, parameters: Parameters = None, *, is_fleeting: bool = False) -> int:
        """One INSERT, UPDATE or DELETE in a transaction that requests which come at the same moment share; gives the number of rows.
        Committed when it returns. Quicker than `begin` where many visitors write at once. Since API 3."""
