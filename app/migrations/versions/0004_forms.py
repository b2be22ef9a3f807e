"""forms: phones of contacts, answers in messages, short addresses of plugins' pages"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("phone", sa.String(length=60), nullable=False, server_default=""))
    answers = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column("message", sa.Column("answers", answers, nullable=True))
    op.create_table(
        "short_address",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("plugin", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_short_address")),
    )
    op.create_index("ix_short_address_plugin", "short_address", ["plugin"])


def downgrade() -> None:
    op.drop_index("ix_short_address_plugin", table_name="short_address")
    op.drop_table("short_address")
    op.drop_column("message", "answers")
    op.drop_column("contact", "phone")
