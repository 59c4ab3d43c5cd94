"""The real files beside the project come in: every row stored or listed, each in its right place."""

import csv
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tracker.access.actor import SYSTEM
from tracker.app import create_app
from tracker.places.columns import GivenColumns
from tracker.places.importing import AreaImport, import_areas
from tracker.places.models import Area, Level, Organization
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.importing.profile import load_profile
from tracker.tasks.importing.reasons import Reason
from tracker.tasks.importing.report import Report
from tracker.tasks.importing.run import TaskImport, import_tasks
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.verifying import Verified, verify

DECEMBER, JANUARY = "la311_2017dec.csv", "la311_2018jan.csv"
#: rows whose closing time lies before their creation, counted by hand, by file
CLOSED_TOO_EARLY = {DECEMBER: 12, JANUARY: 13}
PINGSHAN = "pingshan_events_dev_to_2018-10-31.csv"
COUNCIL_WORDS = {"NC", "NDC", "CC"}
#: councils of 2017 under their name of 2019
RENAMED = {"GREATERECHOPARKELYSIAN": "ECHOPARK", "MIDTOWNNORTHHOLLYWOOD": "NOHO"}


@dataclass(frozen=True)
class Imported:
    """Reports of the runs and the files of rejected rows, by file name."""

    reports: dict[str, Report]
    rejects: dict[str, Path]
    again: Report


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream))


def add_area(code: str, name: str, level: Level, parent: str | None) -> None:
    path = (db.session.get_one(Area, parent).path if parent else "") + code + "/"
    area = Area(code=code, name=name, level=level, parent_code=parent, path=path)
    db.session.add(area)
    db.session.flush()


def los_angeles(folder: Path) -> None:
    """The 99 council areas as communities of one district."""
    with unit_of_work():
        add_area("LA", "Los Angeles", Level.DISTRICT, None)
    report = import_areas(
        folder / "nc_boundaries_2019_wgs84.geojson",
        AreaImport(level=Level.COMMUNITY, parent="LA", columns=GivenColumns("nc_id", "name", None)),
        actor=SYSTEM,
    )
    assert report.rejected == 0
    assert db.session.scalar(select(func.count()).where(Area.level == Level.COMMUNITY)) == 99


def pingshan(folder: Path) -> None:
    """The communities of the list, with codes made up for the test."""
    with unit_of_work():
        add_area("440310", "坪山区", Level.DISTRICT, None)
        towns: dict[str, str] = {}
        rows = read_csv(folder / "communities_raw.csv")
        for row in rows:
            if row["community"] in ("-", "碧玲社区"):
                continue
            town = towns.setdefault(row["street"], f"440310{len(towns) + 1:03d}")
            if db.session.get(Area, town) is None:
                add_area(town, row["street"], Level.TOWN, "440310")
            add_area(town + row["community_id"][-3:], row["community"], Level.COMMUNITY, town)


def plain(name: str) -> str:
    """A council's name as the answer key compares it: upper-case letters and digits only."""
    words = re.findall("[A-Z0-9]+", name.upper())
    return "".join(word for word in words if word not in COUNCIL_WORDS)


@pytest.fixture(scope="module")
def whole_city(
    sqlite_template: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Imported]:
    """All 19,999 requests of both files in SQLite, imported once, and the second file again."""
    folder = tmp_path_factory.mktemp("la311")
    shutil.copy(sqlite_template, folder / "tracker.db")
    app = create_app(Settings(data_dir=folder, secret_key="only-for-tests-" + "x" * 32))
    profile = load_profile("la311")
    with app.app_context():
        los_angeles(shared_data / "la311")
        reports, rejects = {}, {}
        for name in (DECEMBER, JANUARY):
            rejects[name] = folder / f"rejects-{name}"
            asked = TaskImport(profile, rejects=rejects[name])
            reports[name] = import_tasks(shared_data / "la311" / name, asked)
        again = import_tasks(shared_data / "la311" / JANUARY, TaskImport(profile))
        yield Imported(reports, rejects, again)
        db.session.remove()
        db.engine.dispose()


