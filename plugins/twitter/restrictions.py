"""What X does not let an account do for now: remembered when X refuses, shown in the composer, tried anew after a day."""

from datetime import datetime, timedelta

from connectors.x_api import Refusal, XRejected
from tidings import Host

__all__ = ["allow_again", "note_refusal", "why_not"]

TRIED_AGAIN_AFTER = timedelta(hours=24)
LASTING = (Refusal.PLAN, Refusal.PERMISSIONS)
"""Other refusals are about one message, not about the account."""


def note_refusal(host: Host, account_id: int, way: str, error: XRejected) -> None:
    """Remember that this way of writing ("public", "direct") is closed, if that is what X said."""
    if error.refusal in LASTING:
        kept = {"why": error.refusal.value, "at": host.now().isoformat()}
        host.store.set(_key(account_id, way), kept)


def why_not(host: Host, account_id: int, way: str) -> Refusal | None:
    """Why this way is closed, None while it is open."""
    kept = host.store.get(_key(account_id, way))
    if not kept or datetime.fromisoformat(kept["at"]) + TRIED_AGAIN_AFTER <= host.now():
        return None
    return Refusal(kept["why"])


def allow_again(host: Host, account_id: int, way: str = "") -> None:
    """Forget what was refused: it worked, or the owner signed in again."""
    for one in (way,) if way else ("public", "direct", "mentions", "messages", "own"):
        if host.store.get(_key(account_id, one)) is not None:
            host.store.delete(_key(account_id, one))


def _key(account_id: int, way: str) -> str:
    return f"closed:{account_id}:{way}"
