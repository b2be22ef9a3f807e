"""Makes a table, and adds a column to a table that is not ours."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("plugin_foreign_migration_note", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("contact", sa.Column("owned", sa.Integer()))


def downgrade() -> None:
    op.drop_table("plugin_foreign_migration_note")
