"""Which messages of Gmail are which of ours, which labels are still to be changed there, which mailboxes are still to be connected."""

import sqlalchemy as sa
from alembic import op

from tidings.tables import BigId, Json

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "plugin_gmail_message",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("gmail_id", sa.String(40), nullable=False),
        sa.Column("thread_id", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(500), nullable=False),
        sa.Column("sent_as", sa.String(500), nullable=False),
        sa.Column("conversation_id", BigId),
    )
    for columns in (
        ["account_id", "gmail_id"],
        ["account_id", "thread_id"],
        ["external_id"],
        ["sent_as"],
        ["conversation_id"],
    ):
        op.create_index(f"ix_plugin_gmail_message_{columns[-1]}", "plugin_gmail_message", columns)
    op.create_table(
        "plugin_gmail_label_change",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("thread_id", sa.String(40), nullable=False),
        sa.Column("add_labels", Json, nullable=False),
        sa.Column("remove_labels", Json, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_plugin_gmail_label_change_thread_id", "plugin_gmail_label_change", ["account_id", "thread_id"])
    op.create_index("ix_plugin_gmail_label_change_due_at", "plugin_gmail_label_change", ["due_at"])
    op.create_table(
        "plugin_gmail_wish",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("is_done", sa.Boolean, nullable=False),
        sa.Column("account_id", BigId),
        sa.Column("problem", sa.String(1000), nullable=False),
    )


def downgrade():
    op.drop_table("plugin_gmail_wish")
    op.drop_table("plugin_gmail_label_change")
    op.drop_table("plugin_gmail_message")
