"""Add what hand-overs need: parties, joint decisions, endorsements, undo, how a task ended."""

import sqlalchemy as sa
from alembic import op

from tracker.storage.types import Document, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Columns that name a person.
_USERS = ("joint_decider_id", "undo_by_id")
_INDEXES = {
    "ix_task_order_number": ["order_number"],
    "ix_task_state_suspended_until": ["state", "suspended_until"],
    "ix_task_asked_is_endorsed": ["asked", "is_endorsed"],
    "ix_task_closing_closed_at": ["closing", "closed_at"],
}


def _columns() -> list[sa.Column[object]]:
    no = sa.false()
    return [
        sa.Column("return_until", UTCDateTime(), nullable=True),
        sa.Column("is_endorsed", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("assist_unit_ids", Document, nullable=False, server_default="[]"),
        sa.Column("joint", sa.String(length=10), nullable=True),
        sa.Column("joint_unit_ids", Document, nullable=False, server_default="[]"),
        sa.Column("is_forced", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("rework_to_read", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("order_number", sa.String(length=40), nullable=True),
        sa.Column("undo_until", UTCDateTime(), nullable=True),
        sa.Column("undo_before", Document, nullable=True),
        sa.Column("closing", sa.String(length=12), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "task_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", UTCDateTime(), nullable=True),
        sa.Column("replied_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replied_by_id"],
            ["user_account.id"],
            name=op.f("fk_task_party_replied_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_party_task_id_task")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organization.id"], name=op.f("fk_task_party_unit_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_party")),
    )
    with op.batch_alter_table("task_party", schema=None) as batch_op:
        batch_op.create_index("ix_task_party_task_id", ["task_id"], unique=False)
        batch_op.create_index(
            "ix_task_party_unit_id_ended_at", ["unit_id", "ended_at", "task_id"], unique=False
        )

    for column in _columns():
        op.add_column("task", column)
    for name in _USERS:
        # Said in SQL: SQLite adds a column with its foreign key in place, and Alembic would copy the table.
        op.execute(
            f"ALTER TABLE task ADD COLUMN {name} INTEGER"
            f" CONSTRAINT fk_task_{name}_user_account REFERENCES user_account (id)"
        )
    for name, columns in _INDEXES.items():
        op.create_index(name, "task", columns, unique=False)

    task = sa.table(
        "task",
        *(
            sa.column(name)
            for name in (
                "state", "closing", "closed_by_notice", "self_handled", "closed_at", "updated_at",
                "asked", "is_endorsed",
            )
        ),
    )  # fmt: skip
    ended = {"rejected": "rejected", "merged": "merged", "cancelled": "cancelled"}
    op.execute(
        task.update()
        .where(task.c.state.in_(["closed", *ended]))
        .values(
            closing=sa.case(
                *((task.c.state == state, word) for state, word in ended.items()),
                (task.c.self_handled, "self_handled"),
                (task.c.closed_by_notice, "by_notice"),
                else_="passed",
            ),
            closed_at=sa.func.coalesce(task.c.closed_at, task.c.updated_at),
        )
    )
    # What was asked before heads judged it goes on to the office as before.
    op.execute(task.update().where(task.c.asked.is_not(None)).values(is_endorsed=sa.true()))
    op.drop_column("task", "closed_by_notice")


def downgrade() -> None:
    op.add_column(
        "task",
        sa.Column("closed_by_notice", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    task = sa.table("task", sa.column("closing"), sa.column("closed_by_notice"))
    op.execute(task.update().where(task.c.closing == "by_notice").values(closed_by_notice=sa.true()))
    for name in _INDEXES:
        op.drop_index(name, "task")
    for name in (*_USERS, *(column.name for column in _columns())):
        op.drop_column("task", name)
    op.drop_table("task_party")
