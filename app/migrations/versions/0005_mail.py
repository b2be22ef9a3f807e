"""mail: bytes of events that wait for the worker; who vouches for a message; where threads were cut and tied; what a server holds; cases;
answers for later; an account's addresses; letterheads; files of drafts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)
_MACHINES_STAND_APART = """
UPDATE conversation SET is_apart = true
WHERE EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = conversation.id AND m.direction = 'inbound')
AND NOT EXISTS (
    SELECT 1 FROM message m WHERE m.conversation_id = conversation.id AND m.direction = 'inbound' AND m.kind = 'normal'
)
"""


def upgrade() -> None:
    op.add_column("inbound_event", sa.Column("payload", sa.LargeBinary(), nullable=True))
    op.add_column("message", sa.Column("authenticity", _json, nullable=True))
    op.add_column("message", sa.Column("warnings", _json, nullable=True))
    op.add_column("message", sa.Column("joined_by_id", _id, nullable=True))
    op.add_column("attachment", sa.Column("danger", sa.String(length=40), nullable=False, server_default=""))
    op.add_column(
        "contact_identity", sa.Column("bounce_status", sa.String(length=12), nullable=False, server_default="")
    )
    op.add_column("contact_identity", sa.Column("soft_bounces", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("contact_identity", "auto_replied_at")
    op.add_column("conversation", sa.Column("merged_into_id", _id, nullable=True))
    op.add_column(
        "channel_account", sa.Column("warns_of_silence", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("message", sa.Column("traits", _json, nullable=True))
    op.add_column("message", sa.Column("scheduled_at", _moment, nullable=True))
    op.add_column("message", sa.Column("cancels_on_reply", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("message", sa.Column("plan", _json, nullable=True))
    op.add_column("conversation", sa.Column("is_apart", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_MACHINES_STAND_APART)
    op.create_index("ix_conversation_case", "conversation", ["contact_id", "status", "is_apart", "active_at", "id"])
    op.add_column("contact", sa.Column("merged_into_id", _id, nullable=True))
    op.create_index("ix_message_contact", "message", ["contact_id"])
    is_scheduled = sa.text("scheduled_at IS NOT NULL")
    op.create_index(
        "ix_message_scheduled",
        "message",
        ["conversation_id"],
        sqlite_where=is_scheduled,
        postgresql_where=is_scheduled,
    )
    op.create_table(
        "account_address",
        sa.Column("account_id", _id, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["channel_account.id"],
            name=op.f("fk_account_address_account_id_channel_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "address", name=op.f("pk_account_address")),
    )
    op.create_index("ix_account_address_address", "account_address", ["address"])
    op.execute(
        "INSERT INTO account_address (account_id, address) "
        "SELECT id, lower(address) FROM channel_account WHERE address <> ''"
    )
    op.create_table(
        "letterhead",
        sa.Column("id", _id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("team_id", _id, nullable=True),
        sa.Column("account_id", _id, nullable=True),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("footer", sa.Text(), nullable=False),
        sa.Column("logo_sha256", sa.String(length=64), nullable=True),
        sa.Column("logo_type", sa.String(length=60), nullable=False),
        sa.Column("logo_bytes", sa.Integer(), nullable=False),
        sa.Column("logo_width", sa.Integer(), nullable=False),
        sa.Column("logo_height", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("changed_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_letterhead_team_id_team"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["channel_account.id"],
            name=op.f("fk_letterhead_account_id_channel_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letterhead")),
    )
    op.create_index("uq_letterhead_name", "letterhead", ["name"], unique=True)
    op.create_table(
        "known_domain",
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("last_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_known_domain")),
    )
    op.create_table(
        "automatic_answer",
        sa.Column("mailbox", sa.String(length=340), nullable=False),
        sa.Column("answered_at", _moment, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_automatic_answer")),
    )
    op.create_table(
        "thread_rule",
        sa.Column("id", _id, nullable=False),
        sa.Column("external_id", sa.String(length=500), nullable=False),
        sa.Column("conversation_id", _id, nullable=False),
        sa.Column("is_apart", sa.Boolean(), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_thread_rule_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_rule")),
    )
    op.create_index(
        "uq_thread_rule_external_id_conversation_id", "thread_rule", ["external_id", "conversation_id"], unique=True
    )
    op.create_index("ix_thread_rule_conversation_id", "thread_rule", ["conversation_id"])
    op.create_table(
        "reconciliation",
        sa.Column("account_id", _id, nullable=False),
        sa.Column("wanted_at", _moment, nullable=True),
        sa.Column("wants_repair", sa.Boolean(), nullable=False),
        sa.Column("lease_owner", sa.String(length=80), nullable=False),
        sa.Column("leased_until", _moment, nullable=True),
        sa.Column("started_at", _moment, nullable=True),
        sa.Column("finished_at", _moment, nullable=True),
        sa.Column("on_server", sa.Integer(), nullable=False),
        sa.Column("here", sa.Integer(), nullable=False),
        sa.Column("undelivered", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("places", _json, nullable=False),
        sa.Column("gaps", _json, nullable=False),
        sa.Column("problem", sa.String(length=1000), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("to_fetch", sa.Integer(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["channel_account.id"],
            name=op.f("fk_reconciliation_account_id_channel_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_reconciliation")),
    )
    op.create_table(
        "draft_file",
        sa.Column("id", _id, nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", _id, nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("goes_along", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("kept_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_draft_file_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agent_id", "conversation_id"],
            ["draft.agent_id", "draft.conversation_id"],
            name=op.f("fk_draft_file_agent_id_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_file")),
    )
    op.create_index("ix_draft_file_agent_id_conversation_id", "draft_file", ["agent_id", "conversation_id"])


def downgrade() -> None:
    op.drop_index("ix_conversation_case", "conversation")
    op.drop_index("ix_message_contact", "message")
    op.drop_index("ix_message_scheduled", "message")
    for table in (
        "draft_file",
        "reconciliation",
        "thread_rule",
        "automatic_answer",
        "known_domain",
        "letterhead",
        "account_address",
    ):
        op.drop_table(table)
    for table, column in (
        ("channel_account", "warns_of_silence"),
        ("conversation", "is_apart"),
        ("conversation", "merged_into_id"),
        ("contact", "merged_into_id"),
        ("contact_identity", "soft_bounces"),
        ("contact_identity", "bounce_status"),
        ("attachment", "danger"),
        ("message", "plan"),
        ("message", "cancels_on_reply"),
        ("message", "scheduled_at"),
        ("message", "traits"),
        ("message", "joined_by_id"),
        ("message", "warnings"),
        ("message", "authenticity"),
        ("inbound_event", "payload"),
    ):
        op.drop_column(table, column)
    op.add_column("contact_identity", sa.Column("auto_replied_at", _moment, nullable=True))
