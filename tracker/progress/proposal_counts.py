"""Keeps how often the proposed unit was the one a task was dispatched to: hears of every event, recounts on request.

What a task adds depends on its row as it is now (`tasks.proposals`), so that a recount is one query an area level.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, Table, case, delete, func, insert, literal_column, select, true
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from tracker.counters.upserts import add
from tracker.progress.proposal_models import ProposalCount
from tracker.storage.unit_of_work import release_early
from tracker.tasks import listeners
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.standing import Standing

_WAITING = "tracker_proposals_waiting"
_TABLE: Table = ProposalCount.__table__  # type: ignore[assignment]
_COLUMNS = ("area_code", "month", "unit_id", "dispatched", "taken")

#: (area, month, proposed unit, "dispatched" or "taken") → how many.
_Share = Counter[tuple[str, str, int, str]]


def held_by(unit_id: int) -> str:
    """The area under which the tasks of a unit are counted."""
    return f":{unit_id}"


def _share(task: Standing | None) -> _Share:
    """What a task adds to the counts."""
    found: _Share = Counter()
    if task is None or task.proposed_month is None:
        return found
    held = held_by(task.unit_id) if task.unit_id else None
    for area in ("", task.district_code, task.town_code, task.community_code, held):
        if area is not None:
            key = (area, task.proposed_month, task.proposed_unit_id or 0)
            found[*key, "dispatched"] += 1
            found[*key, "taken"] += task.proposal_taken is True
    return found


def _remember(session: Session, event: TaskEvent, before: Standing | None, after: Standing) -> None:
    change = _share(after)
    change.subtract(_share(before))
    if any(change.values()):
        session.info.setdefault(_WAITING, []).append((event, change))


def _before_commit(session: Session) -> None:
    """Written once for the whole transaction, keys in order: two writers never wait crosswise."""
    change: _Share = Counter()
    for event, part in session.info.pop(_WAITING, ()):
        if event.task_id is not None:
            change.update(part)
    keys = sorted({key[:3] for key, n in change.items() if n})
    rows = [(*key, change[*key, "dispatched"], change[*key, "taken"]) for key in keys]
    if rows:
        release_early(session)
        add(session, _TABLE, rows)


def _forget(session: Session, *_args: object) -> None:
    session.info.pop(_WAITING, None)


def install() -> None:
    """Let the counts hear of every event; said twice, it is done once."""
    listeners.watch(_remember)
    for name, listener in (("before_commit", _before_commit), ("after_rollback", _forget)):
        if not sqlalchemy_event.contains(Session, name, listener):
            sqlalchemy_event.listen(Session, name, listener)


def remake(session: Session) -> None:
    """Count all tasks anew, in the caller's transaction."""
    session.execute(delete(_TABLE))
    for counted in _counted():
        session.execute(insert(_TABLE).from_select(_COLUMNS, counted))


def differences(session: Session) -> list[str]:
    """The counts that a recount finds otherwise; empty when all are right."""
    surplus: Counter[tuple[Any, ...]] = Counter()
    kept = select(*(_TABLE.c[name] for name in _COLUMNS))
    for sign, query in ((1, kept), *((-1, counted) for counted in _counted())):
        for area, month, unit, dispatched, taken in session.execute(query):
            surplus[area, month, unit, "dispatched"] += sign * dispatched
            surplus[area, month, unit, "taken"] += sign * taken
    return [f"proposal_count {key}: {n:+d}" for key, n in sorted(surplus.items()) if n]


def _counted() -> Iterator[Select[Any]]:
    """The counts by the tasks themselves, one query an area level."""
    # as text: PostgreSQL takes two parameters for two different expressions
    unit: Any = literal_column("coalesce(proposed_unit_id, 0)")
    held: Any = literal_column("':' || cast(unit_id AS text)")
    counts = (func.count(), func.sum(case((Task.proposal_taken.is_(true()), 1), else_=0)))
    noted = Task.proposed_month.is_not(None)
    whole = select(literal_column("''"), Task.proposed_month, unit, *counts)
    yield whole.where(noted).group_by(Task.proposed_month, unit)
    for area in (Task.district_code, Task.town_code, Task.community_code, held):
        keys = (area, Task.proposed_month, unit)
        yield select(*keys, *counts).where(noted, area.is_not(None)).group_by(*keys)
