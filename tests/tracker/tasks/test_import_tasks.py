"""Rows of a file go through the one door: stored as their record says, known, or listed to mend."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from gis.coordinates import distance_m, from_wgs84
from tests.factories.world import (
    DISTRICT,
    GRID,
    INSIDE,
    OUTSIDE,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    make_task,
    make_world,
)
from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.cli.import_tasks import command
from tracker.places.models import Organization
from tracker.storage.db import db
from tracker.tasks.importing.profile import Units, load_profile
from tracker.tasks.importing.reasons import Reason
from tracker.tasks.importing.report import Report
from tracker.tasks.importing.run import TaskImport, import_tasks
from tracker.tasks.models import NumberSequence, Task, TaskEvent
from tracker.tasks.verifying import Verified, verify

HEAD = [
    "external_id",
    "found_at",
    "lon",
    "lat",
    "category_code",
    "description",
    "state",
    "community_code",
    "community",
    "unit",
    "due_at",
    "closed_at",
    "source",
]
LON, LAT = INSIDE[SANZAO]
PLAIN = {
    "found_at": "2026-03-02 08:30", "lon": str(LON), "lat": str(LAT), "category_code": "06010",
    "description": "路边垃圾", "source": "hotline",
}  # fmt: skip
NATIVE = load_profile("native")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rows, each the plain one with changes, to a file."""

    def make(*rows: dict[str, str], name: str = "tasks.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, HEAD, restval="")
            writer.writeheader()
            for number, row in enumerate(rows, start=1):
                writer.writerow({"external_id": f"A-{number}", **PLAIN, **row})
        return path

    return make


def bring(path: Path, **asked: object) -> Report:
    return import_tasks(path, replace(TaskImport(NATIVE), **asked))


def stored(external_id: str = "A-1") -> Task:
    db.session.rollback()
    return db.session.scalars(select(Task).where(Task.external_id == external_id)).one()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


WITH_UNIT = {"unit": "区环卫中心", "due_at": "2026-03-04", "closed_at": "2026-03-03 10:00"}


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("reported", "report"),
        ("待受理", "report"),
        ("filed", "report file"),
        ("dispatched", "report file dispatch"),
        ("handling", "report file dispatch acknowledge"),
        ("submitted", "report file dispatch acknowledge submit"),
        ("closed", "report file dispatch acknowledge submit pass"),
        ("已结案", "report file dispatch acknowledge submit pass"),
        ("rejected", "report reject"),
        ("cancelled", "report file dispatch cancel"),
        ("suspended", "report file dispatch acknowledge ask_suspension suspend"),
    ],
)
def test_a_row_walks_to_its_state_by_the_steps_of_the_table(
    app: Flask, write: Callable[..., Path], state: str, steps: str
) -> None:
    make_world()
    assert bring(write({"state": state, **WITH_UNIT})).stored == 1
    task = stored()
    assert task.state == state or not state.isascii()
    assert [event.action for event in task.events] == steps.split()
    assert list(verify(db.session(), Verified())) == []


def test_a_closed_row_keeps_its_historical_times(both: Flask, write: Callable[..., Path]) -> None:
    world = make_world()
    bring(write({"state": "closed", **WITH_UNIT}))
    task = stored()
    found = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert (task.found_at, task.reported_at, task.filed_at, task.dispatched_at) == (found,) * 4
    assert task.submitted_at == task.closed_at == datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert task.due_at == datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC)
    assert not task.was_overdue
    assert task.number == "JW-20260302-0001"
    assert task.unit_id == world.units["sanitation"]
    assert {event.actor_name for event in task.events} == {"系统"}
    assert all(event.recorded_at > event.at for event in task.events)


def test_a_closing_after_the_deadline_is_overdue(app: Flask, write: Callable[..., Path]) -> None:
    make_world()
    bring(write({"state": "closed", **WITH_UNIT, "closed_at": "2026-03-05"}))
    assert stored().was_overdue


def test_without_a_deadline_the_categorys_limit_runs(
    app: Flask, write: Callable[..., Path]
) -> None:
    make_world()
    bring(write({"state": "handling", **WITH_UNIT, "due_at": ""}))
    task = stored()
    assert task.due_at is not None
    assert task.due_at > task.reported_at
    assert task.limit_value == task.category.limit_value  # type: ignore[union-attr]


