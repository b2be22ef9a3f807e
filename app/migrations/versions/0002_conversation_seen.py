"""what each agent has seen of a conversation"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "conversation_seen",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", _BIG, nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_conversation_seen_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_seen_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", name=op.f("pk_conversation_seen")),
    )
    op.create_index("ix_conversation_seen_conversation_id", "conversation_seen", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("conversation_seen")
