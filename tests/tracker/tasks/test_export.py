"""Exports hold exactly what is filtered, reopen as data, and never run anything."""

import csv
import io
import zipfile
from datetime import datetime

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories.client import OfficeClient, open_session
from tests.factories.world import GUANGAN, World, make_task, make_world
from tests.factories.world import task as fresh
from tracker import sheets
from tracker.audit.models import AuditEntry
from tracker.storage.db import db
from tracker.tasks import export, listing
from tracker.tasks.states import State

#: The native columns of the contract, in its order.
NATIVE = [
    "外部编号", "发现时间", "经度", "纬度", "问题类别代码", "问题描述", "标题", "地址", "来源", "状态", "社区代码",
    "责任单位", "整改时限", "结案时间", "点位代码", "任务编号",
]  # fmt: skip
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1"]


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def rows(client: OfficeClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/tasks/export.csv{query}")
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def sheet(client: OfficeClient, query: str = "") -> list[list[object]]:
    answer = client.get(f"/tasks/export.xlsx{query}")
    assert answer.status_code == 200, answer.text
    book = load_workbook(io.BytesIO(answer.data))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_csv_holds_exactly_what_is_filtered_and_visible(both: Flask, world: World) -> None:
    new, closed = make_task(world), make_task(world, State.CLOSED)
    elsewhere = make_task(world, community=GUANGAN)
    office, lead = open_session(both, "dispatcher"), open_session(both, "grid_lead")
    assert [row["任务编号"] for row in rows(office)] == [elsewhere, closed, new]
    assert [row["任务编号"] for row in rows(office, "?state=closed")] == [closed]
    assert [row["任务编号"] for row in rows(lead)] == [closed, new]


def test_the_native_columns_come_first_under_the_names_of_the_contract(
    both: Flask, world: World
) -> None:
    number = make_task(world, State.CLOSED)
    row = rows(open_session(both, "dispatcher"))[0]
    assert list(row)[:16] == NATIVE
    assert (row["外部编号"], row["任务编号"], row["状态"]) == (number, number, "已结案")
    assert (row["社区代码"], row["问题类别代码"], row["来源"]) == (
        "440404100001", "06010", "督导检查",
    )  # fmt: skip
    assert (row["整改措施"], row["核查人"], row["是否超期"]) == ("已清理", "verifier", "否")
    assert list(row.items())[-1] == ("结案方式", "核查通过")
    written = datetime.fromisoformat(row["发现时间"])
    assert written.utcoffset() is not None
    assert abs((written - fresh(number).found_at).total_seconds()) < 1


def test_the_english_reader_gets_english_headers_and_codes(app: Flask) -> None:
    world = make_world()
    make_task(world)
    client = open_session(app, "dispatcher")
    client.post_form("/locale", {"locale": "en"})
    row = rows(client)[0]
    assert list(row)[:5] == ["external_id", "found_at", "lon", "lat", "category_code"]
    assert row["state"] == "reported"


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_stays_text(app: Flask, text: str) -> None:
    world = make_world()
    number = make_task(world, title="标题", description=f"x{text}")
    task = fresh(number)
    assert task.description == f"x{text}".strip()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE task SET description=?, title=?", (text, text))
    client = open_session(app, "dispatcher")
    row = rows(client)[0]
    assert row["问题描述"] == "'" + text
    answer = client.get("/tasks/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())
    cell = load_workbook(io.BytesIO(answer.data)).active["F2"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_a_workbook_keeps_codes_as_text_and_times_as_times(both: Flask, world: World) -> None:
    make_task(world)
    head, first = sheet(open_session(both, "dispatcher"))
    row = dict(zip(head, first, strict=True))
    assert head[:16] == NATIVE
    assert row["社区代码"] == "440404100001"
    assert isinstance(row["发现时间"], datetime)
    assert isinstance(row["经度"], float)


def test_control_characters_do_not_break_a_workbook(app: Flask) -> None:
    world = make_world()
    make_task(world, description="响铃\x07垃圾")
    head, first = sheet(open_session(app, "dispatcher"))
    assert dict(zip(head, first, strict=True))["问题描述"] == "响铃垃圾"


def test_every_row_leaves_once_across_batches(
    both: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "BATCH", 2)
    monkeypatch.setattr(listing.walk, "__kwdefaults__", {"batch": 2})
    monkeypatch.setattr(sheets, "CHUNK", 3)
    made = [make_task(world) for _ in range(7)]
    client = open_session(both, "dispatcher")
    for order in ("reported_at", "due_at", "updated_at", "number"):
        assert sorted(row["任务编号"] for row in rows(client, f"?sort={order}")) == made


def test_a_workbook_refuses_too_many_rows_and_names_csv(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    make_task(world)
    make_task(world)
    monkeypatch.setattr(export, "MAX_WORKBOOK_ROWS", 1)
    answer = open_session(app, "dispatcher").get("/tasks/export.xlsx")
    assert answer.status_code == 422
    assert "CSV" in answer.text


def test_an_export_is_written_into_the_audit_log_with_its_filter(app: Flask) -> None:
    world = make_world()
    make_task(world)
    rows(open_session(app, "dispatcher"), "?state=reported&q=垃圾")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "export")).one()
    assert (entry.actor_name, entry.object) == ("dispatcher", "tasks.csv")
    assert entry.detail["filter"] == {"state": ["reported"], "q": ["垃圾"]}


def test_an_export_with_a_filter_it_does_not_understand_is_refused(app: Flask) -> None:
    make_world()
    client = open_session(app, "dispatcher")
    assert client.get("/tasks/export.csv?state=gone").status_code == 422
    assert client.get("/tasks/export.xlsx?unit=x").status_code == 422


def test_administrators_export_nothing(app: Flask) -> None:
    make_world()
    assert open_session(app, "sysadmin").get("/tasks/export.csv").status_code == 403


@pytest.mark.parametrize("char", ["\ufffe", "\uffff", "\x01", "\x0b", "\x1f"])
def test_no_character_of_one_report_spoils_the_workbook_of_all(app: Flask, char: str) -> None:
    make_task(make_world(), description=f"垃圾{char}未清理")
    assert "垃圾未清理" in str(sheet(open_session(app, "dispatcher")))
