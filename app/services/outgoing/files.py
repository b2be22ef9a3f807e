"""The files of what agents write: put into the file storage, kept with a draft, and taken along from there when it is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update

from app.domain.text import clean_line
from app.errors import InvalidInput
from app.languages import gettext
from app.models import DraftFile
from app.services.core import Actor, Core, Unit, writing
from app.services.outgoing.drafts import KeptFiles, NewFile, ReplyDraft

__all__ = [
    "StoredFile",
    "files_of_draft",
    "forget_unsent_files",
    "goes_along",
    "keep_files",
    "keep_first_files",
    "let_go",
    "store_file",
    "tick_files",
    "with_kept_files",
]

_UNSENT_FOR = timedelta(days=7)
"""How long the files of a first message that was refused wait for somebody to correct it."""
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as messages and drafts name it. `size` in bytes."""

    filename: str
    content_type: str
    size: int
    sha256: str


def store_file(core: Core, file: NewFile) -> StoredFile:
    """Put a file into the storage. Of its name the last part stays."""
    name = clean_line(file.filename.replace("\\", "/").rpartition("/")[2], 255) or "attachment"
    content_type = clean_line(file.content_type, 120).lower() or "application/octet-stream"
    return StoredFile(name, content_type, len(file.data), core.files.put(file.data))


def with_kept_files(core: Core, actor: Actor, conversation_id: int | None, draft: ReplyDraft) -> ReplyDraft:
    """A draft with those kept files that go along, before its new ones. None is the conversation of a first message. Raises `InvalidInput`
    when one is not the actor's or not there, and when all of them are more than a post may hold."""
    if not draft.kept.chosen:
        return draft
    mine = _mine(actor.agent_id, conversation_id) & DraftFile.id.in_(draft.kept.chosen)
    rows = core.session.scalars(select(DraftFile).where(mine).order_by(DraftFile.id)).all()
    most = core.config.max_upload_mb
    if sum(row.size for row in rows) + sum(len(file.data) for file in draft.files) > most * _MEGABYTE:
        sentence = gettext("Nothing was sent: at most %(size)s MB fit into one message, all files together.")
        raise _refused(sentence % {"size": most})
    try:
        kept = [NewFile(row.filename, row.content_type, core.files.get(row.sha256)) for row in rows]
    except FileNotFoundError:
        kept = []
    if len(kept) < len(draft.kept.chosen):
        raise _refused(gettext("Choose the files again, please."))
    core.session.rollback()
    return replace(draft, files=(*kept, *draft.files))


def files_of_draft(unit: Unit, *, agent_id: int, conversation_id: int) -> list[StoredFile]:
    """The files that go along with a draft."""
    columns = (DraftFile.filename, DraftFile.content_type, DraftFile.size, DraftFile.sha256)
    statement = select(*columns).where(_mine(agent_id, conversation_id), DraftFile.goes_along).order_by(DraftFile.id)
    return [StoredFile(*row) for row in unit.connection.execute(statement)]


def keep_files(unit: Unit, files: Sequence[StoredFile], *, agent_id: int | None, conversation_id: int | None) -> None:
    """Put files to a draft that is there. What it has under the same name already goes along and stands there once."""
    if not files:
        return
    mine = _mine(agent_id, conversation_id)
    known = {(row.filename, row.sha256): row.id for row in unit.session.scalars(select(DraftFile).where(mine))}
    again = [known[key] for one in files if (key := (one.filename, one.sha256)) in known]
    if again:
        unit.connection.execute(update(DraftFile).where(DraftFile.id.in_(again)).values(goes_along=True))
    fresh = {key: one for one in files if (key := (one.filename, one.sha256)) not in known}
    if fresh:
        owner = {"agent_id": agent_id, "conversation_id": conversation_id, "kept_at": unit.now}
        unit.connection.execute(insert(DraftFile), [{**owner, **_columns(one)} for one in fresh.values()])


def keep_first_files(core: Core, actor: Actor, files: Iterable[NewFile], kept: KeptFiles) -> frozenset[int]:
    """Keep the files of a first message that was refused. Returns the ids of all that belong to it, ticked or not."""
    stored = [store_file(core, file) for file in files]
    with writing(core) as unit:
        tick_files(unit, kept, agent_id=actor.agent_id, conversation_id=None)
        owner = {"agent_id": actor.agent_id, "conversation_id": None, "kept_at": unit.now}
        fresh = [DraftFile(**owner, **_columns(one)) for one in stored]
        unit.session.add_all(fresh)
        unit.session.flush()
        return kept.seen | {row.id for row in fresh}


def tick_files(unit: Unit, kept: KeptFiles, *, agent_id: int | None, conversation_id: int | None) -> None:
    """Note which of the files that an agent saw go along."""
    if kept.seen:
        mine = _mine(agent_id, conversation_id) & DraftFile.id.in_(kept.seen)
        unit.connection.execute(update(DraftFile).where(mine).values(goes_along=DraftFile.id.in_(kept.chosen)))


def goes_along(unit: Unit, *, agent_id: int | None, conversation_id: int) -> bool:
    """Whether a draft has a file that goes along."""
    statement = select(DraftFile.id).where(_mine(agent_id, conversation_id), DraftFile.goes_along).limit(1)
    return unit.session.scalar(statement) is not None


def let_go(unit: Unit, kept: KeptFiles, *, agent_id: int | None, conversation_id: int | None) -> None:
    """Forget the files that an agent saw, for their message was sent. The others stay."""
    if kept.seen:
        mine = _mine(agent_id, conversation_id) & DraftFile.id.in_(kept.seen)
        unit.connection.execute(delete(DraftFile).where(mine))


def forget_unsent_files(core: Core) -> None:
    """Forget the files of first messages that were refused long ago and never corrected."""
    with writing(core) as unit:
        is_old = DraftFile.conversation_id.is_(None) & (DraftFile.kept_at < unit.now - _UNSENT_FOR)
        unit.connection.execute(delete(DraftFile).where(is_old))


def _mine(agent_id: int | None, conversation_id: int | None) -> ColumnElement[bool]:
    return (DraftFile.agent_id == agent_id) & (DraftFile.conversation_id == conversation_id)


def _columns(file: StoredFile) -> dict[str, str | int]:
    return {"filename": file.filename, "content_type": file.content_type, "size": file.size, "sha256": file.sha256}


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {"files": sentence})
