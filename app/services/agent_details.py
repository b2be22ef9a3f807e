"""What managers change of an agent beside role and access: name, address, teams, and a lost second factor."""

from collections.abc import Sequence

from sqlalchemy import select

from app.domain.roles import Permission, Role
from app.domain.text import clean_line
from app.errors import InvalidInput, NotFound
from app.models import Agent, Team
from app.services.agents import checked_email
from app.services.audit import audit
from app.services.core import Actor, Core, Unit, require, writing

__all__ = ["change_agent", "reset_two_factor", "set_teams"]


def change_agent(core: Core, actor: Actor, agent_id: int, *, name: str, email: str) -> None:
    """Change name and address. Raises `InvalidInput` for an empty name or an address that is none or taken."""
    require(actor, Permission.PEOPLE)
    name, email = clean_line(name, 120), checked_email(email)
    if not name:
        raise InvalidInput("A name is needed.", {"name": "Give a name."})
    with writing(core) as unit:
        agent = _load(unit, actor, agent_id)
        if agent.name == name and agent.email == email:
            return
        taken = unit.session.scalar(select(Agent.id).where(Agent.email == email, Agent.id != agent_id))
        if taken is not None:
            raise InvalidInput("There is an agent with this address already.", {"email": "This address is taken."})
        audit(unit, actor, "agent.changed", agent.email, **({"email": email} if email != agent.email else {}))
        agent.name, agent.email = name, email


def set_teams(core: Core, actor: Actor, agent_id: int, team_ids: Sequence[int]) -> None:
    """Say which teams an agent is in. Teams that do not exist are left out."""
    require(actor, Permission.PEOPLE)
    with writing(core) as unit:
        agent = _load(unit, actor, agent_id)
        teams = list(unit.session.scalars(select(Team).where(Team.id.in_(list(team_ids))).order_by(Team.id)))
        if {team.id for team in agent.teams} != {team.id for team in teams}:
            agent.teams = teams
            audit(unit, actor, "agent.changed", agent.email, teams=", ".join(team.name for team in teams))


def reset_two_factor(core: Core, actor: Actor, agent_id: int) -> None:
    """Switch off the second factor of an agent who lost it. Nothing happens when there is none."""
    require(actor, Permission.PEOPLE)
    with writing(core) as unit:
        agent = _load(unit, actor, agent_id)
        if agent.tf_primary_method is not None:
            agent.tf_primary_method = agent.tf_totp_secret = None
            agent.mf_recovery_codes = None
            audit(unit, actor, "agent.two_factor_reset", agent.email)


def _load(unit: Unit, actor: Actor, agent_id: int) -> Agent:
    """The agent, locked; only admins reach for admins."""
    agent = unit.session.get(Agent, agent_id, with_for_update=True)
    if agent is None:
        raise NotFound("This agent does not exist.")
    if agent.role == Role.ADMIN and actor.role != Role.ADMIN:
        raise InvalidInput("Only an admin can change an admin.", {"name": "Ask an admin."})
    return agent
