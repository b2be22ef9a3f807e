"""Accounts: what is connected and how it is doing; connect, change, test, pause, fetch older messages, remove."""

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask_babel import format_date, gettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Permission
from app.errors import AppError, InvalidInput, NotFound
from app.models import ChannelAccount
from app.plugin_api.channel import Capability, Channel, Check, ConnectionReport
from app.queries.accounts import (
    AccountFacts,
    account_facts,
    account_log,
    conversation_count,
    received_last_day,
)
from app.queries.plugin_page import setting_changes
from app.queries.reconciliation import compared_facts
from app.services import accounts as verbs
from app.services.account_view import account_view
from app.services.diagnostics import account_diagnostics, as_text
from app.web.account_form import account_form, check_account, try_account
from app.web.account_health import account_health, shown_test
from app.web.account_links import (
    connect_url,
    guided_connect_url,
    renewal_url,
    shared_webhook_url,
    sign_in_url,
    webhook_url,
)
from app.web.arrivals import arrivals_box
from app.web.contexts import (
    AccountFormPage,
    AccountPage,
    AccountRow,
    AccountsPage,
    ChannelCard,
    ChooseChannelPage,
    Fact,
    HealthEvent,
    SettingChangeRow,
    TestResult,
)
from app.web.current import current_actor, current_core, may_do, require_permission
from app.web.marks import directory
from app.web.pages.audit import action_text
from app.web.reconciliation import reconciliation_box
from app.web.refusals import flash_refusal, put_problems
from app.web.setting_history import history_rows, labels_of
from app.web.shell import render_page
from app.web.slots import collect_panels
from app.web.texts import translated
from forms.settings import SettingsForm

__all__ = ["blueprint"]

blueprint = Blueprint("accounts", __name__)
_TESTED = "tested_account"


@blueprint.get("/accounts")
def index() -> Response:
    """All accounts, those in trouble first."""
    require_permission(Permission.ACCOUNTS)
    core, known = current_core(), directory()
    today = received_last_day(core.session, core.clock.now())
    rows = [
        AccountRow(
            id=account.id,
            name=account.name,
            channel=known.channel_mark(account.id),
            health=account_health(account, core.plugins.channels.get(account.plugin)),
            last_received_at=account.received_at,
            received_last_day=today.get(account.id, 0),
            is_paused=account.is_paused,
            sign_in_url=_sign_in_link(account, core.plugins.channels.get(account.plugin)),
        )
        for account in known.accounts.values()
    ]
    rows.sort(key=lambda row: row.health.state not in ("error", "warning"))
    return render_page("accounts/index.html", AccountsPage(rows=tuple(rows)), section="accounts")


@blueprint.get("/accounts/connect")
def choose() -> Response:
    """The shelf of channels: those that reach people outside of this installation, and that can do most, first."""
    require_permission(Permission.ACCOUNTS)
    core, known = current_core(), directory()
    plugins = [account.plugin for account in known.accounts.values()]
    summaries = {info.name: translated(info.manifest.summary) for info in core.plugins.infos() if info.manifest}
    cards = tuple(
        ChannelCard(
            plugin=name,
            title=known.titles[name],
            summary=summaries.get(name, ""),
            icon=channel.icon,
            connect_url=connect_url(name, channel),
            account_count=plugins.count(name),
        )
        for name, channel in sorted(core.plugins.channels.items(), key=_place_on_shelf)
    )
    return render_page("accounts/choose.html", ChooseChannelPage(cards), section="accounts")


def _place_on_shelf(item: tuple[str, Channel]) -> tuple[bool, int]:
    name, channel = item
    manifest = current_core().plugins.info(name).manifest
    reaches_out = manifest is not None and not {"network", "public_routes"}.isdisjoint(manifest.permissions)
    return not reaches_out, -len(channel.capabilities)


@blueprint.route("/accounts/connect/<plugin>", methods=["GET", "POST"])
def new(plugin: str) -> Response | BaseResponse:
    """Connect an account: the connection is tried before anything is saved. A channel with a page of its own for it is led to."""
    require_permission(Permission.ACCOUNTS)
    core = current_core()
    channel = verbs.channel_of(core, plugin)
    if guided := guided_connect_url(plugin, channel):
        return redirect(guided, code=303)
    form, report = account_form(core, channel), None
    if request.method == "POST":
        try:
            typed = check_account(core, channel, form)
            report = try_account(core, channel, typed)
            if report.is_ok or _saves_untested():
                account_id = verbs.create_account(
                    core,
                    current_actor(),
                    plugin=plugin,
                    name=typed.name,
                    settings=typed.settings,
                    secrets=typed.secrets,
                    team_id=typed.team_id,
                    is_tested=False,
                    needs_sign_in=report.is_ok and report.needs_sign_in,
                )
                return _saved(account_id, gettext("Connected. New messages appear in the Inbox by themselves."), report)
        except AppError as error:
            _say_what_is_wrong(form, error)
    return _form_page(plugin, channel, form, report)


