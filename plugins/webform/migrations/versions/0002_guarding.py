"""What is remembered for a while to tell attacks: how many suspicious posts came, which sums were handed in, what texts were about."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "plugin_webform_pressure",
        sa.Column("minute", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("posts", sa.Integer, nullable=False),
    )
    op.create_table(
        "plugin_webform_solved",
        sa.Column("nonce", sa.String(64), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "plugin_webform_print",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("message", sa.String(32), nullable=False, index=True),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("at", MOMENT, nullable=False, index=True),
    )
    op.create_index("plugin_webform_print_mark", "plugin_webform_print", ["mark", "at"])


def downgrade() -> None:
    for name in ("print", "solved", "pressure"):
        op.drop_table(f"plugin_webform_{name}")