def test_a_row_closed_without_any_unit_was_settled_at_once(
    app: Flask, write: Callable[..., Path]
) -> None:
    make_world()
    bring(write({"state": "closed", "closed_at": "2026-03-02 09:00"}))
    assert stored().state == "closed"
    assert stored().self_handled


def test_the_position_decides_the_areas(both: Flask, write: Callable[..., Path]) -> None:
    make_world()
    lon, lat = map(str, OUTSIDE)
    report = bring(
        write(
            {"lon": "113.350", "lat": "22.045", "community_code": TENGSHAN},
            {"lon": lon, "lat": lat, "community_code": TENGSHAN},
            {"lon": "", "lat": "", "community_code": TENGSHAN},
            {"lon": "", "lat": "", "community": "三灶社区居民委员会"},
            {"lon": "", "lat": "", "community": "没有的社区"},
            {"lon": "", "lat": ""},
            {"lon": "22.045", "lat": "113.355"},
        )
    )
    areas = {
        task.external_id: (task.district_code, task.town_code, task.community_code, task.grid_code)
        for task in db.session.scalars(select(Task))
    }
    assert areas["A-1"] == (DISTRICT, TOWN_A, SANZAO, GRID)
    assert areas["A-2"] == (DISTRICT, None, None, None)
    assert areas["A-3"][2] == TENGSHAN
    assert areas["A-4"][2] == SANZAO
    assert len(areas) == report.stored == 4
    assert report.queued == 1
    assert report.rejected == Counter({Reason.PLACE: 2, Reason.POSITION: 1})


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4490", "EPSG:4547"])
def test_positions_of_another_system_are_converted_and_kept_as_given(
    app: Flask, write: Callable[..., Path], crs: str
) -> None:
    make_world()
    x, y = from_wgs84(LON, LAT, crs)
    bring(write({"lon": repr(x), "lat": repr(y)}), crs=crs)
    task = stored()
    assert task.lon is not None
    assert task.lat is not None
    assert distance_m(task.lon, task.lat, LON, LAT) < 1
    assert (task.raw_x, task.raw_y, task.community_code) == (x, y, SANZAO)


def test_what_came_in_before_is_known_and_changes_nothing(
    both: Flask, write: Callable[..., Path]
) -> None:
    make_world()
    first = write({}, {"external_id": "A-1", "description": "同一编号"}, {})
    report = bring(first)
    assert (report.read, report.stored, report.known) == (3, 2, 1)
    assert bring(write({"description": "改过的描述"})).known == 1
    assert stored().description == "路边垃圾"
    other_source = bring(write({"source": "media"}))
    assert (other_source.stored, other_source.known) == (1, 0)


def test_rejected_rows_are_mended_and_imported_again(
    app: Flask, write: Callable[..., Path], tmp_path: Path
) -> None:
    make_world()
    rejects = tmp_path / "rejects.csv"
    source = write(
        {},
        {"category_code": "暴露的垃圾"},
        {"found_at": "昨天"},
        {"state": "处理完"},
        {"source": "飞鸽传书"},
        {"state": "handling", "unit": "不存在的单位"},
        {"state": "handling"},
        {"state": "closed", **WITH_UNIT, "closed_at": ""},
        {"state": "closed", **WITH_UNIT, "closed_at": "2026-03-01"},
        {"description": "长" * 2001},
    )
    report = bring(source, rejects=rejects)
    assert (report.stored, report.refused) == (1, 9)
    assert report.rejected == Counter(
        {
            Reason.CATEGORY: 1, Reason.DATE: 1, Reason.STATE: 1, Reason.SOURCE: 1, Reason.UNIT: 2,
            Reason.MISSING: 1, Reason.TIME_ORDER: 1, Reason.REFUSED: 1,
        }
    )  # fmt: skip
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert [row["row"] for row in listed] == [str(number) for number in range(3, 12)]
    assert all(row["reason"] for row in listed)
    assert listed[1]["found_at"] == "昨天"
    for row in listed:
        row.update(PLAIN, state="reported", closed_at="")
    with rejects.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, listed[0])
        writer.writeheader()
        writer.writerows(listed)
    again = bring(rejects, rejects=tmp_path / "again.csv")
    assert (again.stored, again.refused) == (9, 0)
    assert not (tmp_path / "again.csv").exists()


