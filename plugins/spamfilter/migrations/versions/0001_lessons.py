"""What was learnt of each mark, and the messages that can still be learnt from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    mark = op.create_table(
        "plugin_spamfilter_mark",
        sa.Column("mark", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("spam", sa.Integer, nullable=False),
        sa.Column("ham", sa.Integer, nullable=False),
        sa.Column("day", sa.Integer, nullable=False, index=True),
    )
    op.create_table(
        "plugin_spamfilter_seen",
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("conversation_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("marks", sa.LargeBinary, nullable=False),
        sa.Column("lesson", sa.String(4), nullable=False),
        sa.Column("verdict", sa.String(6), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False, index=True),
    )
    op.bulk_insert(mark, [{"mark": 0, "spam": 0, "ham": 0, "day": 0}])


def downgrade() -> None:
    op.drop_table("plugin_spamfilter_seen")
    op.drop_table("plugin_spamfilter_mark")
