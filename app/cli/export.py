"""`tidings export`: every conversation with its messages, one JSON object a line."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from app.cli.opening import open_installation
from app.models import Attachment, Contact, Conversation, Message, MessageReaction, Note, Tag, conversation_tag
from app.services.core import Core

__all__ = ["export", "exported_conversations"]

_BATCH = 200


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--json", "as_json", is_flag=True, default=True, help="JSON Lines (the only format).")
def export(data: Path | None, as_json: bool) -> None:
    """Print all conversations with their messages, notes, tags and the digests of their files."""
    with open_installation(data) as (_, core):
        for conversation in exported_conversations(core):
            click.echo(json.dumps(conversation, ensure_ascii=False, default=str))


def exported_conversations(core: Core) -> Iterator[dict[str, Any]]:
    """Each conversation as JSON values, the oldest first."""
    last = 0
    while True:
        statement = (
            select(Conversation, Contact)
            .join(Contact, Contact.id == Conversation.contact_id)
            .where(Conversation.id > last, Conversation.merged_into_id.is_(None))
            .order_by(Conversation.id)
            .limit(_BATCH)
        )
        rows = [(conversation, contact) for conversation, contact in core.session.execute(statement)]
        if not rows:
            return
        last = rows[-1][0].id
        yield from _described(core, rows)
        core.session.rollback()


def _described(core: Core, rows: Sequence[tuple[Conversation, Contact]]) -> Iterator[dict[str, Any]]:
    ids = [conversation.id for conversation, _ in rows]
    messages = _grouped(
        core.session.scalars(select(Message).where(Message.conversation_id.in_(ids)).order_by(Message.id))
    )
    notes = _grouped(core.session.scalars(select(Note).where(Note.conversation_id.in_(ids)).order_by(Note.id)))
    files: dict[int, list[Attachment]] = {}
    message_ids = [m.id for group in messages.values() for m in group]
    for file in core.session.scalars(select(Attachment).where(Attachment.message_id.in_(message_ids))):
        files.setdefault(file.message_id, []).append(file)
    signs: dict[int, list[MessageReaction]] = {}
    for sign in core.session.scalars(
        select(MessageReaction).where(MessageReaction.message_id.in_(message_ids), MessageReaction.emoji != "")
    ):
        signs.setdefault(sign.message_id, []).append(sign)
    tags: dict[int, list[str]] = {}
    link = conversation_tag.c
    for conversation_id, name in core.session.execute(
        select(link.conversation_id, Tag.name).join(Tag, Tag.id == link.tag_id).where(link.conversation_id.in_(ids))
    ):
        tags.setdefault(conversation_id, []).append(name)
    for conversation, contact in rows:
        yield {
            **_columns(conversation, "id number subject status priority channel account_id created_at active_at"),
            "contact": {"id": contact.id, "name": contact.name},
            "tags": sorted(tags.get(conversation.id, [])),
            "messages": [
                _message(m, files.get(m.id, []), signs.get(m.id, [])) for m in messages.get(conversation.id, [])
            ],
            "notes": [_columns(n, "id agent_id text created_at") for n in notes.get(conversation.id, [])],
        }


def _message(message: Message, files: list[Attachment], signs: list[MessageReaction]) -> dict[str, Any]:
    names = (
        "id direction kind external_id sender_kind sender_value sender_name recipients subject text html created_at sent_at "
        "in_reply_to joined_by delivery_state delivered_at read_at edited_at removed_at raw_sha256"
    )
    attached = [_columns(f, "filename content_type size sha256 is_inline") for f in files]
    reactions = [_columns(sign, "sender_kind sender_value sender_name emoji at") for sign in signs]
    return {**_columns(message, names), "attachments": attached, "reactions": reactions}


def _columns(row: Any, names: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names.split()}
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items()}


def _grouped(rows) -> dict[int, list]:
    groups: dict[int, list] = {}
    for row in rows:
        groups.setdefault(row.conversation_id, []).append(row)
    return groups
