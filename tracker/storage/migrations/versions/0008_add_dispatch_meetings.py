"""Add the meetings since which progress is told, and an index of what was moved to another area."""

import sqlalchemy as sa
from alembic import op

from tracker.storage.types import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STANDS = sa.text("removed_at IS NULL")
_RELOCATED = sa.text("action = 'relocate'")


def upgrade() -> None:
    op.create_table(
        "dispatch_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["area_code"], ["area.code"], name=op.f("fk_dispatch_meeting_area_code_area")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"],
            name=op.f("fk_dispatch_meeting_created_by_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_meeting")),
    )  # fmt: skip
    op.create_index("ix_dispatch_meeting_held_on_id", "dispatch_meeting", ["held_on", "id"])
    op.create_index(
        "uq_dispatch_meeting_area_code_held_on", "dispatch_meeting", ["area_code", "held_on"],
        unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS,
    )  # fmt: skip
    op.create_index(
        "ix_task_event_relocated_at", "task_event", ["at"],
        sqlite_where=_RELOCATED, postgresql_where=_RELOCATED,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_task_event_relocated_at", "task_event")
    op.drop_table("dispatch_meeting")