@blueprint.route("/accounts/<int:id>/settings", methods=["GET", "POST"])
def edit(id: int) -> Response | BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Change an account; secrets that are left empty stay as they are. `field` in the address names the one that a link is about."""
    require_permission(Permission.ACCOUNTS)
    core, row = current_core(), _row(id)
    plugin, channel = row.plugin, verbs.channel_of(core, row.plugin)
    form, report = account_form(core, channel, row), None
    form.point_at(request.args.get("field", "") if request.method == "GET" else "")
    if request.method == "POST":
        try:
            typed = check_account(core, channel, form)
            report = try_account(core, channel, typed, row)
            if report.is_ok or _saves_untested():
                verbs.update_account(
                    core,
                    current_actor(),
                    id,
                    name=typed.name,
                    settings=typed.settings,
                    secrets=typed.secrets,
                    team_id=typed.team_id,
                    is_tested=False,
                    needs_sign_in=report.is_ok and report.needs_sign_in,
                )
                return _saved(id, gettext("Saved."), report)
        except AppError as error:
            _say_what_is_wrong(form, error)
    return _form_page(plugin, channel, form, report, id)


@blueprint.get("/accounts/<int:id>/sign-in")
def sign_in(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Go where the account's owner signs in at the provider; to its page when it does not wait for that. `renew` signs in all the same."""
    require_permission(Permission.ACCOUNTS)
    page = _sign_in_page(id, is_renewal="renew" in request.args)
    return redirect(page or url_for("accounts.show", id=id), code=303)


