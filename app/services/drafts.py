"""Keeping what an agent has begun to write, in the caller's transaction; two tabs may save at the same moment. Files of drafts:
`app.services.outgoing.files`."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, select, update

from app.domain.markup import attached_names
from app.models import Draft, DraftFile
from app.services.core import Unit
from app.services.counting import upsert
from app.services.outgoing.drafts import KeptFiles
from app.services.outgoing.files import StoredFile, keep_files, let_go
from app.services.outgoing.pictures import with_free_names

__all__ = ["end_draft", "give_back", "put_draft"]


def put_draft(unit: Unit, *, agent_id: int | None, conversation_id: int, text: str | None) -> None:
    """Write an agent's draft of a conversation over whatever stood there; None leaves its text as it is."""
    values = {"updated_at": unit.now} | ({"text": text} if text is not None else {})
    statement = upsert(unit.connection)(Draft.__table__).values(
        agent_id=agent_id, conversation_id=conversation_id, **values
    )
    statement = statement.on_conflict_do_update(index_elements=["agent_id", "conversation_id"], set_=values)
    unit.connection.execute(statement)


def give_back(unit: Unit, text: str, files: Sequence[StoredFile], *, agent_id: int, conversation_id: int) -> None:
    """Give an agent back what they wrote, below what they have begun to write meanwhile. A picture whose name is taken there gets
    another."""
    if not text and not files:
        return
    mine = (Draft.agent_id == agent_id) & (Draft.conversation_id == conversation_id)
    begun = (unit.session.scalar(select(Draft.text).where(mine)) or "").strip()
    adds = begun != text.strip()
    if files:
        kept = select(DraftFile.filename, DraftFile.sha256).where(
            DraftFile.agent_id == agent_id, DraftFile.conversation_id == conversation_id
        )
        taken = dict.fromkeys(attached_names(begun) if adds else (), "")
        text, files = with_free_names(text, files, taken | dict(unit.session.execute(kept).all()))
    whole = "\n\n".join(filter(None, (begun, text))) if adds else text
    put_draft(unit, agent_id=agent_id, conversation_id=conversation_id, text=whole)
    keep_files(unit, files, agent_id=agent_id, conversation_id=conversation_id)


def end_draft(unit: Unit, kept: KeptFiles, *, agent_id: int | None, conversation_id: int) -> None:
    """What an agent had begun to write was sent, with the files they chose of `kept`. Files that came back meanwhile stay."""
    let_go(unit, kept, agent_id=agent_id, conversation_id=conversation_id)
    mine = (Draft.agent_id == agent_id) & (Draft.conversation_id == conversation_id)
    has_files = exists().where(DraftFile.agent_id == agent_id, DraftFile.conversation_id == conversation_id)
    if not unit.connection.execute(delete(Draft).where(mine, ~has_files)).rowcount:
        unit.connection.execute(update(Draft).where(mine).values(text=""))
