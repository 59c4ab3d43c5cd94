"""Let the indexes hold what pages count by unit, by grid and of what waits for a check, and two filters find their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SUBMITTED = sa.text("state = 'submitted'")

_OF_KINDS = (
    ("ix_kind_count_unit_id_measure_day", "kind_count"), ("ix_kind_total_unit_id", "kind_total"),
)  # fmt: skip
_KEYS_BEFORE = {
    "kind_count": ("category_id", "measure", "day", "place_code", "unit_id", "source"),
    "kind_total": ("category_id", "place_code", "unit_id", "source"),
}
_KEYS = {
    "kind_count": ("category_id", "source", "measure", "day", "place_code", "unit_id"),
    "kind_total": ("category_id", "source", "place_code", "unit_id"),
}


def _order_keys(keys: dict[str, tuple[str, ...]]) -> None:
    """Order the primary keys of the finest counters; SQLite writes such a table anew."""
    for table, key in keys.items():
        if op.get_bind().dialect.name == "sqlite":
            _write_anew(table, key)
        else:
            op.drop_constraint(f"pk_{table}", table, type_="primary")
            op.create_primary_key(f"pk_{table}", table, list(key))


def _write_anew(name: str, key: tuple[str, ...]) -> None:
    old = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    columns = [sa.Column(c.name, c.type, nullable=False) for c in old.columns]
    table = sa.Table(
        f"{name}_anew", sa.MetaData(), *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"), sqlite_with_rowid=False,
    )  # fmt: skip
    table.create(op.get_bind())
    rows = sa.select(*old.columns).order_by(*(old.c[one] for one in key))
    op.execute(table.insert().from_select([c.name for c in columns], rows))
    op.drop_table(name)
    op.rename_table(f"{name}_anew", name)


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
    for name, table in _OF_KINDS:
        op.drop_index(name, table)
    _order_keys(_KEYS)
    op.create_index(
        "ix_kind_count_unit_id_measure_day", "kind_count",
        ["unit_id", "measure", "day", "place_code", "n"],
    )  # fmt: skip
    op.create_index("ix_kind_total_unit_id", "kind_total", ["unit_id"])


def downgrade() -> None:
    for name, table in _OF_KINDS:
        op.drop_index(name, table)
    _order_keys(_KEYS_BEFORE)
    op.create_index(
        "ix_kind_count_unit_id_measure_day", "kind_count", ["unit_id", "measure", "day"]
    )
    op.create_index("ix_kind_total_unit_id", "kind_total", ["unit_id"])
    for name in ("ix_task_submitted_unit_id_submitted_at_id", "ix_task_submitted_at_id"):
        op.drop_index(name, "task")
    op.create_index("ix_task_state_submitted_at_id", "task", ["state", "submitted_at", "id"])
    op.drop_index("ix_task_grid_code_community_code", "task")
    op.create_index("ix_task_grid_code", "task", ["grid_code"])
    op.drop_index("ix_task_unit_id_state_due_at", "task")
    op.create_index("ix_task_unit_id_state_due_at", "task", ["unit_id", "state", "due_at"])