def test_every_request_is_stored_or_listed_with_its_reason(whole_city: Imported) -> None:
    assert [whole_city.reports[name].read for name in (DECEMBER, JANUARY)] == [9_999, 10_000]
    for name, report in whole_city.reports.items():
        assert report.stored + report.known + report.refused == report.read
        assert report.rejected == Counter({Reason.TIME_ORDER: CLOSED_TOO_EARLY[name]})
        listed = read_csv(whole_city.rejects[name])
        assert len(listed) == report.refused
        assert {row["reason"] for row in listed} == {"结案时间早于上报时间"}
    stored = db.session.scalar(select(func.count()).select_from(Task))
    assert stored == 19_999 - sum(CLOSED_TOO_EARLY.values())


def test_the_same_file_again_changes_nothing(whole_city: Imported) -> None:
    first = whole_city.reports[JANUARY]
    assert (whole_city.again.stored, whole_city.again.known) == (0, first.stored)
    assert whole_city.again.refused == first.refused


@pytest.mark.parametrize("name", [DECEMBER, JANUARY])
def test_the_community_of_a_point_is_the_council_that_the_record_names(
    whole_city: Imported, shared_data: Path, name: str
) -> None:
    assigned, right = agreement(shared_data / "la311" / name)
    assert assigned > 7_500
    assert right / assigned >= 0.95


