"""What a provider holds of an account, so that the host can see whether everything came."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Listed", "ListedMail"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One message at the provider. `source_key` is the one its event has or would have; `place` names where it lies, as people call it
    ("INBOX"). Since API 3."""

    source_key: str
    place: str


@dataclass(frozen=True, slots=True)
class ListedMail:
    """What the provider says of a message without handing out its content. `external_id` as `translate` would give it, empty when there is
    none; `size` in bytes of what the event's payload would be; `received_at` (aware) when the provider took it. Since API 3."""

    source_key: str
    external_id: str
    size: int
    sender: str = ""
    subject: str = ""
    received_at: datetime | None = None
