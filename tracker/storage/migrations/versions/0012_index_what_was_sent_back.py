"""Add the index by which the reworks and returns of some days are found among all that happened."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SENT_BACK = sa.text("action IN ('rework', 'return', 'undo')")

_RUNNING = sa.text("state IN ('dispatched', 'handling')")


def upgrade() -> None:
    op.create_index(
        "ix_task_event_sent_back_at", "task_event", ["at"],
        sqlite_where=_SENT_BACK, postgresql_where=_SENT_BACK,
    )  # fmt: skip
    op.create_index(
        "ix_task_running_due_at", "task",
        ["due_at", "due_soon_at", "community_code", "town_code", "district_code", "unit_id",
         "category_id", "source", "state", "assignee_id", "reporter_id"],
        sqlite_where=_RUNNING, postgresql_where=_RUNNING,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_task_running_due_at", "task")
    op.drop_index("ix_task_event_sent_back_at", "task_event")
