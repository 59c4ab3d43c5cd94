"""Let the index of cells hold what a page of features shows, and by what a person sees it."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_task_cell", table_name="task")
    columns = [
        "cell", "id", "lon", "lat", "number", "state", "category_id", "reported_at", "due_at",
        "district_code", "town_code", "community_code", "grid_code",
        "unit_id", "assignee_id", "reporter_id",
    ]  # fmt: skip
    op.create_index("ix_task_cell", "task", columns, unique=False)


def downgrade() -> None:
    op.drop_index("ix_task_cell", table_name="task")
    op.create_index("ix_task_cell", "task", ["cell"], unique=False)
