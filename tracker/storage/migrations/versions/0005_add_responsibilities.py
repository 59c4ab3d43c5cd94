"""Add the responsibility map."""

import sqlalchemy as sa
from alembic import op

from tracker.storage.types import Document, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LEVELS = ("district_code", "town_code", "community_code", "grid_code")


def upgrade() -> None:
    op.create_table(
        "responsibility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("geometry", Document, nullable=True),
        sa.Column("reach_m", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("district_code", sa.String(length=32), nullable=True),
        sa.Column("town_code", sa.String(length=32), nullable=True),
        sa.Column("community_code", sa.String(length=32), nullable=True),
        sa.Column("grid_code", sa.String(length=32), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("hours", sa.String(length=60), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [level], ["area.code"], name=op.f(f"fk_responsibility_{level}_area")
            )
            for level in _LEVELS
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organization.id"], name=op.f("fk_responsibility_unit_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility")),
        sa.UniqueConstraint("code", "term", name=op.f("uq_responsibility_code_term")),
    )
    with op.batch_alter_table("responsibility", schema=None) as batch_op:
        for column in ("is_latest", "community_code", "town_code", "district_code", "unit_id"):
            batch_op.create_index(
                f"ix_responsibility_{column}_code", [column, "code"], unique=False
            )
        batch_op.create_index(
            batch_op.f("ix_responsibility_grid_code"), ["grid_code"], unique=False
        )

    op.create_table(
        "responsibility_scope",
        sa.Column("responsibility_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["responsibility_id"],
            ["responsibility.id"],
            name=op.f("fk_responsibility_scope_responsibility_id_responsibility"),
        ),
        sa.PrimaryKeyConstraint(
            "responsibility_id", "kind", "value", name=op.f("pk_responsibility_scope")
        ),
    )

    op.create_table(
        "responsibility_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=50), nullable=False),
        sa.Column("changes", Document, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_responsibility_change_actor_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_change")),
    )
    with op.batch_alter_table("responsibility_change", schema=None) as batch_op:
        batch_op.create_index("ix_responsibility_change_code_id", ["code", "id"], unique=False)

    op.create_table(
        "responsibility_epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_epoch")),
    )


def downgrade() -> None:
    for table in (
        "responsibility_epoch", "responsibility_change", "responsibility_scope", "responsibility",
    ):  # fmt: skip
        op.drop_table(table)
