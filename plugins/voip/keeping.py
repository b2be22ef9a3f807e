"""How long recordings are kept, and where: keeps what was fetched, deletes at the carrier what is stored here, and forgets in the end."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update

from connectors.errors import ConnectorError
from connectors.twilio_voice.faults import Refusal, TwilioRejected
from plugins.voip.call_messages import removal_event
from plugins.voip.line import line_of
from plugins.voip.record import call_of
from plugins.voip.tables import CALL, RECORDING
from plugins.voip.twilio_desk import client_of
from tidings import Account, Host

__all__ = ["delete_at_provider", "forget_old_recordings", "keep_sounds"]

FOLDER = "recordings"
SAFE_AFTER = timedelta(hours=1)
"""What was fetched longer ago than this is stored for certain."""


def keep_sounds(host: Host, account_id: int, sounds: Mapping[str, bytes]) -> None:
    """The sound of these recordings came from the provider: keep it for the log, too. The names are ids of the provider's."""
    if not sounds:
        return
    folder = host.data_folder() / FOLDER
    folder.mkdir(exist_ok=True)
    own = select(CALL.c.id).where(CALL.c.account_id == account_id)
    for id, sound in sounds.items():
        name = f"{hashlib.sha256(id.encode()).hexdigest()[:40]}.mp3"
        (folder / name).write_bytes(sound)
        with host.tables.begin() as connection:
            named = update(RECORDING).where(RECORDING.c.external_id == id, RECORDING.c.call.in_(own))
            connection.execute(named.values(fetched_at=host.now(), file=f"{FOLDER}/{name}"))


def delete_at_provider(host: Host) -> int:
    """Delete at Twilio what is stored here, for lines that say so; returns how many recordings went."""
    accounts = [
        one for one in host.accounts() if one.settings.get("driver") != "sip" and line_of(one).deletes_at_provider
    ]
    return sum(_delete(host, account, host.now() - SAFE_AFTER) for account in accounts)


def _delete(host: Host, account: Account, before: datetime) -> int:
    own = select(CALL.c.id).where(CALL.c.account_id == account.id)
    with host.tables.connect() as connection:
        ripe = select(RECORDING.c.id, RECORDING.c.external_id).where(RECORDING.c.call.in_(own))
        ripe = ripe.where(RECORDING.c.provider_deleted_at.is_(None), RECORDING.c.fetched_at < before)
        rows = list(connection.execute(ripe.limit(100)))
    deleted = [row.id for row in rows if _is_gone(host, account, row.external_id)]
    if deleted:
        with host.tables.begin() as connection:
            connection.execute(
                update(RECORDING).where(RECORDING.c.id.in_(deleted)).values(provider_deleted_at=host.now())
            )
    return len(deleted)


def _is_gone(host: Host, account: Account, sid: str) -> bool:
    try:
        client_of(host, account).delete_recording(sid)
    except TwilioRejected as error:
        return error.refusal is Refusal.NOT_FOUND
    except ConnectorError as error:
        host.log.warning("account %s: a recording could not be deleted: %s", account.id, error.reason)
        return False
    return True


def forget_old_recordings(host: Host) -> int:
    """Delete recordings whose days are over, from the inbox too; what is written about the call stays. Returns how many went."""
    lines = {account.id: line_of(account) for account in host.accounts()}
    return sum(_forget(host, id, line.keep_days) for id, line in lines.items() if line.keep_days)


def _forget(host: Host, account_id: int, days: int) -> int:
    oldest = host.now() - timedelta(days=days)
    with host.tables.connect() as connection:
        old = select(
            RECORDING.c.id, RECORDING.c.external_id, RECORDING.c.file, RECORDING.c.filed_at, CALL.c.id.label("row")
        )
        old = old.join(CALL, CALL.c.id == RECORDING.c.call).where(CALL.c.account_id == account_id)
        old = old.where(
            RECORDING.c.deleted_at.is_(None), RECORDING.c.made_at < oldest, RECORDING.c.told_at.is_not(None)
        )
        rows = list(connection.execute(old.limit(200)))
        calls = {
            row.id: row for row in connection.execute(select(CALL).where(CALL.c.id.in_({row.row for row in rows})))
        }
    for row in rows:
        call = calls[row.row]
        message = call.call_id if row.filed_at == call.filed_at else row.external_id
        host.receive(account_id, removal_event(call_of(call), message, host.now()))
        if row.file:
            (host.data_folder() / row.file).unlink(missing_ok=True)
    with host.tables.begin() as connection:
        ids = [row.id for row in rows]
        connection.execute(update(RECORDING).where(RECORDING.c.id.in_(ids)).values(deleted_at=host.now()))
    return len(rows)
