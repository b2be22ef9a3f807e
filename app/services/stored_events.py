"""Events of the journal as they are read to be processed: with their account, and the bytes they name in the file storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.models import ChannelAccount, InboundEvent
from app.plugin_api.channel import Account
from app.plugin_api.messages import RawEvent
from app.services.core import Core

__all__ = ["StoredEvent", "load_event", "raw_event_of"]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of the journal as it was read before processing, with its account. `files`: names of the channel's choice to digests."""

    id: int
    state: str
    attempts: int
    payload_sha256: str
    source_key: str | None
    content_type: str
    meta: Mapping[str, Any]
    files: Mapping[str, str]
    is_complete: bool
    received_at: datetime
    message_id: int | None
    account: Account
    team_id: int | None


_OWN_COLUMNS = [name for name in StoredEvent.__dataclass_fields__ if name not in ("account", "team_id")]
_ACCOUNT_COLUMNS = ("id", "plugin", "name", "address", "settings", "cursor")
_event, _account = InboundEvent.__table__, ChannelAccount.__table__
_LOAD = (
    select(
        *(_event.c[name] for name in _OWN_COLUMNS),
        _event.c.payload,
        *(_account.c[name].label(f"account_{name}") for name in (*_ACCOUNT_COLUMNS, "secrets")),
        _account.c.team_id,
    )
    .join_from(_event, _account)
    .where(_event.c.id == bindparam("event_id"))
)


def load_event(core: Core, event_id: int) -> StoredEvent | None:
    """The event and its account, in one query; the transaction of the reading is over afterwards. Bytes that waited in the journal are
    put into the file storage first. Raises `app.errors.ConfigError` when the account's secrets cannot be read, and `OSError` when the
    storage takes nothing."""
    row = core.session.connection().execute(_LOAD, {"event_id": event_id}).first()
    core.session.rollback()
    if row is None:
        return None
    values = row._mapping
    if values["payload"] is not None:
        core.files.put(values["payload"])
    account = {name: values[f"account_{name}"] for name in _ACCOUNT_COLUMNS}
    return StoredEvent(
        **{name: values[name] for name in _OWN_COLUMNS},
        account=Account(**account, secrets=core.vault.unseal(values["account_secrets"])),
        team_id=values["team_id"],
    )


def raw_event_of(core: Core, event: StoredEvent) -> RawEvent:
    """The event as its channel gave it; its meta says when it came, too. Raises `FileNotFoundError` when bytes of it are missing."""
    return RawEvent(
        core.files.get(event.payload_sha256),
        source_key=event.source_key,
        content_type=event.content_type,
        meta={"received_at": event.received_at.isoformat(), **event.meta},
        files={name: core.files.get(sha256) for name, sha256 in event.files.items()},
    )
