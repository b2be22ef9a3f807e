"""People: agents and teams. Passwords are hashed by Flask-Security; links for setting one work once and for a limited time."""

import secrets
from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import func, select

from app.domain.roles import Permission, Role
from app.domain.text import clean_line
from app.errors import Conflict, InvalidInput, NotFound
from app.models import Agent, Team
from app.services.audit import audit
from app.services.core import Actor, Core, Unit, require, writing

__all__ = [
    "agent_of_link",
    "create_agent",
    "create_first_admin",
    "create_team",
    "delete_team",
    "has_agents",
    "make_link",
    "set_active",
    "set_password",
    "set_role",
    "sign_out_everywhere",
    "update_profile",
    "update_team",
]

SHORTEST_PASSWORD = 10
LINK_AGE_S = 3 * 86400


def has_agents(core: Core) -> bool:
    """False until the first admin exists."""
    return core.session.execute(select(Agent.id).limit(1)).first() is not None


def create_first_admin(
    core: Core, *, name: str, email: str, password: str, language: str = "en", timezone: str = "UTC"
) -> int:
    """Make the first admin. Raises `Conflict` when there is an agent already, `InvalidInput` for a bad address or password."""
    _check_password(password, email)
    with writing(core) as unit:
        if unit.session.execute(select(Agent.id).limit(1)).first() is not None:
            raise Conflict("Tidings is set up already. Sign in instead.")
        agent = _add(unit, name=name, email=email, role=Role.ADMIN, language=language)
        agent.timezone = timezone[:64]
        agent.password = hash_password(password)
        audit(unit, Actor.of(agent), "agent.created", agent.email, role=str(Role.ADMIN))
        return agent.id


def create_agent(core: Core, actor: Actor, *, name: str, email: str, role: str) -> int:
    """Make an agent without a password; give them a link from `make_link`. Raises `InvalidInput` or `Conflict`."""
    require(actor, Permission.PEOPLE)
    _check_role(actor, role)
    with writing(core) as unit:
        agent = _add(unit, name=name, email=email, role=Role(role))
        audit(unit, actor, "agent.created", agent.email, role=role)
        return agent.id


def make_link(core: Core, agent_id: int) -> str:
    """The address where an agent sets a password; it works for three days and until a password is set."""
    agent = _get(core, agent_id)
    token = _serializer(core).dumps([agent.id, _fingerprint(agent)])
    return f"{core.config.address}/welcome/{token}"


def agent_of_link(core: Core, token: str) -> int:
    """The agent a link belongs to. Raises `NotFound` when it is forged, used or too old."""
    for serializer in _serializers(core):
        try:
            agent_id, fingerprint = serializer.loads(token, max_age=LINK_AGE_S)
        except SignatureExpired:
            raise NotFound("This link is too old. Ask for a new one.") from None
        except (BadSignature, ValueError, TypeError):
            continue
        agent = core.session.get(Agent, agent_id)
        if agent is not None and agent.active and _fingerprint(agent) == fingerprint:
            return agent.id
    raise NotFound("This link has been used or is not complete. Ask for a new one.")


def set_password(core: Core, agent_id: int, password: str) -> None:
    """Set a password and sign out all sessions. Raises `InvalidInput` when it is too weak."""
    agent = _get(core, agent_id)
    _check_password(password, agent.email)
    hashed = hash_password(password)
    with writing(core) as unit:
        agent = unit.session.get_one(Agent, agent_id)
        agent.password = hashed
        agent.fs_uniquifier = secrets.token_hex(32)
        audit(unit, Actor.of(agent), "agent.password_set", agent.email)


def sign_out_everywhere(core: Core, actor: Actor, agent_id: int) -> None:
    """End all sessions of an agent."""
    if actor.agent_id != agent_id:
        require(actor, Permission.PEOPLE)
    with writing(core) as unit:
        agent = _load(unit, agent_id)
        agent.fs_uniquifier = secrets.token_hex(32)
        audit(unit, actor, "agent.signed_out", agent.email)


def set_active(core: Core, actor: Actor, agent_id: int, is_active: bool) -> None:
    """Disable an agent (all sessions end at once) or let them back in. The last admin cannot be disabled."""
    require(actor, Permission.PEOPLE)
    with writing(core) as unit:
        agent = _load(unit, agent_id)
        if not is_active:
            _keep_an_admin(unit, agent)
            agent.fs_uniquifier = secrets.token_hex(32)
        agent.active = is_active
        audit(unit, actor, "agent.enabled" if is_active else "agent.disabled", agent.email)


def set_role(core: Core, actor: Actor, agent_id: int, role: str) -> None:
    """Change an agent's role. The last admin stays one; only admins make admins."""
    require(actor, Permission.PEOPLE)
    _check_role(actor, role)
    with writing(core) as unit:
        agent = _load(unit, agent_id)
        if agent.role == Role.ADMIN and actor.role != Role.ADMIN:
            raise InvalidInput("Only an admin can change an admin.", {"role": "Ask an admin."})
        if role != Role.ADMIN:
            _keep_an_admin(unit, agent)
        agent.role = Role(role)
        audit(unit, actor, "agent.role", agent.email, role=role)


