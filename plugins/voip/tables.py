"""The plugin's tables: calls and their legs, recordings, and where agents can be rung. Migrations make them."""

from sqlalchemy import Boolean, Column, Integer, MetaData, Numeric, String, Table, Text, UniqueConstraint

from tidings.tables import BigId, UTCDateTime

__all__ = ["AGENT", "CALL", "LEG", "RECORDING"]

_metadata = MetaData()

CALL = Table(
    "plugin_voip_call",
    _metadata,
    Column("id", BigId, primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("driver", String(20), nullable=False),
    Column("call_id", String(200), nullable=False),
    Column("direction", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("our_number", String(40), nullable=False),
    Column("their_number", String(40), nullable=False),
    Column("their_name", String(200), nullable=False),
    Column("queue", String(80), nullable=False),
    Column("menu_choice", String(80), nullable=False),
    Column("agent_id", Integer),
    Column("agent_name", String(200), nullable=False),
    Column("started_at", UTCDateTime, nullable=False),
    Column("waiting_since", UTCDateTime),
    Column("answered_at", UTCDateTime),
    Column("ended_at", UTCDateTime),
    Column("told_duration_s", Integer),
    Column("expects_recording", Boolean, nullable=False),
    Column("is_private", Boolean, nullable=False),
    Column("cost", Numeric(12, 5)),
    Column("currency", String(3), nullable=False),
    Column("transcript", Text, nullable=False),
    Column("changed_at", UTCDateTime, nullable=False),
    Column("filed_at", UTCDateTime),
    Column("told_at", UTCDateTime),
    Column("conversation", Integer),
    UniqueConstraint("account_id", "call_id"),
)
"""`filed_at`: when it was settled what the inbox is told; `told_at`: when it was told for certain.
`conversation`: the number of the conversation it stands in."""

RECORDING = Table(
    "plugin_voip_recording",
    _metadata,
    Column("id", BigId, primary_key=True),
    Column("call", BigId, nullable=False),
    Column("external_id", String(200), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("duration_s", Integer, nullable=False),
    Column("file", String(300), nullable=False),
    Column("content_type", String(80), nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    Column("filed_at", UTCDateTime),
    Column("told_at", UTCDateTime),
    Column("fetched_at", UTCDateTime),
    Column("deleted_at", UTCDateTime),
    Column("provider_deleted_at", UTCDateTime),
    UniqueConstraint("call", "external_id"),
)
"""`call` is the id in CALL. One with the call's own `filed_at` is part of the call's message, a later one is a message of its own.
`fetched_at`: when its sound came from the provider. `deleted_at`: when the time to keep it was over."""

LEG = Table(
    "plugin_voip_leg",
    _metadata,
    Column("id", BigId, primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("call", BigId, nullable=False),
    Column("leg_id", String(200), nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("began_at", UTCDateTime, nullable=False),
)
"""A telephone of ours that was rung for a call: `leg_id` is the provider's id of that call; `state`: wished, ringing, answered, over."""

AGENT = Table(
    "plugin_voip_agent",
    _metadata,
    Column("agent_id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("number", String(40), nullable=False),
    Column("is_available", Boolean, nullable=False),
    Column("changed_at", UTCDateTime, nullable=False),
    Column("rung_at", UTCDateTime),
)
"""An agent's own telephone and whether calls should come there; `rung_at` puts them in turn."""
