"""The versions of a form: what stands on the web, what stood there before, and the draft that becomes the next one.

A published version never changes. Definitions are read once for each text of JSON and process.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Insert, Row, Update, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from forms.definitions import FormDefinition, read_definition, write_definition
from plugins.webform.recent import forget_recent
from plugins.webform.storing.legacy import definition_of_settings
from plugins.webform.storing.tables import DRAFT, SUBMISSION, VERSION
from tidings import Account, Host

__all__ = [
    "DefinitionVersion",
    "Draft",
    "DraftConflict",
    "all_current",
    "changed_forms",
    "current",
    "discard_draft",
    "draft",
    "forget_form",
    "history",
    "look_after_forms",
    "publish",
    "publish_first",
    "save_draft",
    "version",
]


@dataclass(frozen=True, slots=True)
class DefinitionVersion:
    """One published version. `made_by` is an agent's name; empty when it was made out of the account's older settings."""

    number: int
    definition: FormDefinition
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the builder shows. Without changes (`is_changed` False) it is the published version; `revision` names this state of it."""

    definition: FormDefinition
    revision: int
    changed_at: datetime
    changed_by: str
    is_changed: bool


class DraftConflict(Exception):
    """Somebody else changed the draft meanwhile; `draft` is what they made of it."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(f"the draft is at revision {draft.revision}")
        self.draft = draft


# ----------------------------------------------------------------------------------------- versions ----
def current(host: Host, account: Account) -> DefinitionVersion:
    """What visitors get. A form without any version gets its first one here, out of the account's settings."""
    found = _latest(host, account.id)
    if found is None:
        _insert_version(host, account.id, 1, definition_of_settings(account.settings, host.gettext), by="")
        found = _latest(host, account.id)
        assert found is not None  # this process or another one has just put it there
    return found


def all_current(host: Host, accounts: Iterable[Account]) -> Mapping[int, DefinitionVersion]:
    """What visitors of each of these forms get, by the id of the account; one query for all that have a version."""
    newest = select(VERSION.c.account_id, func.max(VERSION.c.number)).group_by(VERSION.c.account_id)
    statement = select(VERSION).where(tuple_(VERSION.c.account_id, VERSION.c.number).in_(newest))
    with host.tables.connect() as connection:
        found = {row.account_id: _version_of(row) for row in connection.execute(statement)}
    return {one.id: found.get(one.id) or current(host, one) for one in accounts}


def version(host: Host, account_id: int, number: int) -> DefinitionVersion | None:
    """One version, or None when there is none of that number."""
    return _version_where(host, VERSION.c.account_id == account_id, VERSION.c.number == number)


def history(host: Host, account_id: int) -> tuple[DefinitionVersion, ...]:
    """All versions, the latest first."""
    statement = select(VERSION).where(VERSION.c.account_id == account_id).order_by(VERSION.c.number.desc())
    with host.tables.connect() as connection:
        return tuple(_version_of(row) for row in connection.execute(statement))


def publish_first(host: Host, account_id: int, definition: FormDefinition, by: str) -> DefinitionVersion:
    """Publish the definition that a new form begins with."""
    forget_form(host, account_id)
    _insert_version(host, account_id, 1, definition, by=by)
    made = version(host, account_id, 1)
    assert made is not None
    return made


def publish(host: Host, account: Account, by: str, *, revision: int | None = None) -> DefinitionVersion:
    """Put the draft on the web as the next version. Without changes nothing happens and the published version is given back.

    `revision` is the one the agent saw; raises `DraftConflict` when the draft has moved on.
    """
    latest, work = current(host, account), draft(host, account)
    if revision is not None and revision != work.revision:
        raise DraftConflict(work)
    if not work.is_changed:
        return latest
    try:
        with host.tables.begin() as connection:
            is_ours = connection.execute(_emptying(host, account.id, work.revision, by)).rowcount == 1
            if is_ours:
                connection.execute(_inserting(host, account.id, latest.number + 1, work.definition, by))
    except IntegrityError:
        is_ours = False
    if not is_ours:
        raise DraftConflict(draft(host, account))
    forget_recent(host)
    return current(host, account)


# -------------------------------------------------------------------------------------------- draft ----
def draft(host: Host, account: Account) -> Draft:
    """What is being worked on; where nothing was changed, the published version."""
    with host.tables.connect() as connection:
        row = connection.execute(select(DRAFT).where(DRAFT.c.account_id == account.id)).one_or_none()
    if row is not None and row.definition:
        return Draft(_read(row.definition), row.revision, row.changed_at, row.changed_by, is_changed=True)
    latest = current(host, account)
    return Draft(latest.definition, row.revision if row else 0, latest.made_at, latest.made_by, is_changed=False)


