"""Index words by pairs of characters, count what was proposed, and index only the rows that have a value."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from tracker.clock import in_city
from tracker.storage.types import Document, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: One column that is text, then the next: a pair never reaches from one into another.
_SQLITE_BODY = "lower(title || char(10) || description || char(10) || address)"
_SQLITE_UP = (
    # what the index says of a task, so that SQLite itself can make it anew
    f"""CREATE VIEW task_words AS SELECT id, (
        WITH RECURSIVE part(rest) AS (
            SELECT body UNION ALL SELECT substr(rest, 2) FROM part WHERE length(rest) > 1
        )
        SELECT group_concat(hex(substr(rest, 1, 2)), ' ') FROM part
    ) AS grams FROM (SELECT id, {_SQLITE_BODY} AS body FROM task)""",
    """CREATE VIRTUAL TABLE task_text USING fts5(
        grams, content='task_words', content_rowid='id', tokenize='ascii', detail='none', columnsize=0
    )""",
    """CREATE TRIGGER task_text_added AFTER INSERT ON task BEGIN
        INSERT INTO task_text(rowid, grams) SELECT id, grams FROM task_words WHERE id = new.id;
    END""",
    """CREATE TRIGGER task_text_changing BEFORE UPDATE OF title, description, address ON task BEGIN
        INSERT INTO task_text(task_text, rowid, grams)
        SELECT 'delete', id, grams FROM task_words WHERE id = old.id;
    END""",
    """CREATE TRIGGER task_text_changed AFTER UPDATE OF title, description, address ON task BEGIN
        INSERT INTO task_text(rowid, grams) SELECT id, grams FROM task_words WHERE id = new.id;
    END""",
    """CREATE TRIGGER task_text_removed BEFORE DELETE ON task BEGIN
        INSERT INTO task_text(task_text, rowid, grams)
        SELECT 'delete', id, grams FROM task_words WHERE id = old.id;
    END""",
    "INSERT INTO task_text(task_text) VALUES ('rebuild')",
)
_SQLITE_DOWN = (
    "DROP TRIGGER task_text_added",
    "DROP TRIGGER task_text_changing",
    "DROP TRIGGER task_text_changed",
    "DROP TRIGGER task_text_removed",
    "DROP TABLE task_text",
    "DROP VIEW task_words",
)

_POSTGRESQL_UP = (
    """CREATE FUNCTION task_words_of(title text, description text, address text)
    RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        body text := lower(title || chr(10) || description || chr(10) || address);
        characters text[] := string_to_array(body, NULL);
    BEGIN
        RETURN array_to_tsvector(array(
            SELECT this || coalesce(next, '') FROM unnest(characters, characters[2:]) AS pair(this, next)
        ));
    END $$""",
    "CREATE TABLE task_text (task_id integer PRIMARY KEY, words tsvector NOT NULL)",
    """INSERT INTO task_text
        SELECT id, task_words_of(title, description, address) FROM task""",
    "CREATE INDEX ix_task_text_words ON task_text USING gin (words)",
    """CREATE FUNCTION task_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            DELETE FROM task_text WHERE task_id = OLD.id;
            RETURN OLD;
        END IF;
        INSERT INTO task_text
            VALUES (NEW.id, task_words_of(NEW.title, NEW.description, NEW.address))
            ON CONFLICT (task_id) DO UPDATE SET words = excluded.words;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER task_text_keep
        AFTER INSERT OR DELETE OR UPDATE OF title, description, address ON task
        FOR EACH ROW EXECUTE FUNCTION task_text_keep()""",
)
_POSTGRESQL_DOWN = (
    "DROP TRIGGER task_text_keep ON task",
    "DROP FUNCTION task_text_keep()",
    "DROP TABLE task_text",
    "DROP FUNCTION task_words_of(text, text, text)",
)

_TASK = sa.table(
    "task",
    *(sa.column(name) for name in ("id", "state", "proposed_month", "proposed_unit_id", "proposal_taken")),
    *(sa.column(name) for name in ("district_code", "town_code", "community_code", "unit_id")),
)  # fmt: skip
_EVENT = sa.table(
    "task_event", sa.column("task_id"), sa.column("sequence"), sa.column("action"),
    sa.column("at", UTCDateTime), sa.column("payload", Document),
)  # fmt: skip
_BATCH = 5_000
#: Index → columns; nearly every task has no value in the first: those rows are left out now.
_SPARSE = {
    "ix_task_assignee_id_state": ["assignee_id", "state"],
    "ix_task_point_id_state": ["point_id", "state"],
    "ix_task_asked_is_endorsed": ["asked", "is_endorsed"],
    "ix_task_order_number": ["order_number"],
    "ix_task_merged_into_id": ["merged_into_id"],
    "ix_task_recurrence_of_id": ["recurrence_of_id"],
}
_NEW_SPARSE = {
    "ix_task_suspended_until_state": ["suspended_until", "state"],
    "ix_task_joint_state": ["joint", "state"],
}
_NEW = {
    "ix_task_town_code_reported_at_id": ["town_code", "reported_at", "id"],
    "ix_task_state_submitted_at_id": ["state", "submitted_at", "id"],
}
_REWORKED = "ix_task_reworked_unit_id_state_due_at"
_OLD = {
    # no query begins with a whole district
    "ix_task_district_code_state_due_at": ["district_code", "state", "due_at"],
    "ix_task_state_suspended_until": ["state", "suspended_until"],
}


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("task", sa.Column("proposed_month", sa.String(length=7)))
    op.add_column("task", sa.Column("proposed_unit_id", sa.Integer()))
    op.add_column("task", sa.Column("proposal_taken", sa.Boolean()))
    op.create_table(
        "proposal_count",
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dispatched", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("area_code", "month", "unit_id", name=op.f("pk_proposal_count")),
        sqlite_with_rowid=False,
    )
    for name in (*_SPARSE, *_OLD):
        op.drop_index(name, table_name="task")
    for name, columns in (_SPARSE | _NEW_SPARSE).items():
        given = sa.text(f"{columns[0]} IS NOT NULL")
        op.create_index(name, "task", columns, sqlite_where=given, postgresql_where=given)
    for name, columns in _NEW.items():
        op.create_index(name, "task", columns)
    given = sa.text("rework_count > 0")
    op.create_index(
        _REWORKED, "task", ["unit_id", "state", "due_at"], sqlite_where=given, postgresql_where=given
    )
    if _keep_proposals():
        _count_proposals()
    for statement in _SQLITE_UP if is_sqlite else _POSTGRESQL_UP:
        op.execute(sa.text(statement))


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_DOWN if is_sqlite else _POSTGRESQL_DOWN:
        op.execute(sa.text(statement))
    for name in (*_SPARSE, *_NEW_SPARSE, *_NEW, _REWORKED):
        op.drop_index(name, table_name="task")
    for name, columns in (_SPARSE | _OLD).items():
        op.create_index(name, "task", columns)
    op.drop_table("proposal_count")
    for column in ("proposal_taken", "proposed_unit_id", "proposed_month"):
        op.drop_column("task", column)


def _keep_proposals() -> int:
    """Of each task the dispatch that stands, if its event noted what was proposed; how many there are."""
    connection = op.get_bind()
    named = sa.bindparam
    change = (
        sa.update(_TASK).where(_TASK.c.id == named("task")).values(
            proposed_month=named("month"), proposed_unit_id=named("unit"), proposal_taken=named("taken"),
        )
    )  # fmt: skip
    found = list(_standing(connection))
    for start in range(0, len(found), _BATCH):
        connection.execute(change, found[start : start + _BATCH])
    return len(found)


def _standing(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    later = _EVENT.alias()
    overturned = sa.exists().where(
        later.c.task_id == _EVENT.c.task_id,
        later.c.sequence > _EVENT.c.sequence,
        sa.or_(
            later.c.action.in_(["dispatch", "redispatch", "return"]),
            sa.and_(later.c.action == "undo", later.c.sequence == _EVENT.c.sequence + 1),
        ),
    )
    rows = connection.execute(
        sa.select(_EVENT.c.task_id, _EVENT.c.at, _EVENT.c.payload)
        .join(_TASK, _TASK.c.id == _EVENT.c.task_id)
        .where(
            _EVENT.c.action.in_(["dispatch", "redispatch"]),
            sa.cast(_EVENT.c.payload, sa.Text).contains('"suggestion_reason"'),
            _TASK.c.state.not_in(["reported", "filed"]),
            ~overturned,
        )
    )
    for task, at, payload in rows:
        yield {
            "task": task, "month": f"{in_city(at):%Y-%m}", "unit": payload.get("suggested_unit"),
            "taken": payload.get("suggestion_taken"),
        }  # fmt: skip


def _count_proposals() -> None:
    """For the whole, each district, town and community, and each unit within a district."""
    task = _TASK.c
    # as text: PostgreSQL takes two parameters for two different expressions
    unit: Any = sa.literal_column("coalesce(proposed_unit_id, 0)")
    held: Any = sa.literal_column("coalesce(district_code, '') || ':' || cast(unit_id AS text)")
    counts = (
        sa.func.count(), sa.func.sum(sa.case((task.proposal_taken.is_(sa.true()), 1), else_=0)),
    )  # fmt: skip
    columns = ["area_code", "month", "unit_id", "dispatched", "taken"]
    table = sa.table("proposal_count", *(sa.column(name) for name in columns))
    noted = task.proposed_month.is_not(None)
    whole = sa.select(sa.literal_column("''"), task.proposed_month, unit, *counts).where(noted)
    op.execute(sa.insert(table).from_select(columns, whole.group_by(task.proposed_month, unit)))
    for area in (task.district_code, task.town_code, task.community_code, held):
        keys = (area, task.proposed_month, unit)
        part = sa.select(*keys, *counts).where(noted, area.is_not(None)).group_by(*keys)
        op.execute(sa.insert(table).from_select(columns, part))
