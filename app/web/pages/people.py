"""People: agents, invitations, roles, teams. Links for passwords are shown once, on the page after they were made."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Permission, Role
from app.errors import AppError, NotFound
from app.queries.people import AgentFacts, TeamFacts, agents_in_full, teams_in_full
from app.services import agent_details as details
from app.services import agents as verbs
from app.services.agents import LINK_AGE_S
from app.web.contexts import AgentPage, AgentRow, InvitePage, OneTimeLink, PeoplePage, TeamRow, TeamsPage, avatar
from app.web.current import current_actor, current_agent, current_core, may_do, require_permission
from app.web.refusals import flash_refusal, put_problems
from app.web.shell import render_page, role_name
from forms.agents import AgentForm, TeamForm

__all__ = ["blueprint"]

blueprint = Blueprint("people", __name__)
_LINK = "one_time_link"


@blueprint.get("/people")
def index() -> Response:
    """Agents and teams; those who may make teams only see the rest."""
    require_permission(Permission.TEAMS)
    agents, teams = _agents(), _teams()
    names = {team.id: team.name for team in teams}
    page = PeoplePage(
        agents=tuple(_agent_row(agent, names) for agent in agents),
        teams=_team_rows(teams, agents),
        may_change=may_do(Permission.PEOPLE),
        link=_take_link(),
    )
    return render_page("people/index.html", page, section="people")


@blueprint.route("/people/invite", methods=["GET", "POST"])
def invite() -> Response | BaseResponse:
    """Make an agent and a link with which they choose their password."""
    require_permission(Permission.PEOPLE)
    core, actor = current_core(), current_actor()
    form = AgentForm(request.form or None).offer(_roles(), _team_choices())
    if request.method == "POST" and form.validate():
        try:
            agent_id = verbs.create_agent(core, actor, name=form.name.data, email=form.email.data, role=form.role.data)
            details.set_teams(core, actor, agent_id, form.team_ids)
            _keep_link(agent_id, form.name.data)
            return redirect(url_for("people.index"), code=303)
        except AppError as error:
            put_problems(form, error)
    return render_page("people/invite.html", InvitePage(form), section="people", status=422 if form.errors else 200)


@blueprint.route("/people/<int:id>", methods=["GET", "POST"])
def edit(id: int) -> Response | BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """One agent: name, address, role, teams, and access."""
    require_permission(Permission.PEOPLE)
    agent = _find(id)
    stored = {
        "name": agent.name, "email": agent.email, "role": agent.role, "teams": [str(i) for i in agent.team_ids]
    }  # fmt: skip
    action = request.form.get("action", "")
    form = AgentForm(request.form if action == "save" else None, data=stored).offer(_roles(), _team_choices())
    if request.method == "POST":
        try:
            if action != "save":
                _access(action, agent)
                return redirect(url_for("people.edit", id=id), code=303)
            if form.validate():
                _save(agent, form)
                return redirect(url_for("people.index"), code=303)
        except AppError as error:
            if action != "save":
                flash_refusal(error)
                return redirect(url_for("people.edit", id=id), code=303)
            put_problems(form, error)
    names = {team.id: team.name for team in _teams()}
    page = AgentPage(_agent_row(agent, names), form, is_self=id == current_agent().id, link=_take_link())
    has_problems = bool(form.errors or form.form_errors)
    return render_page("people/edit.html", page, section="people", status=422 if has_problems else 200)


@blueprint.route("/people/teams", methods=["GET", "POST"])
def teams() -> Response | BaseResponse:
    """Teams: make, rename, fill, remove. `?id=` names the one that is changed."""
    require_permission(Permission.TEAMS)
    agents, found = _agents(), _teams()
    rows = _team_rows(found, agents)
    wanted = request.args.get("id", "")
    team = next((team for team in found if str(team.id) == wanted), None)
    stored = {"name": team.name, "members": [str(i) for i in team.member_ids]} if team else {}
    choices = [
        (str(agent.id), agent.name) for agent in agents if agent.is_active or team and agent.id in team.member_ids
    ]
    action = request.form.get("action", "")
    form = TeamForm(request.form if action == "save" else None, data=stored).offer(choices)
    if request.method == "POST":
        try:
            if _change_team(action, team, form):
                return redirect(url_for("people.teams"), code=303)
        except AppError as error:
            if action == "delete":
                flash_refusal(error)
                return redirect(url_for("people.teams", id=wanted), code=303)
            put_problems(form, error)
    page = TeamsPage(teams=rows, form=form, team=next((row for row in rows if team and row.id == team.id), None))
    has_problems = bool(form.errors or form.form_errors)
    return render_page("people/teams.html", page, section="people", status=422 if has_problems else 200)


def _change_team(action: str, team: TeamFacts | None, form: TeamForm) -> bool:
    """Do what was asked for; False when the form has to be shown again."""
    core, actor = current_core(), current_actor()
    if action == "delete" and team is not None:
        verbs.delete_team(core, actor, team.id)
        flash(gettext("Removed."))
        return True
    if not form.validate():
        return False
    members = [int(value) for value in form.members.data or ()]
    if team is None:
        verbs.create_team(core, actor, form.name.data, members)
    else:
        verbs.update_team(core, actor, team.id, form.name.data, members)
    flash(gettext("Saved."))
    return True


def _save(agent: AgentFacts, form: AgentForm) -> None:
    core, actor = current_core(), current_actor()
    details.change_agent(core, actor, agent.id, name=form.name.data, email=form.email.data)
    if form.role.data != agent.role:
        verbs.set_role(core, actor, agent.id, form.role.data)
    details.set_teams(core, actor, agent.id, form.team_ids)
    flash(gettext("Saved."))


def _access(action: str, agent: AgentFacts) -> None:
    """The buttons beside the form. Raises `NotFound` for a button that does not exist."""
    core, actor = current_core(), current_actor()
    if action == "reset_link":
        _keep_link(agent.id, agent.name)
    elif action == "reset_two_factor":
        details.reset_two_factor(core, actor, agent.id)
        flash(gettext("The second factor is off."))
    elif action == "end_sessions":
        verbs.sign_out_everywhere(core, actor, agent.id)
        flash(gettext("Signed out everywhere."))
    elif action in ("enable", "disable"):
        verbs.set_active(core, actor, agent.id, action == "enable")
        flash(gettext("Saved."))
    else:
        raise NotFound(gettext("There is no such button."))


def _keep_link(agent_id: int, name: str) -> None:
    core = current_core()
    valid_until = core.clock.now() + timedelta(seconds=LINK_AGE_S)
    session[_LINK] = {"name": name, "url": verbs.make_link(core, agent_id), "until": valid_until.timestamp()}


def _take_link() -> OneTimeLink | None:
    link = session.pop(_LINK, None)
    return OneTimeLink(link["name"], link["url"], datetime.fromtimestamp(link["until"], UTC)) if link else None


def _agents() -> tuple[AgentFacts, ...]:
    return agents_in_full(current_core().session)


def _teams() -> tuple[TeamFacts, ...]:
    return teams_in_full(current_core().session)


def _find(agent_id: int) -> AgentFacts:
    agent = next((agent for agent in _agents() if agent.id == agent_id), None)
    if agent is None:
        raise NotFound(gettext("This agent does not exist."))
    return agent


def _roles() -> list[tuple[str, str]]:
    roles = [role for role in Role if role != Role.ADMIN or current_agent().role == Role.ADMIN]
    return [(str(role), role_name(role)) for role in roles]


def _team_choices() -> list[tuple[str, str]]:
    return [(str(team.id), team.name) for team in _teams()]


def _agent_row(agent: AgentFacts, team_names: dict[int, str]) -> AgentRow:
    state = "disabled" if not agent.is_active else "active" if agent.has_password else "invited"
    return AgentRow(
        id=agent.id,
        name=agent.name,
        mark=avatar(agent.name, agent.id),
        email=agent.email,
        role=role_name(agent.role),
        state=state,
        teams=tuple(team_names[i] for i in agent.team_ids if i in team_names),
        has_two_factor=agent.has_two_factor,
    )


def _team_rows(teams: tuple[TeamFacts, ...], agents: tuple[AgentFacts, ...]) -> tuple[TeamRow, ...]:
    marks = {agent.id: avatar(agent.name, agent.id) for agent in agents}
    return tuple(
        TeamRow(team.id, team.name, tuple(marks[i] for i in team.member_ids if i in marks), team.open_count)
        for team in teams
    )
