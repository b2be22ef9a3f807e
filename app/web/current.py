"""Who and what a request is about: the installation, and the agent who is signed in. The only place that reads `flask.g` for them."""

from dataclasses import dataclass

from flask import current_app, g, has_request_context
from flask_security import current_user

from app.domain.events import Viewer
from app.domain.roles import Permission, may
from app.errors import NotAllowed
from app.services.core import Actor, Core, require

__all__ = [
    "SignedIn",
    "current_actor",
    "current_agent",
    "current_core",
    "current_viewer",
    "may_do",
    "require_permission",
    "signed_in",
    "view_as_nobody",
]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The agent who asks, as they were when the request began; outlives any transaction of the request."""

    id: int
    name: str
    email: str
    role: str
    language: str
    timezone: str
    theme: str
    signature: str
    has_two_factor: bool
    recovery_codes_left: int

    @property
    def actor(self) -> Actor:
        return Actor(agent_id=self.id, name=self.name, role=self.role)


def current_core() -> Core:
    """The installation."""
    return current_app.extensions["tidings"]


def signed_in() -> SignedIn | None:
    """The agent who asks, or None for anybody else."""
    if "agent" not in g:
        g.agent = _snapshot()
    return g.agent


def current_viewer() -> Viewer | None:
    """The agent who asks, as plugins know them; None on public pages and outside of requests."""
    agent = signed_in() if has_request_context() and not g.get("is_for_anybody") else None
    return Viewer(agent.id, agent.name, agent.role) if agent is not None else None


def view_as_nobody() -> None:
    """The page that is made is a public one: whoever opens it, plugins see nobody."""
    g.is_for_anybody = True


def current_agent() -> SignedIn:
    """The agent who asks. Raises `NotAllowed` when nobody is signed in."""
    agent = signed_in()
    if agent is None:
        raise NotAllowed("Sign in first.")
    return agent


def current_actor() -> Actor:
    """The agent who asks, as services want them. Raises `NotAllowed` when nobody is signed in."""
    return current_agent().actor


def may_do(permission: Permission) -> bool:
    """Whether the agent who asks has the permission."""
    return may(current_agent().role, permission)


def require_permission(permission: Permission) -> None:
    """Raise `NotAllowed` unless the agent who asks has the permission."""
    require(current_actor(), permission)


def _snapshot() -> SignedIn | None:
    if not current_user or not current_user.is_authenticated:
        return None
    return SignedIn(
        id=current_user.id,
        name=current_user.name or current_user.email,
        email=current_user.email,
        role=current_user.role,
        language=current_user.language or "",
        timezone=current_user.timezone or "UTC",
        theme=current_user.theme if current_user.theme in ("light", "dark") else "auto",
        signature=current_user.signature or "",
        has_two_factor=bool(current_user.tf_primary_method),
        recovery_codes_left=len(current_user.mf_recovery_codes or ()),
    )