def test_a_list_of_rejected_rows_rejected_again_keeps_its_columns(
    app: Flask, write: Callable[..., Path], tmp_path: Path
) -> None:
    make_world()
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    bring(write({"found_at": "昨天"}), rejects=first)
    bring(first, rejects=second)
    assert second.read_text(encoding="utf-8-sig") == first.read_text(encoding="utf-8-sig")


def test_a_row_refused_halfway_leaves_no_trace(both: Flask, write: Callable[..., Path]) -> None:
    make_world()
    halfway = {"state": "closed", **WITH_UNIT, "closed_at": ""}
    report = bring(write(halfway, {}, halfway))
    assert report.rejected == Counter({Reason.MISSING: 2})
    assert (count(Task), count(TaskEvent)) == (1, 1)
    assert list(verify(db.session(), Verified())) == []


def test_an_import_that_was_killed_keeps_whole_batches_and_goes_on(
    both: Flask, write: Callable[..., Path]
) -> None:
    make_world()
    path = write(*[{}] * 25)

    def kill(report: Report) -> None:
        if report.read == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_tasks(path, TaskImport(NATIVE, batch=10), progress=kill)
    assert count(Task) == 20
    report = bring(path, batch=10)
    assert (report.stored, report.known) == (5, 20)
    numbers = sorted(db.session.scalars(select(Task.number)))
    assert numbers == [f"JW-20260302-{serial:04d}" for serial in range(1, 26)]


def test_a_dry_run_says_the_same_and_writes_nothing(
    both: Flask, write: Callable[..., Path]
) -> None:
    make_world()
    path = write({}, {"external_id": "A-1"}, {"found_at": "昨天"}, {"external_id": "A-1"})
    trial = bring(path, dry_run=True, batch=2)
    assert [count(model) for model in (Task, TaskEvent, NumberSequence, AuditEntry)] == [0] * 4
    real = bring(path, batch=2)
    assert (trial.read, trial.stored, trial.known) == (real.read, real.stored, real.known)
    assert trial.rejected == real.rejected


def test_units_are_made_on_the_way_only_when_the_profile_says_so(
    both: Flask, write: Callable[..., Path]
) -> None:
    make_world()
    path = write({"state": "handling", "unit": "新单位"}, {"state": "filed", "unit": "新单位"})
    before = count(Organization)
    assert bring(path).stored == 1
    assert count(Organization) == before
    making = replace(NATIVE, units=Units(create_units=True))
    report = import_tasks(path, TaskImport(making))
    assert (report.stored, report.known, report.units_made) == (1, 1, 1)
    assert count(Organization) == before + 1


def test_an_import_is_in_the_audit_log(app: Flask, write: Callable[..., Path]) -> None:
    make_world()
    bring(write({}, {"found_at": "昨天"}))
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "task.import")).one()
    assert (entry.object, entry.result) == ("tasks.csv", "partial")
    assert entry.detail["stored"] == 1
    assert entry.detail["rejected"] == {"date": 1}


def test_numbers_given_by_hand_and_by_import_never_meet(
    app: Flask, write: Callable[..., Path]
) -> None:
    world = make_world()
    by_hand = make_task(world)
    today = f"{clock.now() - timedelta(seconds=1):%Y-%m-%d %H:%M:%S}Z"
    bring(write({"found_at": today}, {"found_at": today}))
    make_task(world)
    numbers = list(db.session.scalars(select(Task.number)))
    assert by_hand in numbers
    assert len(set(numbers)) == 4


def test_the_command_ends_with_1_for_rejected_rows_and_2_for_a_file_of_no_use(
    app: Flask, write: Callable[..., Path], tmp_path: Path
) -> None:
    make_world()
    run = app.test_cli_runner()
    whole = run.invoke(command, [str(write({}))])
    assert (whole.exit_code, "保存：1 行" in whole.output) == (0, True)
    partial = run.invoke(command, [str(write({}, {"found_at": "昨天"}))])
    assert partial.exit_code == 1
    assert "已有：1 行" in partial.output
    assert "时间无法识别 (date)：1" in partial.output
    assert (tmp_path / "tasks-rejects.csv").exists()
    for arguments in (
        ["none.csv"],
        [str(write({})), "--profile", "x"],
        [str(write({})), "--crs", "y"],
    ):
        refused = run.invoke(command, arguments)
        assert refused.exit_code == 2
        assert "Traceback" not in refused.output
