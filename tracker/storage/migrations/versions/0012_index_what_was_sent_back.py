"""Add the index of what was sent back on some days, and let that of tiles hold all that a tile draws."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SENT_BACK = sa.text("action IN ('rework', 'return', 'undo')")
_OF_TILES = (
    "state", "cell", "category_id", "unit_id", "source",
    "district_code", "town_code", "community_code", "grid_code", "assignee_id", "reporter_id",
)  # fmt: skip
_DRAWN = ("number", "due_at", "due_soon_at")

_RUNNING = sa.text("state IN ('dispatched', 'handling')")


def upgrade() -> None:
    op.create_index(
        "ix_task_event_sent_back_at", "task_event", ["at"],
        sqlite_where=_SENT_BACK, postgresql_where=_SENT_BACK,
    )  # fmt: skip
    op.drop_index("ix_task_state_cell", "task")
    op.create_index("ix_task_state_cell", "task", [*_OF_TILES, *_DRAWN])
    op.create_index(
        "ix_task_running_due_at", "task",
        ["due_at", "due_soon_at", "community_code", "town_code", "district_code", "unit_id",
         "category_id", "source", "state", "assignee_id", "reporter_id"],
        sqlite_where=_RUNNING, postgresql_where=_RUNNING,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_task_running_due_at", "task")
    op.drop_index("ix_task_state_cell", "task")
    op.create_index("ix_task_state_cell", "task", [*_OF_TILES])
    op.drop_index("ix_task_event_sent_back_at", "task_event")
