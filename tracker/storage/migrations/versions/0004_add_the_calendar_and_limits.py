"""Add the working calendar and the limits of the stages."""

import sqlalchemy as sa
from alembic import op

from tracker import clock
from tracker.storage.types import Document, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: The office's own stages run continuously (domain rules §1.5, YC).
_STAGES = (("accept", 15), ("dispatch", 15), ("verify", 30))


def upgrade() -> None:
    op.create_table(
        "calendar_edition",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("hours", Document, nullable=False),
        sa.Column("changes", Document, nullable=False),
        sa.Column("change_count", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=50), nullable=False),
        sa.Column("recomputed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_calendar_edition_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_edition")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("layer", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["calendar_edition.id"],
            name=op.f("fk_calendar_day_edition_id_calendar_edition"),
        ),
        sa.PrimaryKeyConstraint("day", "layer", name=op.f("pk_calendar_day")),
    )
    rules = op.create_table(
        "limit_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("reading", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["user_account.id"],
            name=op.f("fk_limit_rule_updated_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_rule")),
        sa.UniqueConstraint(
            "stage", "subject", "severity", "source", name=op.f("uq_limit_rule_stage_subject_severity_source")
        ),
    )  # fmt: skip
    usual = {"subject": "", "severity": "", "source": "", "unit": "minute", "reading": "rolling"}
    op.bulk_insert(
        rules,
        [
            {
                **usual,
                "stage": stage,
                "value": value,
                "note": "参照运城市城管案件标准",
                "updated_at": clock.now(),
                "version": 1,
            }
            for stage, value in _STAGES
        ],
    )


def downgrade() -> None:
    op.drop_table("limit_rule")
    op.drop_table("calendar_day")
    op.drop_table("calendar_edition")
