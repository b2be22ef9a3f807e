"""Configured accounts of channels."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id, Json, UTCDateTime

__all__ = ["AccountAddress", "ChannelAccount"]


class ChannelAccount(db.Model):
    """One mailbox, page, form or number. `secrets` is an encrypted JSON object; `state` is active, paused or needs_reauth.

    `cursor` says how far reading has come. A process that polls the account holds its lease until `leased_until`.
    """

    __tablename__ = "channel_account"

    id: Mapped[Id]
    plugin: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(320), default="")
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    secrets: Mapped[str] = mapped_column(Text, default="")
    team_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("team.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    state: Mapped[str] = mapped_column(String(20), default="active")
    cursor: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    backfill_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    progress: Mapped[str] = mapped_column(String(200), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str] = mapped_column(String(1000), default="")
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_owner: Mapped[str] = mapped_column(String(80), default="")
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    """Grows with each change of settings or state, so that a running poller notices."""
    warns_of_silence: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    """Whether admins are told when unusually little comes."""


class AccountAddress(db.Model):
    """Where an account is written to, in small letters; "*@example.com" is each address of a domain. Accounts may share one."""

    __tablename__ = "account_address"

    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("channel_account.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str] = mapped_column(String(320), primary_key=True)

    __table_args__ = (Index("ix_account_address_address", "address"),)