def agreement(path: Path, rows: int | None = None) -> tuple[int, int]:
    """Of the rows of a file with a point and a council: how many lie in one, and in the named one."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        wanted = {
            "la311:" + row["SRNumber"]: plain(row["NCName"])
            for row in islice(csv.DictReader(stream), rows)
            if row["Latitude"] and row["NCName"]
        }
    found = db.session.execute(
        select(Task.external_id, Area.name)
        .join(Area, Area.code == Task.community_code)
        .where(Task.lon.is_not(None))
    )
    pairs = [(wanted[id_], plain(name)) for id_, name in found if id_ in wanted]
    return len(pairs), sum(named == lies_in for named, lies_in in pairs)


def test_a_request_without_a_point_goes_to_the_council_it_names_else_to_the_queue(
    whole_city: Imported, shared_data: Path
) -> None:
    names = {plain(name) for name in db.session.scalars(select(Area.name))}
    without = {
        "la311:" + row["SRNumber"]: row["NCName"]
        for name in (DECEMBER, JANUARY)
        for row in read_csv(shared_data / "la311" / name)
        if not row["Latitude"]
    }
    assert len(without) == 1_753 + 1_102
    found = db.session.execute(
        select(Task.external_id, Area.name, Task.district_code)
        .outerjoin(Area, Area.code == Task.community_code)
        .where(Task.lon.is_(None))
    ).all()
    assert {id_ for id_, _, _ in found} <= set(without)
    for id_, lies_in, district in found:
        named = RENAMED.get(plain(without[id_]), plain(without[id_]))
        assert (plain(lies_in) if lies_in else None) == (named if named in names else None)
        assert district == "LA"


def test_each_request_stands_where_its_record_says(whole_city: Imported, shared_data: Path) -> None:
    states = {
        "Closed": "closed",
        "Cancelled": "cancelled",
        "Referred Out": "rejected",
        "Open": "handling",
    }
    said = {
        "la311:" + row["SRNumber"]: states[row["Status"]]
        for name in (DECEMBER, JANUARY)
        for row in read_csv(shared_data / "la311" / name)
    }
    stored = db.session.execute(select(Task.external_id, Task.state)).all()
    assert [pair for pair in stored if said[pair[0]] != pair[1]] == []


def test_wall_times_of_los_angeles_become_moments(whole_city: Imported) -> None:
    task = db.session.scalars(select(Task).where(Task.external_id == "la311:1-870704831")).one()
    # 12/31/2017 11:59:58 PM in winter, 04/09/2018 09:18:35 AM in summer time
    assert task.reported_at == datetime(2018, 1, 1, 7, 59, 58, tzinfo=UTC)
    assert task.closed_at == datetime(2018, 4, 9, 16, 18, 35, tzinfo=UTC)
    # due on the day of 01/05/2018, so until its end
    assert task.due_at == datetime(2018, 1, 6, 7, 59, 59, tzinfo=UTC)
    assert task.was_overdue
    steps = db.session.scalars(
        select(TaskEvent.action).where(TaskEvent.task_id == task.id).order_by(TaskEvent.sequence)
    ).all()
    assert steps == ["report", "file", "dispatch", "acknowledge", "submit", "pass"]


def test_the_chains_of_an_import_are_whole(whole_city: Imported) -> None:
    seen = Verified()
    assert list(verify(db.session(), seen)) == []
    assert seen.tasks == sum(report.stored for report in whole_city.reports.values())


def test_the_owner_of_a_request_becomes_its_unit(whole_city: Imported) -> None:
    names = set(db.session.scalars(select(Organization.name)))
    assert "LA Sanitation (BOS)" in names
    assert len(names) == 6


def test_a_thousand_rows_come_in_on_postgresql_as_they_do_on_sqlite(
    whole_city: Imported, make_app: Callable[..., Flask], shared_data: Path, tmp_path: Path
) -> None:
    source = shared_data / "la311" / JANUARY
    part = tmp_path / "part.csv"
    with source.open(encoding="utf-8", newline="") as stream:
        part.write_text("".join(islice(stream, 1_001)), encoding="utf-8", newline="")
    on_sqlite = agreement(source, 1_000)
    with make_app("postgresql").app_context():
        los_angeles(shared_data / "la311")
        report = import_tasks(part, TaskImport(load_profile("la311"), batch=300))
        assert (report.read, report.stored, report.refused) == (1_000, 1_000, 0)
        assert agreement(source, 1_000) == on_sqlite == (975, 914)
        assert list(verify(db.session(), Verified())) == []
        db.session.remove()


def communities(rows: list[dict[str, str]]) -> Counter[str]:
    return Counter(row["community"] for row in rows if row["community"] != "-")


def test_complaints_without_points_go_to_their_community_by_name(
    app: Flask, shared_data: Path
) -> None:
    folder = shared_data / "pingshan_events"
    pingshan(folder)
    report = import_tasks(folder / PINGSHAN, TaskImport(load_profile("pingshan")))
    rows = read_csv(folder / PINGSHAN)
    assert (report.read, report.stored, report.refused) == (6_952, 6_952, 0)
    assert report.queued == sum(row["community"] == "-" for row in rows)
    found = db.session.execute(
        select(Area.name, func.count())
        .join(Task, Task.community_code == Area.code)
        .group_by(Area.name)
    )
    assert Counter(dict(found.all())) == communities(rows)
    late = db.session.scalar(select(func.count()).where(Task.was_overdue))
    assert late == sum(row["status"] == "逾期办结" for row in rows)
    assert db.session.scalar(select(func.count()).where(Task.state == "closed")) == 6_952


def test_utf_8_and_gb18030_give_the_same(
    make_app: Callable[..., Flask], shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "pingshan_events"
    with (folder / "pingshan_events_2000_gb18030.csv").open("rb") as stream:
        lines = list(islice(stream, 401))
    chinese, unicode = tmp_path / "gb18030.csv", tmp_path / "utf8.csv"
    chinese.write_bytes(b"".join(lines))
    unicode.write_text(chinese.read_text(encoding="gb18030"), encoding="utf-8")
    found = []
    for path in (chinese, unicode):
        with make_app("sqlite").app_context():
            pingshan(folder)
            report = import_tasks(path, TaskImport(load_profile("pingshan")))
            assert (report.read, report.stored) == (400, 400)
            query = select(Task.external_id, Task.title, Task.community_code, Task.category_id)
            found.append(db.session.execute(query.order_by(Task.external_id)).all())
            db.session.remove()
    assert found[0] == found[1]