def update_profile(
    core: Core, actor: Actor, *, name: str, language: str, timezone: str, theme: str, signature: str
) -> None:
    """Change what an agent may change of themselves."""
    with writing(core) as unit:
        agent = _load(unit, actor.agent_id)
        agent.name = clean_line(name, 120) or agent.name
        agent.language, agent.timezone, agent.theme = language[:12], timezone[:64], theme[:12]
        agent.signature = signature[:2000]


def create_team(core: Core, actor: Actor, name: str, member_ids: Sequence[int] = ()) -> int:
    """Make a team. Raises `InvalidInput` for an empty or taken name."""
    require(actor, Permission.TEAMS)
    with writing(core) as unit:
        team = Team(name=_team_name(unit, name, None))
        team.members = list(unit.session.scalars(select(Agent).where(Agent.id.in_(member_ids))))
        unit.session.add(team)
        unit.session.flush()
        audit(unit, actor, "team.created", team.name)
        return team.id


def update_team(core: Core, actor: Actor, team_id: int, name: str, member_ids: Sequence[int]) -> None:
    """Rename a team and set its members."""
    require(actor, Permission.TEAMS)
    with writing(core) as unit:
        team = unit.session.get(Team, team_id)
        if team is None:
            raise NotFound("This team does not exist.")
        team.name = _team_name(unit, name, team_id)
        team.members = list(unit.session.scalars(select(Agent).where(Agent.id.in_(member_ids))))
        audit(unit, actor, "team.changed", team.name)


def delete_team(core: Core, actor: Actor, team_id: int) -> None:
    """Remove a team. Raises `Conflict` while conversations are with it."""
    from app.models import Conversation

    require(actor, Permission.TEAMS)
    with writing(core) as unit:
        team = unit.session.get(Team, team_id)
        if team is None:
            raise NotFound("This team does not exist.")
        used = unit.session.scalar(
            select(func.count()).select_from(Conversation).where(Conversation.team_id == team_id)
        )
        if used:
            raise Conflict(f"{used} conversations are with this team. Move them first.")
        audit(unit, actor, "team.removed", team.name)
        unit.session.delete(team)


def _add(unit: Unit, *, name: str, email: str, role: Role, language: str = "") -> Agent:
    name, email = clean_line(name, 120), checked_email(email)
    if not name:
        raise InvalidInput("A name is needed.", {"name": "Give a name."})
    if unit.session.execute(select(Agent.id).where(Agent.email == email)).first() is not None:
        raise InvalidInput("There is an agent with this address already.", {"email": "This address is taken."})
    agent = Agent(
        name=name,
        email=email,
        role=role,
        language=language,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        created_at=unit.now,
    )
    unit.session.add(agent)
    unit.session.flush()
    return agent


def checked_email(email: str) -> str:
    """The address in the form it is stored. Raises `InvalidInput`."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise InvalidInput(
            "This is not an e-mail address.", {"email": "Give an address such as ada@example.com."}
        ) from None


def _check_password(password: str, email: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        text = f"Use at least {SHORTEST_PASSWORD} characters."
        raise InvalidInput("This password is too short.", {"password": text})
    if len(set(password)) < 5 or password.lower() in (email.lower(), "passwordpassword", "1234567890"):
        raise InvalidInput("This password is too easy to guess.", {"password": "Use several words."})


def _check_role(actor: Actor, role: str) -> None:
    if role not in set(Role):
        raise InvalidInput("Unknown role.", {"role": "Choose agent, lead, manager or admin."})
    if role == Role.ADMIN and actor.role != Role.ADMIN:
        raise InvalidInput("Only an admin can make an admin.", {"role": "Choose another role."})


def _keep_an_admin(unit: Unit, agent: Agent) -> None:
    if agent.role != Role.ADMIN:
        return
    others = unit.session.scalar(
        select(func.count()).select_from(Agent).where(Agent.role == Role.ADMIN, Agent.active, Agent.id != agent.id)
    )
    if not others:
        raise Conflict("This is the only admin. Make somebody else an admin first.")


def _team_name(unit: Unit, name: str, team_id: int | None) -> str:
    name = clean_line(name, 80)
    if not name:
        raise InvalidInput("A team needs a name.", {"name": "Give the team a name."})
    taken = unit.session.scalar(select(Team.id).where(Team.name == name))
    if taken is not None and taken != team_id:
        raise InvalidInput("There is a team of this name already.", {"name": "Choose another name."})
    return name


def _load(unit: Unit, agent_id: int | None) -> Agent:
    agent = unit.session.get(Agent, agent_id) if agent_id is not None else None
    if agent is None:
        raise NotFound("This agent does not exist.")
    return agent


def _get(core: Core, agent_id: int) -> Agent:
    agent = core.session.get(Agent, agent_id)
    if agent is None:
        raise NotFound("This agent does not exist.")
    return agent


def _fingerprint(agent: Agent) -> str:
    """Changes when a password is set, so that a link works once."""
    return agent.fs_uniquifier[:16]


def _serializer(core: Core) -> URLSafeTimedSerializer:
    return _serializers(core)[0]


def _serializers(core: Core) -> list[URLSafeTimedSerializer]:
    return [URLSafeTimedSerializer(key, salt="agent link") for key in core.vault.derived("links")]
