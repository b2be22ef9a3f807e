"""Everything that plugins have stored, as one thing: it is thrown away as a whole, or replaced by what an export holds."""

import shutil
from collections.abc import Mapping

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ConfigError
from app.models import (
    ChannelAccount,
    MissedEvent,
    PluginBreaker,
    PluginConflict,
    PluginCost,
    PluginJob,
    PluginState,
    PluginValue,
    SettingChange,
    ShortAddress,
)
from app.plugin_api.texts import translatable
from app.plugin_host import PluginInfo
from app.plugin_host.archives import ArchiveError
from app.services import notices
from app.services.core import Core, Unit, writing
from app.services.plugins.exports import Export, data_folder
from app.services.plugins.record import plugin_record
from app.services.plugins.tables import ledger_of

__all__ = ["SECRETS_LEFT_OUT", "pause_accounts", "replace_data", "resume_accounts", "throw_away_data"]

SECRETS_LEFT_OUT = translatable(
    "Its secrets were encrypted by another installation and cannot be read here: enter them anew in its settings."
)


def replace_data(core: Core, info: PluginInfo, export: Export) -> tuple[str, ...]:
    """Make what a plugin has stored what it was when the export was written: tables, settings, secrets, values, files. Its tables are left
    at the revision of then. Returns sentences about what could not be brought back. Raises `MigrationFailed`, having changed nothing, or
    `ArchiveError`."""
    secrets, sentences = _readable_secrets(core, export.card.secrets)
    core.session.rollback()
    ledger_of(core).restore(info, export.card.revision, export.table_lines())
    try:
        _replace_rows(core, info, export, secrets)
    except (SQLAlchemyError, ValueError) as error:
        raise ArchiveError("Its values cannot be put back: they are not such as the database keeps.") from error
    if export.card.has_files:
        shutil.rmtree(data_folder(core, info.name), ignore_errors=True)
        export.copy_files(data_folder(core, info.name))
    return sentences


def _replace_rows(core: Core, info: PluginInfo, export: Export, secrets: str) -> None:
    with writing(core) as unit:
        unit.connection.execute(delete(PluginValue).where(PluginValue.plugin == info.name))
        for key, value in export.values():
            unit.session.add(PluginValue(plugin=info.name, key=key, value=value))
        state = plugin_record(core, unit, info.name)
        state.settings, state.secrets = dict(export.card.settings), secrets


def throw_away_data(core: Core, name: str) -> None:
    """Drop a plugin's tables, its rows among ours and its files. Its accounts stay."""
    core.session.rollback()
    ledger_of(core).drop(name)
    with writing(core) as unit:
        _throw_away_rows(unit, name)
    shutil.rmtree(data_folder(core, name), ignore_errors=True)


def pause_accounts(unit: Unit, name: str) -> int:
    """Pause a plugin's accounts, so that their conversations stay readable and nothing is tried; returns how many were not yet."""
    rows = list(
        unit.session.scalars(
            select(ChannelAccount).where(ChannelAccount.plugin == name, ChannelAccount.state != "paused")
        )
    )
    for row in rows:
        row.state = "paused"
        row.revision += 1
        unit.changed("account", id=row.id)
    return len(rows)


def resume_accounts(unit: Unit, name: str, states: Mapping[str, str]) -> None:
    """Accounts that were paused because their plugin went are again what they were: `states` by id."""
    is_paused = (ChannelAccount.plugin == name) & (ChannelAccount.state == "paused")
    for account_id, state in states.items():
        if state in ("active", "needs_reauth") and account_id.isdigit():
            unit.connection.execute(
                update(ChannelAccount)
                .where(is_paused, ChannelAccount.id == int(account_id))
                .values(state=state, revision=ChannelAccount.revision + 1)
            )
            unit.changed("account", id=int(account_id))


def _throw_away_rows(unit: Unit, name: str) -> None:
    """Remove all that the host keeps for a plugin, and close the notices about it; what was decided about it goes too."""
    for table in (PluginValue, PluginJob, PluginBreaker, MissedEvent, PluginCost, ShortAddress):
        unit.connection.execute(delete(table).where(table.plugin == name))
    unit.connection.execute(
        delete(PluginConflict).where(or_(PluginConflict.first == name, PluginConflict.second == name))
    )
    unit.connection.execute(
        delete(SettingChange).where(SettingChange.plugin == name, SettingChange.account_id.is_(None))
    )
    unit.connection.execute(delete(PluginState).where(PluginState.name == name))
    notices.over_below(unit, f"plugin:{name}:")


def _readable_secrets(core: Core, sealed: str) -> tuple[str, tuple[str, ...]]:
    try:
        core.vault.unseal(sealed)
    except ConfigError:
        return "", (SECRETS_LEFT_OUT,)
    return sealed, ()
