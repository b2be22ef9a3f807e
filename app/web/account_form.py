"""The generated settings page of an account: the channel's form with a name and a team in front, checked, tested, saved."""

from dataclasses import dataclass, field, replace
from typing import Any

from flask import request, session
from flask_babel import gettext

from app.errors import InvalidInput
from app.models import ChannelAccount
from app.plugin_api.channel import Account, Channel, Check, ConnectionReport
from app.plugin_host import bind_form, check_form
from app.services.accounts import report_of
from app.services.core import Core
from app.services.finding import found_settings
from app.web.declared_form import translate_choices
from app.web.marks import directory
from forms.accounts import OWN_FIELDS, with_account_fields
from forms.settings import SettingsForm

__all__ = ["CheckedAccount", "account_form", "check_account", "try_account"]

_IGNORED = ("csrf_token", "action")
_KEPT = "typed_secrets"


@dataclass(frozen=True, slots=True)
class CheckedAccount:
    """What was typed and what was found for it, ready to be tested and stored. `told` is what there is to say of the findings."""

    name: str
    team_id: int | None
    settings: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)
    told: tuple[Check, ...] = ()


def account_form(core: Core, channel: Channel, row: ChannelAccount | None = None) -> SettingsForm:
    """The form for a new account or, with its row, for one that exists."""
    teams = [(0, gettext("No team")), *directory().teams.items()]
    form_class = with_account_fields(channel.settings_form, teams if len(teams) > 1 else ())
    stored: dict[str, Any] = {}
    if row is not None:
        stored = {**row.settings, "account_name": row.name, "account_team": row.team_id or 0}
    submitted = request.form if request.method == "POST" else None
    if submitted is None:
        session.pop(_KEPT, None)
    has_secrets = set(_kept_secrets(core)) | (set(core.vault.unseal(row.secrets)) if row is not None else set())
    form = bind_form(form_class, submitted, stored=stored, has_secrets=has_secrets)
    return translate_choices(form, apart_from=OWN_FIELDS)


def check_account(core: Core, channel: Channel, form: SettingsForm) -> CheckedAccount:
    """What was typed, with what the channel could find out of what was left empty. Raises `InvalidInput`, with the sentences also beside
    the form's fields.

    A page never shows a secret again, so those that were typed stay sealed in the session until the form is saved or left.
    """
    typed = {name: value for name in form.secret_names() if (value := request.form.get(name))}
    if typed:
        session[_KEPT] = [request.path, core.vault.seal({**_kept_secrets(core), **typed})]
    checked = check_form(form, request.form, ignored=_IGNORED)
    plain = {name: value for name, value in checked.plain.items() if name not in OWN_FIELDS}
    team_id = checked.plain.get("account_team") or None
    typed_account = CheckedAccount(
        checked.plain["account_name"], team_id, plain, {**_kept_secrets(core), **checked.secrets}
    )
    return _completed(core, channel, form, typed_account)


def _completed(core: Core, channel: Channel, form: SettingsForm, typed: CheckedAccount) -> CheckedAccount:
    """What was found is also shown in the form's fields, where it counts as typed the next time."""
    core.session.rollback()
    found = found_settings(core, channel, typed.settings)
    values = {name: value for name, value in found.values.items() if name in typed.settings}
    for name, value in values.items():
        form[name].data = value
    if found.asks_for in form:
        form[found.asks_for].errors = [check.detail for check in found.told if not check.is_ok]
    return replace(typed, settings={**typed.settings, **values}, told=found.told)


def try_account(
    core: Core, channel: Channel, typed: CheckedAccount, row: ChannelAccount | None = None
) -> ConnectionReport:
    """Test the connection with what was typed, and for an existing account with the secrets it has. Saves nothing.

    Nothing is tried while the owner still has to look at what was found.
    """
    if not all(check.is_ok for check in typed.told):
        return ConnectionReport(typed.told)
    try:
        address = channel.account_address(typed.settings)
    except (ValueError, KeyError) as error:
        raise InvalidInput(str(error)) from error
    secrets = {**(core.vault.unseal(row.secrets) if row is not None else {}), **typed.secrets}
    identifier, plugin = (row.id, row.plugin) if row is not None else (0, "")
    cursor = dict(row.cursor or {}) if row is not None else {}
    core.session.rollback()
    account = Account(identifier, plugin, typed.name, address, typed.settings, cursor, secrets)
    report = report_of(core, channel, account)
    return replace(report, checks=(*typed.told, *report.checks))


def _kept_secrets(core: Core) -> dict[str, str]:
    """Secrets typed into this very page a moment ago."""
    path, sealed = session.get(_KEPT, ("", ""))
    return core.vault.unseal(sealed) if path == request.path else {}
