"""Let the latest changes wait in one table before the counters hold them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_tail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_tail")),
    )


def downgrade() -> None:
    # the counters lack what waits: emptied, they are counted anew at the next start
    for table in ("area_month", "area_total", "kind_count", "kind_total", "cell_count"):
        op.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - names of our own tables
    op.drop_table("counter_tail")
