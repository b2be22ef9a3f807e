"""Staff: `people/index.html` gets `page: PeoplePage`, `people/edit.html` `AgentPage`, `people/teams.html` `TeamsPage`,
`people/invite.html` `InvitePage`.

Also the profile: `profile/show.html` gets `page: ProfilePage`.
"""

from dataclasses import dataclass
from datetime import datetime

from .shell import Avatar


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent. `state` is active, invited or disabled; `role` is translated."""

    id: int
    name: str
    mark: Avatar
    email: str
    role: str
    state: str = "active"
    teams: tuple[str, ...] = ()
    has_two_factor: bool = False
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One team."""

    id: int
    name: str
    members: tuple[Avatar, ...] = ()
    open_count: int = 0


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that is shown once: an invitation or a new password."""

    name: str
    url: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """All agents and teams; `link` is shown once, right after an invitation."""

    agents: tuple[AgentRow, ...]
    teams: tuple[TeamRow, ...]
    may_change: bool = False
    link: OneTimeLink | None = None


@dataclass(frozen=True, slots=True)
class InvitePage:
    """Invite an agent; `form` holds name, email, role, teams."""

    form: object


@dataclass(frozen=True, slots=True)
class AgentPage:
    """One agent to change; `form` holds name, email, role, teams. A disabled agent cannot sign in."""

    agent: AgentRow
    form: object
    is_self: bool = False
    link: OneTimeLink | None = None


@dataclass(frozen=True, slots=True)
class TeamsPage:
    """All teams; `form` holds name and members. `team` is the one being changed, None for a new one."""

    teams: tuple[TeamRow, ...]
    form: object
    team: TeamRow | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is signed in."""

    id: str
    device: str
    address: str
    last_seen_at: datetime
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """The agent's own page; `form` holds name, language, time_zone, signature, shortcuts_enabled."""

    form: object
    has_two_factor: bool
    sessions: tuple[SessionRow, ...]
    recovery_codes_left: int | None = None
