"""Published versions of forms, drafts, and which version each submission was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "plugin_webform_version",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("account_id", "number", name="plugin_webform_version_number"),
    )
    op.create_table(
        "plugin_webform_draft",
        sa.Column("account_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("definition", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "plugin_webform_submission",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("external_id", sa.String(200), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.Integer, index=True),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    for name in ("submission", "draft", "version"):
        op.drop_table(f"plugin_webform_{name}")
