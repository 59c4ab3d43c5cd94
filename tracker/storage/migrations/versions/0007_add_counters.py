"""Add the counters: projections of the events by area and day, by kind, by cell."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_count",
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("measure", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("area_code", "measure", "day", name=op.f("pk_area_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "area_total",
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("measure", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("area_code", "measure", name=op.f("pk_area_total")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kind_count",
        sa.Column("measure", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place_code", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "measure", "day", "place_code", "unit_id", "category_id", "source",
            name=op.f("pk_kind_count"),
        ),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index(
        "ix_kind_count_measure_category_id_day", "kind_count", ["measure", "category_id", "day"]
    )
    op.create_index(
        "ix_kind_count_measure_unit_id_day", "kind_count", ["measure", "unit_id", "day"]
    )
    op.create_table(
        "cell_count",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("level", "cell", name=op.f("pk_cell_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "area_stamp",
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("area_code", name=op.f("pk_area_stamp")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("area_stamp", "cell_count", "kind_count", "area_total", "area_count"):
        op.drop_table(table)
