"""What was posted with which version of a form, so that a conversation can be read with the definition it was made with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, insert, select, update

from plugins.webform.checking.marks import TEST_IDS
from plugins.webform.storing.tables import SUBMISSION
from tidings import Host

__all__ = ["StoredSubmission", "attach_conversation", "keeping", "last_submission", "submission_named", "submission_of"]


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """`values` are the answers by field id, `context` what came along signed or not; `conversation_id` None until it has one."""

    external_id: str
    account_id: int
    number: int
    values: Mapping[str, Any]
    context: Mapping[str, Any]
    made_at: datetime
    conversation_id: int | None = None


def keeping(submission: StoredSubmission) -> tuple[Insert, Mapping[str, Any]]:
    """The statement that remembers one, and its values; it does nothing when that is there already."""
    return _KEEPING, {
        "external_id": submission.external_id,
        "account_id": submission.account_id,
        "number": submission.number,
        "answers": json.dumps(dict(submission.values), ensure_ascii=False),
        "context": json.dumps(dict(submission.context), ensure_ascii=False),
        "made_at": submission.made_at,
        "conversation_id": submission.conversation_id,
    }


def _keeping() -> Insert:
    columns = [column for column in SUBMISSION.c if not column.primary_key]
    values = [bindparam(column.name, type_=column.type) for column in columns]
    is_there = select(SUBMISSION.c.id).where(SUBMISSION.c.external_id == bindparam("external_id")).exists()
    return insert(SUBMISSION).from_select([column.name for column in columns], select(*values).where(~is_there))


_KEEPING = _keeping()


def attach_conversation(host: Host, external_id: str, conversation_id: int) -> None:
    """Say which conversation it became; nothing happens for an unknown one."""
    statement = update(SUBMISSION).where(SUBMISSION.c.external_id == external_id)
    with host.tables.begin(is_fleeting=True) as connection:
        connection.execute(statement.values(conversation_id=conversation_id))


def submission_named(host: Host, external_id: str) -> StoredSubmission | None:
    """The submission with this id, or None."""
    return _first(host, SUBMISSION.c.external_id == external_id)


def submission_of(host: Host, conversation_id: int) -> StoredSubmission | None:
    """The submission that began a conversation, or None."""
    return _first(host, SUBMISSION.c.conversation_id == conversation_id)


def last_submission(host: Host, account_id: int) -> datetime | None:
    """When a visitor last answered a form; None as long as nobody did."""
    is_test = SUBMISSION.c.external_id.startswith(TEST_IDS, autoescape=True)
    statement = select(SUBMISSION.c.made_at).where(SUBMISSION.c.account_id == account_id, ~is_test)
    with host.tables.connect() as connection:
        return connection.scalar(statement.order_by(SUBMISSION.c.id.desc()).limit(1))


def _first(host: Host, condition: ColumnElement[bool]) -> StoredSubmission | None:
    with host.tables.connect() as connection:
        row = connection.execute(select(SUBMISSION).where(condition).order_by(SUBMISSION.c.id).limit(1)).one_or_none()
    if row is None:
        return None
    values, context = json.loads(row.answers), json.loads(row.context)
    return StoredSubmission(
        row.external_id, row.account_id, row.number, values, context, row.made_at, row.conversation_id
    )
