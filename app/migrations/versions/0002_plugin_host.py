"""plugin host: health over all processes, jobs, notices, history of settings"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook_sample",
        sa.Column("hook", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hook", name=op.f("pk_hook_sample")),
    )
    op.create_table(
        "missed_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plugin", sa.String(length=40), nullable=False),
        sa.Column("hook", sa.String(length=80), nullable=False),
        sa.Column(
            "arguments", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("payload_version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_event")),
    )
    with op.batch_alter_table("missed_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_missed_event_created_at"), ["created_at"], unique=False)
        batch_op.create_index("ix_missed_event_due", ["state", "id"], unique=False)
        batch_op.create_index("ix_missed_event_of_plugin", ["plugin", "hook", "id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column(
            "data", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=False),
        sa.Column("mail_state", sa.String(length=12), nullable=False),
        sa.Column("mail_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_attempts", sa.Integer(), nullable=False),
        sa.Column("mail_error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_open", ["closed_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_subject"), ["subject"], unique=False)
        batch_op.create_index(
            "uq_notice_open_subject",
            ["subject"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "plugin_breaker",
        sa.Column("plugin", sa.String(length=40), nullable=False),
        sa.Column("hook", sa.String(length=80), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times_opened", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "hook", name=op.f("pk_plugin_breaker")),
    )
    op.create_table(
        "plugin_conflict",
        sa.Column("hook", sa.String(length=80), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("first", sa.String(length=40), nullable=False),
        sa.Column("second", sa.String(length=40), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hook", "field", "first", "second", name=op.f("pk_plugin_conflict")),
    )
    op.create_table(
        "plugin_cost",
        sa.Column("plugin", sa.String(length=40), nullable=False),
        sa.Column("hook", sa.String(length=80), nullable=False),
        sa.Column("period_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("slowest_s", sa.Float(), nullable=False),
        sa.Column("slow_calls", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("queries", sa.Integer(), nullable=False),
        sa.Column("http_calls", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=1000), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("plugin", "hook", "period_at", name=op.f("pk_plugin_cost")),
    )
    with op.batch_alter_table("plugin_cost", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plugin_cost_period_at"), ["period_at"], unique=False)

    op.create_table(
        "plugin_job",
        sa.Column("plugin", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=80), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ran_s", sa.Float(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "name", name=op.f("pk_plugin_job")),
    )
    with op.batch_alter_table("plugin_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plugin_job_due_at"), ["due_at"], unique=False)

    op.create_table(
        "setting_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plugin", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column(
            "before", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column(
            "after", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("is_secret", sa.Boolean(), nullable=False),
        sa.Column("agent_name", sa.String(length=120), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["channel_account.id"],
            name=op.f("fk_setting_change_account_id_channel_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_change")),
    )
    with op.batch_alter_table("setting_change", schema=None) as batch_op:
        batch_op.create_index("ix_setting_change_of", ["plugin", "account_id", "id"], unique=False)

    with op.batch_alter_table("plugin_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrets", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("snapshot", sa.String(length=200), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("plugin_state", schema=None) as batch_op:
        batch_op.drop_column("snapshot")
        batch_op.drop_column("secrets")

    with op.batch_alter_table("setting_change", schema=None) as batch_op:
        batch_op.drop_index("ix_setting_change_of")

    op.drop_table("setting_change")
    with op.batch_alter_table("plugin_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plugin_job_due_at"))

    op.drop_table("plugin_job")
    with op.batch_alter_table("plugin_cost", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plugin_cost_period_at"))

    op.drop_table("plugin_cost")
    op.drop_table("plugin_conflict")
    op.drop_table("plugin_breaker")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("uq_notice_open_subject")
        batch_op.drop_index(batch_op.f("ix_notice_subject"))
        batch_op.drop_index("ix_notice_open")

    op.drop_table("notice")
    with op.batch_alter_table("missed_event", schema=None) as batch_op:
        batch_op.drop_index("ix_missed_event_of_plugin")
        batch_op.drop_index("ix_missed_event_due")
        batch_op.drop_index(batch_op.f("ix_missed_event_created_at"))

    op.drop_table("missed_event")
    op.drop_table("hook_sample")
