"""Make the table of entries."""

import sqlalchemy as sa
from alembic import op

revision = "ledgerbook_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "plugin_ledgerbook_entry",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("written_at", sa.DateTime, nullable=False),
    )
