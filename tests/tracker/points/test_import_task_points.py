"""A task of a file names its inspection point by code, and leaves with it again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.points import make_point, point
from tests.factories.world import INSIDE, SANZAO, make_task, make_world
from tracker.cli import main
from tracker.storage.db import db
from tracker.tasks.importing.profile import load_profile
from tracker.tasks.importing.run import TaskImport, import_tasks
from tracker.tasks.models import Task
from tracker.tasks.states import State

LON, LAT = INSIDE[SANZAO]
HEADER = "external_id,found_at,lon,lat,category_code,description,点位代码"


def table(folder: Path, *codes: str) -> Path:
    lines = [
        f"E-{i},2026-03-02 08:30,{LON},{LAT},06010,垃圾,{code}" for i, code in enumerate(codes)
    ]
    path = folder / "tasks.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return path


def points_of_tasks() -> dict[str | None, int | None]:
    db.session.rollback()
    return {task.external_id: task.point_id for task in db.session.scalars(select(Task))}


def test_a_known_code_ties_the_task_and_an_unknown_one_is_refused_with_its_reason(
    both: Flask, tmp_path: Path
) -> None:
    make_point(make_world(), code="SZ-01")
    rejects = tmp_path / "rejects.csv"
    asked = TaskImport(load_profile("native"), rejects=rejects)
    report = import_tasks(table(tmp_path, "SZ-01", "没有的", ""), asked)
    assert (report.stored, report.refused) == (2, 1)
    assert points_of_tasks() == {"E-0": point("SZ-01").id, "E-2": None}
    assert "点位代码“没有的”不在系统中" in rejects.read_text("utf-8-sig")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_exported_tasks_keep_their_point_elsewhere(
    make_app: Callable[..., Flask], tmp_path: Path, name: str
) -> None:
    file = str(tmp_path / name)
    home, elsewhere = make_app("sqlite"), make_app("sqlite")
    with home.app_context():
        world = make_world()
        make_point(world, code="SZ-00")
        make_point(world, code="SZ-01")
        make_task(world, State.HANDLING, point_id=point("SZ-01").id)
        make_task(world, State.REPORTED)
        made = home.test_cli_runner().invoke(main, ["export", "tasks", file])
        assert made.exit_code == 0, made.output
        db.session.remove()
    with elsewhere.app_context():
        make_point(make_world(), code="SZ-01")
        taken = elsewhere.test_cli_runner().invoke(main, ["import", "tasks", file])
        assert taken.exit_code == 0, taken.output
        assert sorted(points_of_tasks().values(), key=str) == [point("SZ-01").id, None]
        db.session.remove()
