"""Let the indexes hold what pages count by unit, by grid and of what waits for a check."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SUBMITTED = sa.text("state = 'submitted'")


def upgrade() -> None:
    op.drop_index("ix_task_unit_id_state_due_at", "task")
    op.create_index(
        "ix_task_unit_id_state_due_at", "task", ["unit_id", "state", "due_at", "due_soon_at"]
    )
    op.drop_index("ix_task_grid_code", "task")
    op.create_index("ix_task_grid_code_community_code", "task", ["grid_code", "community_code"])
    op.drop_index("ix_task_state_submitted_at_id", "task")
    for name, columns in (
        ("ix_task_submitted_at_id", ["submitted_at", "id"]),
        ("ix_task_submitted_unit_id_submitted_at_id", ["unit_id", "submitted_at", "id"]),
    ):
        op.create_index(
            name, "task", columns, sqlite_where=_SUBMITTED, postgresql_where=_SUBMITTED
        )
    op.drop_index("ix_kind_count_unit_id_measure_day", "kind_count")
    op.create_index(
        "ix_kind_count_unit_id_measure_day", "kind_count",
        ["unit_id", "measure", "day", "place_code", "n"],
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_kind_count_unit_id_measure_day", "kind_count")
    op.create_index(
        "ix_kind_count_unit_id_measure_day", "kind_count", ["unit_id", "measure", "day"]
    )
    for name in ("ix_task_submitted_unit_id_submitted_at_id", "ix_task_submitted_at_id"):
        op.drop_index(name, "task")
    op.create_index("ix_task_state_submitted_at_id", "task", ["state", "submitted_at", "id"])
    op.drop_index("ix_task_grid_code_community_code", "task")
    op.create_index("ix_task_grid_code", "task", ["grid_code"])
    op.drop_index("ix_task_unit_id_state_due_at", "task")
    op.create_index("ix_task_unit_id_state_due_at", "task", ["unit_id", "state", "due_at"])
