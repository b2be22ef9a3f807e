"""channels: what providers say about messages, pictures of contacts, events that are completed later"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "message_reaction",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sender_kind", sa.String(length=40), nullable=False),
        sa.Column("sender_value", sa.String(length=320), nullable=False),
        sa.Column("sender_name", sa.String(length=200), nullable=False),
        sa.Column("emoji", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_reaction_message_id_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "sender_kind", "sender_value", name=op.f("pk_message_reaction")),
    )
    op.add_column("message", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("choice", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("contact_identity", sa.Column("picture_sha256", sa.String(length=64), nullable=True))
    op.add_column("inbound_event", sa.Column("files", _JSON, nullable=False, server_default="{}"))
    op.add_column(
        "inbound_event", sa.Column("is_complete", sa.Boolean(), nullable=False, server_default=sa.text("true"))
    )


def downgrade() -> None:
    op.drop_column("inbound_event", "is_complete")
    op.drop_column("inbound_event", "files")
    op.drop_column("contact_identity", "picture_sha256")
    for name in ("choice", "read_at", "delivered_at", "removed_at", "edited_at"):
        op.drop_column("message", name)
    op.drop_table("message_reaction")
