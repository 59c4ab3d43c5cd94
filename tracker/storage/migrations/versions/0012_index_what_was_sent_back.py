"""Add the index by which the reworks and returns of some days are found among all that happened."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SENT_BACK = sa.text("action IN ('rework', 'return', 'undo')")


def upgrade() -> None:
    op.create_index(
        "ix_task_event_sent_back_at", "task_event", ["at"],
        sqlite_where=_SENT_BACK, postgresql_where=_SENT_BACK,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_task_event_sent_back_at", "task_event")
