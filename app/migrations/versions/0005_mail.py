"""mail: bytes of events that wait for the worker"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound_event", sa.Column("payload", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("inbound_event", "payload")
