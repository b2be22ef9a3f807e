"""Staff: agents and teams. The sign-in columns are those Flask-Security asks of a user model."""

from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from flask_security.datastore import AsaList
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, Table
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.roles import permissions_of
from app.extensions import Base, db
from app.models.types import BigId, Id, UTCDateTime

__all__ = ["Agent", "AgentRole", "Team", "team_member"]

team_member = Table(
    "team_member",
    Base.metadata,
    Column("team_id", BigId, ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    Column("agent_id", Integer, ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True),
)


class AgentRole(RoleMixin):
    """An agent's role in the shape Flask-Security asks for; the roles themselves are fixed, see `app.domain.roles`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions = sorted(permissions_of(name))


class Agent(db.Model, UserMixin):
    """Somebody who answers. `active` is False for those who left; their name stays on what they wrote."""

    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    mf_recovery_codes: Mapped[Any] = mapped_column(MutableList.as_mutable(AsaList()), nullable=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    name: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[str] = mapped_column(String(12), default="agent")
    language: Mapped[str] = mapped_column(String(12), default="")
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    theme: Mapped[str] = mapped_column(String(12), default="system")
    signature: Mapped[str] = mapped_column(String(2000), default="")

    teams: Mapped[list["Team"]] = relationship(secondary=team_member, back_populates="members")

    @property
    def roles(self) -> list[AgentRole]:
        return [AgentRole(self.role)]


class Team(db.Model):
    """A group that conversations can be handed to."""

    __tablename__ = "team"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    members: Mapped[list[Agent]] = relationship(secondary=team_member, back_populates="teams")
