"""`tracker export` writes files that the importers take back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.world import World, make_task, make_world
from tracker import clock
from tracker.cli.export import export
from tracker.cli.import_areas import command as import_areas
from tracker.cli.import_tasks import command as import_tasks
from tracker.places.models import Area, AreaBoundary
from tracker.storage.db import db
from tracker.tasks.export import csv_lines
from tracker.tasks.filters import TaskFilter
from tracker.tasks.importing.profile import load_profile
from tracker.tasks.importing.run import TaskImport
from tracker.tasks.importing.run import import_tasks as import_file
from tracker.tasks.models import Task
from tracker.tasks.states import State

NATIVE = load_profile("native")


def tasks() -> list[tuple[object, ...]]:
    db.session.rollback()
    query = select(Task.state, Task.description, Task.community_code, Task.unit_id)
    return sorted(map(tuple, db.session.execute(query)), key=str)


@pytest.mark.parametrize(
    ("name", "options"), [("a.csv", []), ("a.csv", ["--english"]), ("a.xlsx", [])]
)
def test_exported_tasks_come_in_elsewhere(
    make_app: Callable[..., Flask], tmp_path: Path, name: str, options: list[str]
) -> None:
    file = str(tmp_path / name)
    home, elsewhere = make_app("sqlite"), make_app("sqlite")
    with home.app_context():
        world = make_world()
        for state in (State.REPORTED, State.HANDLING, State.CLOSED, State.REJECTED):
            make_task(world, state)
        made = home.test_cli_runner().invoke(export, ["tasks", file, *options])
        assert made.exit_code == 0, made.output
        kept = tasks()
        db.session.remove()
    with elsewhere.app_context():
        make_world()
        taken = elsewhere.test_cli_runner().invoke(import_tasks, [file])
        assert taken.exit_code == 0, taken.output
        assert tasks() == kept
        db.session.remove()


EXPORTED = (
    "state", "source", "title", "description", "address", "lon", "lat", "community_code",
    "category_id", "unit_id",
)  # fmt: skip


def exported(world: World, path: Path, *, english: bool) -> dict[str, tuple[object, ...]]:
    lines = csv_lines(
        db.session(), world.actor("assessor"), TaskFilter(), now=clock.now(), english=english
    )
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return rows()


def rows() -> dict[str, tuple[object, ...]]:
    db.session.rollback()
    return {
        task.external_id or task.number: tuple(getattr(task, name) for name in EXPORTED)
        for task in db.session.scalars(select(Task))
    }


@pytest.mark.parametrize("english", [True, False])
def test_an_export_comes_in_again_elsewhere_and_is_known_at_home(
    make_app: Callable[..., Flask], tmp_path: Path, english: bool
) -> None:
    path = tmp_path / "export.csv"
    with make_app("sqlite").app_context():
        world = make_world()
        for state in set(State) - {State.MERGED}:
            make_task(world, state, description="=1+1 是公式吗")
        kept = exported(world, path, english=english)
        at_home = import_file(path, TaskImport(NATIVE))
        assert (at_home.known, at_home.read) == (9, 9)
        db.session.remove()
    with make_app("sqlite").app_context():
        make_world()
        report = import_file(path, TaskImport(NATIVE))
        assert report.refused == 0
        assert rows() == kept
        db.session.remove()


def areas() -> list[tuple[object, ...]]:
    db.session.rollback()
    query = (
        select(Area.code, Area.name, Area.level, Area.parent_code, Area.is_pilot)
        .join(AreaBoundary, AreaBoundary.area_code == Area.code)
        .order_by(Area.code)
    )
    return list(map(tuple, db.session.execute(query)))


def test_exported_areas_come_in_elsewhere(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    file = tmp_path / "areas.geojson"
    home, elsewhere = make_app("sqlite"), make_app("sqlite")
    with home.app_context():
        make_world()
        assert home.test_cli_runner().invoke(export, ["areas", str(file)]).exit_code == 0
        kept = areas()
        assert len(kept) == len(json.loads(file.read_text(encoding="utf-8"))["features"]) == 8
        db.session.remove()
    with elsewhere.app_context():
        taken = elsewhere.test_cli_runner().invoke(import_areas, [str(file)])
        assert taken.exit_code == 0, taken.output
        assert areas() == kept
        db.session.remove()


@pytest.mark.parametrize("arguments", [["tasks", "a.pdf"], ["areas", "a.shp"]])
def test_another_ending_is_refused_in_words(app: Flask, arguments: list[str]) -> None:
    refused = app.test_cli_runner().invoke(export, arguments)
    assert refused.exit_code == 2
    assert "扩展名" in refused.output


def test_a_folder_that_is_not_there_is_told_in_words(app: Flask, tmp_path: Path) -> None:
    make_world()
    refused = app.test_cli_runner().invoke(export, ["tasks", str(tmp_path / "no" / "a.csv")])
    assert refused.exit_code == 2
    assert "无法写入" in refused.output
