"""Writing the audit log, inside the transaction of the verb that is recorded."""

from typing import Any

from app.models import AuditEntry
from app.services.core import Actor, Unit

__all__ = ["audit"]


def audit(unit: Unit, actor: Actor, action: str, subject: str = "", **data: Any) -> None:
    """Record who did what. `action` is dotted: "account.created". Never pass a secret."""
    entry = AuditEntry(created_at=unit.now, agent_id=actor.agent_id, action=action, subject=subject[:200], data=data)
    unit.session.add(entry)
