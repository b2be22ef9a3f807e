"""Calls, their recordings and legs, and the telephones of agents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _make_calls()
    _make_recordings()
    _make_legs()
    _make_agents()


def downgrade() -> None:
    for name in ("agent", "leg", "recording", "call"):
        op.drop_table(f"plugin_voip_{name}")


def _make_calls() -> None:
    op.create_table(
        "plugin_voip_call",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("driver", sa.String(20), nullable=False),
        sa.Column("call_id", sa.String(200), nullable=False),
        sa.Column("direction", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("our_number", sa.String(40), nullable=False),
        sa.Column("their_number", sa.String(40), nullable=False, index=True),
        sa.Column("their_name", sa.String(200), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("menu_choice", sa.String(80), nullable=False),
        sa.Column("agent_id", sa.Integer),
        sa.Column("agent_name", sa.String(200), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False, index=True),
        sa.Column("waiting_since", MOMENT),
        sa.Column("answered_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("told_duration_s", sa.Integer),
        sa.Column("expects_recording", sa.Boolean, nullable=False),
        sa.Column("is_private", sa.Boolean, nullable=False),
        sa.Column("cost", sa.Numeric(12, 5)),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("transcript", sa.Text, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("filed_at", MOMENT, index=True),
        sa.Column("told_at", MOMENT),
        sa.Column("conversation", sa.Integer),
        sa.UniqueConstraint("account_id", "call_id", name="plugin_voip_call_id"),
    )


def _make_recordings() -> None:
    op.create_table(
        "plugin_voip_recording",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("call", BIG, nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("duration_s", sa.Integer, nullable=False),
        sa.Column("file", sa.String(300), nullable=False),
        sa.Column("content_type", sa.String(80), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False, index=True),
        sa.Column("filed_at", MOMENT, index=True),
        sa.Column("told_at", MOMENT),
        sa.Column("fetched_at", MOMENT),
        sa.Column("deleted_at", MOMENT),
        sa.Column("provider_deleted_at", MOMENT),
        sa.UniqueConstraint("call", "external_id", name="plugin_voip_recording_id"),
    )


def _make_legs() -> None:
    op.create_table(
        "plugin_voip_leg",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("call", BIG, nullable=False, index=True),
        sa.Column("leg_id", sa.String(200), nullable=False, unique=True),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
    )


def _make_agents() -> None:
    op.create_table(
        "plugin_voip_agent",
        sa.Column("agent_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("is_available", sa.Boolean, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("rung_at", MOMENT),
    )
