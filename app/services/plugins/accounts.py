"""What plugins do with accounts of their own: connect one after its owner signed in, and keep settings they learnt. Audit log and history
of settings are written as when an admin does it, in the name of who is signed in, else of the plugin."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from wtforms import Field, StringField

from app.domain.events import Viewer
from app.domain.text import clean_line
from app.errors import InvalidInput
from app.models import ChannelAccount
from app.plugin_api.channel import Channel
from app.plugin_host import check_values
from app.services import accounts
from app.services.core import SYSTEM, Actor, Core

__all__ = ["connect_account", "save_settings"]


def connect_account(
    core: Core,
    plugin: str,
    viewer: Viewer | None,
    *,
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
) -> int:
    """Add an account, or change the one that has the same `account_address`: its name and what is not given stay, and it works again.
    Returns its id. Raises ValueError when the settings form does not accept the settings, `NotAllowed` when the viewer may not."""
    actor, channel = _actor(core, plugin, viewer), accounts.channel_of(core, plugin)
    plain = _accepted(channel, {}, settings, secrets)
    address = channel.account_address(plain)[:320]
    known = _account_of(core, plugin, address) if address else None
    if known is None:
        title = clean_line(name, 120) or address or channel.title
        return accounts.create_account(
            core, actor, plugin=plugin, name=title, settings=plain, secrets=secrets, is_tested=False
        )
    accounts.update_account(
        core,
        actor,
        known.id,
        name=known.name,
        settings=_accepted(channel, known.settings, settings, secrets),
        secrets=secrets,
        team_id=known.team_id,
        is_tested=False,
    )
    return known.id


def save_settings(core: Core, account_id: int, viewer: Viewer | None, values: Mapping[str, Any]) -> None:
    """Change some settings of an account; the others stay. Raises ValueError when the settings form does not accept them."""
    row = core.session.get_one(ChannelAccount, account_id)
    channel, secrets = accounts.channel_of(core, row.plugin), core.vault.unseal(row.secrets)
    merged = _accepted(channel, row.settings, values, secrets)
    accounts.change_settings(core, _actor(core, row.plugin, viewer), account_id, merged)


def _account_of(core: Core, plugin: str, address: str) -> ChannelAccount | None:
    statement = select(ChannelAccount).where(ChannelAccount.plugin == plugin, ChannelAccount.address == address)
    return core.session.scalars(statement.order_by(ChannelAccount.id).limit(1)).first()


def _accepted(
    channel: Channel, stored: Mapping[str, Any], given: Mapping[str, Any], secrets: Mapping[str, str]
) -> dict[str, Any]:
    """All settings of the form: those given, else those stored, else what the form begins with."""
    form = channel.settings_form
    begun = {name: _begun(field) for name, field in form()._fields.items() if name not in form.secret_names()}
    known = {name: value for name, value in stored.items() if name in begun}
    try:
        return check_values(form, {**begun, **known, **given}, stored=stored, has_secrets=secrets).plain
    except InvalidInput as error:
        problems = "; ".join(f"{name}: {sentence}" for name, sentence in error.fields.items())
        raise ValueError(f"the settings form does not accept this ({problems})") from error


def _begun(field: Field) -> Any:
    """What a browser sends of a field that nobody touched."""
    return "" if field.data is None and isinstance(field, StringField) else field.data


def _actor(core: Core, plugin: str, viewer: Viewer | None) -> Actor:
    if viewer is not None:
        return Actor(viewer.agent_id, viewer.name, viewer.role)
    manifest = core.plugins.info(plugin).manifest
    return Actor(None, manifest.title if manifest else plugin, SYSTEM.role)