@blueprint.get("/accounts/<int:id>")
def show(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """One account: health, what happened, and what can be done with it."""
    require_permission(Permission.ACCOUNTS)
    core = current_core()
    account = account_facts(core.session, id)
    if account is None:
        raise NotFound(gettext("This account does not exist."))
    channel = core.plugins.channels.get(account.plugin)
    sign_in = sign_in_url(account, channel)
    page = AccountPage(
        id=id,
        name=account.name,
        channel=directory().channel_mark(id),
        health=account_health(account, channel, signs_in_elsewhere="/plugins/" in sign_in),
        is_paused=account.is_paused,
        facts=_facts(account),
        events=tuple(
            HealthEvent(
                moment.at,
                translated(moment.text) if moment.text else action_text(moment.kind),
                is_error=moment.kind == "event",
            )
            for moment in account_log(core.session, account)
        ),
        test=_take_test(id),
        panels=_panels(id, account.plugin) if channel else (),
        can_backfill=channel is not None and Capability.BACKFILL in channel.capabilities,
        backfill_running=_backfill_text(account),
        conversation_count=conversation_count(core.session, id),
        may_change=may_do(Permission.ACCOUNTS),
        sign_in_url=sign_in,
        webhook_url=webhook_url(account, channel),
        shared_webhook_url=shared_webhook_url(account, channel),
        history=_history(account, channel),
        arrivals=arrivals_box(core, id, warns=account.warns_of_silence),
        reconciliation=reconciliation_box(account, channel, compared_facts(core.session, id), core.clock.now()),
    )
    return render_page("accounts/show.html", page, section="accounts")


@blueprint.get("/accounts/<int:id>/diagnostics")
def diagnostics(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """What helps to find a fault, as a file to send to whoever helps: no credentials, no message contents."""
    facts = account_diagnostics(current_core(), current_actor(), id)
    response = Response(f"{as_text(facts)}\n", mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="tidings-account-{id}.json"'
    return response


@blueprint.post("/accounts/<int:id>/test")
def test(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Try the connection now; the page then shows each step."""
    try:
        report = verbs.test_account(current_core(), current_actor(), id)
        session[_TESTED] = {"id": id, "checks": [[c.name, c.is_ok, c.detail[:300]] for c in report.checks][:8]}
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("accounts.show", id=id), code=303)


@blueprint.post("/accounts/<int:id>/pause")
def pause(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Stop fetching and sending."""
    return _do(id, lambda: verbs.pause_account(current_core(), current_actor(), id), gettext("Paused."))


@blueprint.post("/accounts/<int:id>/resume")
def resume(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Go on."""
    return _do(id, lambda: verbs.resume_account(current_core(), current_actor(), id), gettext("It works again."))


@blueprint.post("/accounts/<int:id>/backfill")
def backfill(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Fetch everything from a date on."""

    def begin() -> None:
        try:
            since = datetime.fromisoformat(request.form.get("since", "")).replace(tzinfo=UTC)
        except ValueError:
            raise InvalidInput(gettext("Choose a date.")) from None
        verbs.start_backfill(current_core(), current_actor(), id, since)

    return _do(id, begin, gettext("Older messages are fetched in the background."))


@blueprint.post("/accounts/<int:id>/delete")
def delete(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Remove an account nothing came through."""
    try:
        verbs.delete_account(current_core(), current_actor(), id)
        flash(gettext("Removed."))
    except AppError as error:
        flash_refusal(error)
        return redirect(url_for("accounts.show", id=id), code=303)
    return redirect(url_for("accounts.index"), code=303)


def _do(account_id: int, verb, done: str) -> BaseResponse:
    try:
        verb()
        flash(done)
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("accounts.show", id=account_id), code=303)


def _saved(account_id: int, done: str, report: ConnectionReport) -> BaseResponse:
    """After saving: on to the provider if that is the next step, else to the account's page."""
    page = _sign_in_page(account_id) if report.is_ok and report.needs_sign_in else ""
    if not page:
        flash(done)
    return redirect(page or url_for("accounts.show", id=account_id), code=303)


def _sign_in_page(account_id: int, *, is_renewal: bool = False) -> str:
    """Where the owner signs in; empty when the account does not wait for that, unless it is renewed. Raises `NotFound`."""
    core = current_core()
    account = account_facts(core.session, account_id)
    if account is None:
        raise NotFound(gettext("This account does not exist."))
    channel = core.plugins.channels.get(account.plugin)
    return sign_in_url(account, channel) or (renewal_url(account, channel) if channel and is_renewal else "")


def _sign_in_link(account: AccountFacts, channel: Channel | None) -> str:
    """A link that finds out where to sign in only when somebody follows it; empty for an account that does not wait for that."""
    return url_for("accounts.sign_in", id=account.id) if channel and account.state == "needs_reauth" else ""


def _row(account_id: int) -> ChannelAccount:
    row = current_core().session.get(ChannelAccount, account_id)
    if row is None:
        raise NotFound(gettext("This account does not exist."))
    return row


def _saves_untested() -> bool:
    return request.form.get("action") == "save_untested"


def _say_what_is_wrong(form: SettingsForm, error: AppError) -> None:
    """Sentences beside the fields; those the form found by itself stand there already."""
    if not any(field.errors for field in form):
        put_problems(form, error, name="account_name", team="account_team")


def _form_page(
    plugin: str, channel: Channel, form: SettingsForm, report: ConnectionReport | None, account_id: int | None = None
) -> Response:
    has_failed = bool(form.form_errors or form.errors or (report and not report.is_ok))
    page = AccountFormPage(
        plugin=plugin,
        channel_title=translated(channel.title),
        icon=channel.icon,
        form=form,
        account_id=account_id,
        test=shown_test(report) if report else None,
    )
    return render_page("accounts/form.html", page, section="accounts", status=422 if has_failed else 200)


def _facts(account: AccountFacts) -> tuple[Fact, ...]:
    known = directory()
    facts = [
        Fact(gettext("Channel"), known.titles.get(account.plugin, account.plugin)),
        Fact(gettext("Address"), account.address, is_code=True) if account.address else None,
        Fact(gettext("Team"), known.teams[account.team_id])
        if account.team_id is not None and account.team_id in known.teams
        else None,
        Fact(gettext("Connected"), format_date(account.created_at)),
        Fact(gettext("Conversations"), gettext("Show them"), url_for("inbox.index", account=account.id)),
    ]
    return tuple(fact for fact in facts if fact is not None)


def _history(account: AccountFacts, channel: Channel | None) -> tuple[SettingChangeRow, ...]:
    changes = setting_changes(current_core().session, account.plugin, account_id=account.id, most=10)
    return history_rows(changes, labels_of(channel.settings_form if channel else None))


def _panels(account_id: int, plugin: str):
    account = account_view(current_core(), _row(account_id), with_secrets=False)
    return collect_panels("account_panels", only=plugin, account=account)


def _backfill_text(account: AccountFacts) -> str | None:
    if account.backfill_since is None:
        return None
    since = format_date(account.backfill_since)
    return account.progress or gettext("Messages since %(date)s are being fetched.", date=since)


def _take_test(account_id: int) -> TestResult | None:
    """The test that was just run, once."""
    if session.get(_TESTED, {}).get("id") != account_id:
        return None
    checks = tuple(Check(name, is_ok, detail) for name, is_ok, detail in session.pop(_TESTED)["checks"])
    return shown_test(ConnectionReport(checks))
