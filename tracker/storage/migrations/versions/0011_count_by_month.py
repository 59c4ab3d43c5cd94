"""Count areas by month and in one row, and broad kinds, open kinds and cells by state beside them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_DAYS = [f"d{day:02d}" for day in range(1, 32)]
_STATES = [
    "reported", "filed", "dispatched", "handling", "submitted", "closed", "suspended", "rejected",
    "merged", "cancelled",
]  # fmt: skip
_OPEN = ["reported", "filed", "dispatched", "handling", "submitted", "suspended"]


def upgrade() -> None:
    # projections alone: the tables are empty, so that everything is counted anew at this start
    for table in ("cell_count", "kind_count", "area_total", "area_count"):
        op.drop_table(table)
    _table(
        "area_month",
        [_text("area_code", 64), _key("month"), _text("measure", 24)],
        _DAYS,
    )
    _table("area_total", [_text("area_code", 64)], [*_STATES, "overdue"])
    _table(
        "kind_count",
        [
            _key("category_id"), _text("measure", 24), sa.Column("day", sa.Date(), nullable=False),
            _text("place_code", 32), _key("unit_id"), _text("source", 20),
        ],
        ["n"],
    )  # fmt: skip
    op.create_index(
        "ix_kind_count_unit_id_measure_day", "kind_count", ["unit_id", "measure", "day"]
    )
    _table(
        "kind_total",
        [_key("category_id"), _text("place_code", 32), _key("unit_id"), _text("source", 20)],
        [*_OPEN, "overdue"],
    )
    op.create_index("ix_kind_total_unit_id", "kind_total", ["unit_id"])
    _table(
        "cell_count",
        [
            _key("level"), _text("kind", 24),
            sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
            _text("place_code", 32),
        ],
        _STATES,
    )  # fmt: skip


def _table(name: str, keys: list[sa.Column[Any]], figures: list[str]) -> None:
    op.create_table(
        name,
        *keys,
        *(sa.Column(figure, sa.Integer(), nullable=False) for figure in figures),
        sa.PrimaryKeyConstraint(*(key.name for key in keys), name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def downgrade() -> None:
    for table in ("cell_count", "kind_total", "kind_count", "area_total", "area_month"):
        op.drop_table(table)
    _table(
        "area_count",
        [_text("area_code", 32), _text("measure", 12), sa.Column("day", sa.Date(), nullable=False)],
        ["n"],
    )
    _table("area_total", [_text("area_code", 32), _text("measure", 12)], ["n"])
    _table(
        "kind_count",
        [
            _text("measure", 12), sa.Column("day", sa.Date(), nullable=False),
            _text("place_code", 32), _key("unit_id"), _key("category_id"), _text("source", 20),
        ],
        ["n"],
    )  # fmt: skip
    op.create_index(
        "ix_kind_count_measure_category_id_day", "kind_count", ["measure", "category_id", "day"]
    )
    op.create_index(
        "ix_kind_count_measure_unit_id_day", "kind_count", ["measure", "unit_id", "day"]
    )
    _table(
        "cell_count",
        [_key("level"), sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False)],
        ["valid", "open"],
    )