def changed_forms(host: Host) -> frozenset[int]:
    """The ids of the accounts whose draft waits to be published."""
    with host.tables.connect() as connection:
        return frozenset(connection.scalars(select(DRAFT.c.account_id).where(DRAFT.c.definition.is_not(None))))


def save_draft(host: Host, account: Account, definition: FormDefinition, *, revision: int, by: str) -> int:
    """Keep what was worked on; returns the new revision. Raises `DraftConflict` when it is no longer at `revision`.

    A definition that is the same as the published one leaves no draft.
    """
    text = _write(definition)
    is_published = text == _write(current(host, account).definition)
    values = {"definition": None if is_published else text, "changed_at": host.now(), "changed_by": by}
    moved = update(DRAFT).where(DRAFT.c.account_id == account.id, DRAFT.c.revision == revision)
    try:
        with host.tables.begin() as connection:
            if connection.execute(moved.values(revision=revision + 1, **values)).rowcount == 1:
                return revision + 1
            if revision == 0:
                connection.execute(insert(DRAFT).values(account_id=account.id, revision=1, **values))
                return 1
    except IntegrityError:  # somebody else was first
        pass
    raise DraftConflict(draft(host, account))


def discard_draft(host: Host, account: Account, *, revision: int, by: str) -> None:
    """Go back to what is published. Raises `DraftConflict` when the draft is no longer at `revision`; nothing happens without one."""
    with host.tables.begin() as connection:
        is_gone = connection.execute(_emptying(host, account.id, revision, by)).rowcount == 1
    if not is_gone and (work := draft(host, account)).is_changed:
        raise DraftConflict(work)


def forget_form(host: Host, account_id: int) -> None:
    """Delete all that is kept of a form whose account is gone."""
    with host.tables.begin() as connection:
        for table in (VERSION, DRAFT, SUBMISSION):
            connection.execute(delete(table).where(table.c.account_id == account_id))
    forget_recent(host)


def look_after_forms(host: Host) -> None:
    """Make the first version of forms that are older than versions, while their settings still say what they asked, and delete what is
    kept of forms whose accounts were deleted."""
    all_current(host, host.accounts(with_paused=True))
    with host.tables.connect() as connection:
        known = set(connection.scalars(select(VERSION.c.account_id).distinct()))
    for account_id in known:
        if host.account(account_id) is None:
            forget_form(host, account_id)


# ----------------------------------------------------------------------------------------- the rows ----
def _latest(host: Host, account_id: int) -> DefinitionVersion | None:
    newest = select(func.max(VERSION.c.number)).where(VERSION.c.account_id == account_id).scalar_subquery()
    return _version_where(host, VERSION.c.account_id == account_id, VERSION.c.number == newest)


def _version_where(host: Host, *conditions: ColumnElement[bool]) -> DefinitionVersion | None:
    with host.tables.connect() as connection:
        row = connection.execute(select(VERSION).where(*conditions)).one_or_none()
    return _version_of(row) if row is not None else None


def _version_of(row: Row[Any]) -> DefinitionVersion:
    return DefinitionVersion(row.number, _read(row.definition), row.made_at, row.made_by)


def _insert_version(host: Host, account_id: int, number: int, definition: FormDefinition, by: str) -> None:
    """Nothing happens when the number is there already: another process was first."""
    try:
        with host.tables.begin() as connection:
            connection.execute(_inserting(host, account_id, number, definition, by))
        forget_recent(host)
    except IntegrityError:
        host.log.info("version %s of form %s is there already", number, account_id)


def _inserting(host: Host, account_id: int, number: int, definition: FormDefinition, by: str) -> Insert:
    return insert(VERSION).values(
        account_id=account_id, number=number, definition=_write(definition), made_at=host.now(), made_by=by
    )


def _emptying(host: Host, account_id: int, revision: int, by: str) -> Update:
    wanted = (DRAFT.c.account_id == account_id, DRAFT.c.revision == revision, DRAFT.c.definition.is_not(None))
    return (
        update(DRAFT)
        .where(*wanted)
        .values(definition=None, revision=revision + 1, changed_at=host.now(), changed_by=by)
    )


@lru_cache(maxsize=256)
def _read(text: str) -> FormDefinition:
    return read_definition(json.loads(text))


def _write(definition: FormDefinition) -> str:
    return json.dumps(write_definition(definition), ensure_ascii=False, sort_keys=True)
