"""Agents and teams: names for choices and marks, rows for the pages about people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import Agent, Team, team_member
from app.queries.counters import counters_like

__all__ = ["AgentFacts", "AgentName", "TeamFacts", "agent_names", "agents_in_full", "team_names", "teams_in_full"]

_AGENT_NAMES = select(Agent.id, Agent.name, Agent.email, Agent.active).order_by(Agent.name, Agent.id)
_TEAM_NAMES = select(Team.id, Team.name).order_by(Team.name)


@dataclass(frozen=True, slots=True)
class AgentName:
    """An agent where only the name matters. `is_active` is False for those who left."""

    id: int
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """An agent on the page of people. `has_password` is False while the invitation was not used."""

    id: int
    name: str
    email: str
    role: str
    is_active: bool
    has_password: bool
    has_two_factor: bool
    created_at: datetime
    team_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """A team with the ids of its members and the number of its open conversations."""

    id: int
    name: str
    member_ids: tuple[int, ...] = field(default=())
    open_count: int = 0


def agent_names(session: Session | scoped_session) -> Mapping[int, AgentName]:
    """All agents by id, in the order of their names."""
    return {
        row.id: AgentName(row.id, row.name or row.email, row.active)
        for row in session.connection().execute(_AGENT_NAMES)
    }


def team_names(session: Session | scoped_session) -> Mapping[int, str]:
    """All teams by id, in the order of their names."""
    return {row.id: row.name for row in session.connection().execute(_TEAM_NAMES)}


def agents_in_full(session: Session | scoped_session) -> tuple[AgentFacts, ...]:
    """All agents, those who can sign in first."""
    columns = (
        Agent.id,
        Agent.name,
        Agent.email,
        Agent.role,
        Agent.active,
        Agent.password.is_not(None).label("has_password"),
        Agent.tf_primary_method.is_not(None).label("has_two_factor"),
        Agent.created_at,
    )
    rows = session.execute(select(*columns).order_by(Agent.active.desc(), Agent.name, Agent.id)).all()
    teams: dict[int, list[int]] = {}
    for team_id, agent_id in _memberships(session):
        teams.setdefault(agent_id, []).append(team_id)
    return tuple(
        AgentFacts(
            id=row.id,
            name=row.name or row.email,
            email=row.email,
            role=row.role,
            is_active=row.active,
            has_password=bool(row.has_password),
            has_two_factor=bool(row.has_two_factor),
            created_at=row.created_at,
            team_ids=tuple(teams.get(row.id, ())),
        )
        for row in rows
    )


def teams_in_full(session: Session | scoped_session) -> tuple[TeamFacts, ...]:
    """All teams with members and open conversations, by name."""
    members: dict[int, list[int]] = {}
    for team_id, agent_id in _memberships(session):
        members.setdefault(team_id, []).append(agent_id)
    counts = counters_like(session, "open:team:")
    return tuple(
        TeamFacts(team_id, name, tuple(members.get(team_id, ())), counts.get(str(team_id), 0))
        for team_id, name in team_names(session).items()
    )


def _memberships(session: Session | scoped_session):
    return session.execute(select(team_member.c.team_id, team_member.c.agent_id).order_by(team_member.c.agent_id))
