"""Makes a table and breaks off."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("plugin_broken_migration_note", sa.Column("id", sa.Integer(), primary_key=True))
    raise ArithmeticError("half of the tables are enough")


def downgrade() -> None:
    op.drop_table("plugin_broken_migration_note")
