"""One plugin: how it does, what it costs, what it brought, what it may do, and where it came from."""

from flask import Response
from flask_babel import format_timedelta, gettext

from app.plugin_api.registrations import Route
from app.plugin_host import Origin, PluginInfo, State
from app.queries.accounts import accounts_by_id
from app.queries.plugin_page import (
    BreakerFacts,
    JobFacts,
    MissedFacts,
    job_facts,
    missed_events,
    open_breakers,
    period_costs,
    setting_changes,
)
from app.queries.plugins import PluginFacts, plugin_facts
from app.services.plugins.archives import previous_version
from app.web.account_health import account_health
from app.web.addresses import url_for
from app.web.contexts import (
    AccountLine,
    BreakerRow,
    Fact,
    Health,
    JobRow,
    MissedRow,
    PluginPage,
    RouteRow,
)
from app.web.cost_meter import cost_meter
from app.web.current import current_core
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.plugin_marks import (
    fixed_because,
    has_settings,
    kind_name,
    origin_mark,
    plugin_mark,
    plugin_status,
    switch_button,
    time_spent,
)
from app.web.plugin_readme import plugin_readme
from app.web.plugin_words import permission_lines, server_lines
from app.web.setting_history import history_rows, labels_of
from app.web.shell import render_page
from app.web.texts import translated

__all__: list[str] = []


@blueprint.get("/<name>")
def show(name: str) -> Response:
    """Everything about one plugin."""
    core = current_core()
    info, session, now = core.plugins.info(name), core.session, core.clock.now()
    facts = plugin_facts(session).get(name, PluginFacts())
    breakers = open_breakers(session, name)
    manifest, is_on = info.manifest, info.state is State.ACTIVE
    page = PluginPage(
        mark=plugin_mark(info),
        summary=translated(manifest.summary) if manifest else "",
        status=plugin_status(info, tuple(breaker.hook for breaker in breakers)),
        origin=origin_mark(info),
        facts=_facts(info),
        permissions=permission_lines(manifest) if manifest else (),
        servers=server_lines(manifest) if manifest else (),
        cost=cost_meter(period_costs(session, name, now), now) if is_on else None,
        breakers=tuple(map(_breaker, breakers)),
        missed=tuple(map(_missed, missed_events(session, name))),
        last_error=facts.last_error,
        failed_at=facts.failed_at,
        failures=facts.failures,
        accounts=_accounts(name) if facts.account_count else (),
        is_channel=name in core.plugins.channels,
        routes=tuple(_route(name, route) for route in core.plugins.routes.routes(name)),
        jobs=_jobs(name),
        hooks=tuple(hook for hook in core.plugins.specs if name in core.plugins.dispatcher.listeners(hook)),
        readme_html=plugin_readme(info.path),
        history=history_rows(setting_changes(session, name), labels_of(core.plugins.settings_forms.get(name))),
        button=switch_button(info, facts),
        fixed_because=fixed_because(info),
        has_settings=has_settings(info),
        previous_version=previous_version(core, name) if facts.snapshot else "",
        may_uninstall=not info.is_must_use and info.origin is not Origin.MISSING,
        stays_because=_stays_because(info),
        warnings=tuple(map(translated, info.warnings)),
    )
    return render_page("plugins/show.html", page, section=SECTION)


def _facts(info: PluginInfo) -> tuple[Fact, ...]:
    manifest = info.manifest
    if manifest is None:
        return (Fact(gettext("Short name"), info.name, is_code=True),)
    found = [
        Fact(gettext("Version"), manifest.version),
        Fact(gettext("Made by"), manifest.owner) if manifest.owner else None,
        Fact(gettext("Kind"), kind_name(info)),
        Fact(gettext("Short name"), info.name, is_code=True),
        Fact(gettext("Website"), manifest.homepage, manifest.homepage) if manifest.homepage else None,
        Fact(gettext("Licence"), manifest.licence) if manifest.licence else None,
        Fact(gettext("Needs"), ", ".join(needs))
        if (needs := (*manifest.requires_plugins, *manifest.requires))
        else None,
        Fact(gettext("Took to start"), time_spent(info.start_s)) if info.start_s else None,
    ]
    return tuple(fact for fact in found if fact is not None)


def _breaker(facts: BreakerFacts) -> BreakerRow:
    return BreakerRow(facts.hook, facts.rests_until, facts.last_error, facts.times_opened)


def _missed(facts: MissedFacts) -> MissedRow:
    return MissedRow(facts.hook, facts.kept, facts.since, facts.due, facts.reason)


def _accounts(name: str) -> tuple[AccountLine, ...]:
    core = current_core()
    channel = core.plugins.channels.get(name)
    found = (account for account in accounts_by_id(core.session).values() if account.plugin == name)
    return tuple(AccountLine(account.id, account.name, account_health(account, channel)) for account in found)


def _route(name: str, route: Route) -> RouteRow:
    is_page = "<" not in route.rule and "GET" in route.methods
    return RouteRow(
        rule=f"/plugins/{name}{route.rule}",
        methods=", ".join(route.methods),
        who=gettext("anybody may open it") if route.is_public else gettext("for agents"),
        is_public=route.is_public,
        url=url_for("plugin_pages.page", name=name, path=route.rule.lstrip("/")) if is_page else "",
    )


def _jobs(name: str) -> tuple[JobRow, ...]:
    core = current_core()
    jobs = core.plugins.jobs.get(name, ())
    known = job_facts(core.session, name) if jobs else {}
    return tuple(
        JobRow(
            name=job.name,
            every=gettext("every %(length)s", length=format_timedelta(job.every, granularity="second")),
            health=_job_health(known.get(job.name)),
            due_at=known[job.name].due_at if job.name in known else None,
        )
        for job in jobs
    )


def _job_health(facts: JobFacts | None) -> Health:
    if facts is None or facts.ran_at is None:
        return Health("waiting", gettext("Has not run yet"))
    if facts.last_error:
        return Health("error", facts.last_error, facts.ran_at)
    return Health("ok", gettext("Took %(time)s", time=time_spent(facts.ran_s)), facts.ran_at)


def _stays_because(info: PluginInfo) -> str:
    """Why its code cannot be removed here, empty when it can."""
    if info.is_must_use:
        return gettext("The configuration says that it stays.")
    if info.origin is Origin.SHIPPED:
        return gettext("It came with Tidings and is updated with it.")
    if info.origin is Origin.INSTALLED:
        return gettext("It was installed as a Python package on the server, and is updated and removed there.")
    return ""
