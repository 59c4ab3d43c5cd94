"""Add the index by which a tile of a map counts the tasks of some states."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = [
        "state", "cell", "category_id", "unit_id", "source",
        "district_code", "town_code", "community_code", "grid_code", "assignee_id", "reporter_id",
    ]  # fmt: skip
    op.create_index("ix_task_state_cell", "task", columns, unique=False)
    # what is counted grew since 0007: an empty table is counted anew at this start
    op.execute("DELETE FROM area_total")


def downgrade() -> None:
    op.drop_index("ix_task_state_cell", table_name="task")
