"""Tests of forms, and how far each of them came."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "plugin_webform_check",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("nonce", sa.String(60), nullable=False, unique=True),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("began_by", sa.String(200), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("conversation", sa.Integer),
        sa.Column("message_id", BIG, index=True),
    )
    op.create_index("plugin_webform_check_account", "plugin_webform_check", ["account_id", "id"])


def downgrade() -> None:
    op.drop_table("plugin_webform_check")
