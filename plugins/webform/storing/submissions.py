"""What was posted with which version of a form, so that a conversation can be read with the definition it was made with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from plugins.webform.storing.tables import SUBMISSION
from tidings import Host

__all__ = ["StoredSubmission", "attach_conversation", "keep_submission", "submission_named", "submission_of"]


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


def keep_submission(host: Host, submission: StoredSubmission) -> None:
    """Remember one; nothing happens when it is there already."""
    statement = insert(SUBMISSION).values(
        external_id=submission.external_id,
        account_id=submission.account_id,
        number=submission.number,
        answers=json.dumps(dict(submission.values), ensure_ascii=False),
        context=json.dumps(dict(submission.context), ensure_ascii=False),
        made_at=submission.made_at,
        conversation_id=submission.conversation_id,
    )
    try:
        host.tables.write(statement, is_fleeting=True)  # the journal, which is written next, makes it last
    except IntegrityError:
        host.log.debug("submission %s is there already", submission.external_id)


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


def _first(host: Host, condition: ColumnElement[bool]) -> StoredSubmission | None:
    with host.tables.connect() as connection:
        row = connection.execute(select(SUBMISSION).where(condition).order_by(SUBMISSION.c.id).limit(1)).one_or_none()
    if row is None:
        return None
    values, context = json.loads(row.answers), json.loads(row.context)
    return StoredSubmission(
        row.external_id, row.account_id, row.number, values, context, row.made_at, row.conversation_id
    )
