"""Lists the indexes of tasks: which lists, desks and tiles are read by which columns."""

from sqlalchemy import Index, text

#: The few tasks that were sent back by a verifier; written out so that the index is used.
REWORKED = text("rework_count > 0")

#: Those that wait for a check; written out for the same reason.
SUBMITTED_TASKS = text("state = 'submitted'")

#: Those that a unit holds, whose deadline counts; written out for the same reason.
RUNNING_TASKS = text("state IN ('dispatched', 'handling')")


def _sparse(*columns: str) -> Index:
    """An index without the rows, nearly all, that have no value in its first column.

    It costs these nothing, and SQLite does not take it for one that hardly narrows.
    """
    given = text(f"{columns[0]} IS NOT NULL")
    name = f"ix_task_{'_'.join(columns)}"
    return Index(name, *columns, sqlite_where=given, postgresql_where=given)


def task_indexes() -> tuple[Index, ...]:
    """Made anew for the table they belong to."""
    return (
        Index("ix_task_community_code_state_due_at", "community_code", "state", "due_at"),
        Index("ix_task_town_code_state_due_at", "town_code", "state", "due_at"),
        Index("ix_task_unit_id_state_due_at", "unit_id", "state", "due_at", "due_soon_at"),
        # whether the tasks of a grid lie in its community, see progress.direct
        Index("ix_task_grid_code_community_code", "grid_code", "community_code"),
        _sparse("assignee_id", "state"),
        Index("ix_task_reporter_id_reported_at", "reporter_id", "reported_at"),
        Index("ix_task_category_id_cell", "category_id", "cell"),
        Index("ix_task_community_code_reported_at", "community_code", "reported_at", "id"),
        Index("ix_task_town_code_reported_at_id", "town_code", "reported_at", "id"),
        Index("ix_task_reported_at_id", "reported_at", "id"),
        Index("ix_task_state_due_at_id", "state", "due_at", "id"),
        Index("ix_task_state_reported_at_id", "state", "reported_at", "id"),
        Index(
            "ix_task_submitted_at_id", "submitted_at", "id",
            sqlite_where=SUBMITTED_TASKS, postgresql_where=SUBMITTED_TASKS,
        ),
        Index(
            "ix_task_submitted_unit_id_submitted_at_id", "unit_id", "submitted_at", "id",
            sqlite_where=SUBMITTED_TASKS, postgresql_where=SUBMITTED_TASKS,
        ),
        Index("ix_task_unit_id_reported_at_id", "unit_id", "reported_at", "id"),
        Index("ix_task_updated_at_id", "updated_at", "id"),
        Index("ix_task_due_at_id", "due_at", "id"),
        _sparse("point_id", "state"),
        _sparse("suspended_until", "state"),
        # what a tile asks and draws of every task of some states: with these it reads no row at all
        Index(
            "ix_task_state_cell", "state", "cell", "category_id", "unit_id", "source",
            "district_code", "town_code", "community_code", "grid_code", "assignee_id", "reporter_id",
            "number", "due_at", "due_soon_at",
        ),
        # what a page of features shows of every task of a box: with these it reads no row at all
        Index(
            "ix_task_cell", "cell", "id", "lon", "lat", "number", "state", "category_id",
            "reported_at", "due_at", "district_code", "town_code", "community_code", "grid_code",
            "unit_id", "assignee_id", "reporter_id",
        ),
        _sparse("asked", "is_endorsed"),
        _sparse("joint", "state"),
        Index(
            "ix_task_reworked_unit_id_state_due_at", "unit_id", "state", "due_at",
            sqlite_where=REWORKED, postgresql_where=REWORKED,
        ),
        # whose deadline decides something in the next hours, without reading a row
        Index(
            "ix_task_running_due_at", "due_at", "due_soon_at", "community_code", "town_code",
            "district_code", "unit_id", "category_id", "source", "state", "assignee_id", "reporter_id",
            sqlite_where=RUNNING_TASKS, postgresql_where=RUNNING_TASKS,
        ),
        _sparse("order_number"),
        _sparse("merged_into_id"),
        _sparse("recurrence_of_id"),
        Index("ix_task_closing_closed_at", "closing", "closed_at"),
    )  # fmt: skip
