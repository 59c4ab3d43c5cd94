"""A new edition from a table: every row is judged, nothing of a doubtful file is published."""

import io
import zipfile
from dataclasses import replace
from uuid import uuid4

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from tracker.access.actor import SYSTEM
from tracker.cli import main
from tracker.errors import Invalid
from tracker.points.checklist_columns import HEADINGS
from tracker.points.checklist_data import load_lines
from tracker.points.checklist_export import as_rows, template
from tracker.points.checklist_importing import MAX_LINES, read_draft
from tracker.points.checklist_models import ChecklistEdition, Dimension, Method
from tracker.points.checklist_operations import EditionGiven, publish
from tracker.points.checklist_storing import lines_of
from tracker.sheets import csv_pieces, workbook_pieces
from tracker.storage.db import db

HEADER = list(HEADINGS.values())
SOUND = ["M1", "农贸市场", "公共秩序", "市场秩序", "划行归市。", "目测", "09020", "2", "否"]


def csv_file(tmp_path, *rows, header=HEADER):
    path = tmp_path / "new.csv"
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in (header, *rows))
    path.write_text(text, encoding="utf-8")
    return path


def row(**changes):
    cells = dict(zip(HEADINGS, SOUND, strict=True)) | changes
    return list(cells.values())


def draft(tmp_path, *rows, header=HEADER):
    return read_draft(db.session(), csv_file(tmp_path, *rows, header=header))


def only_refusal(tmp_path, *rows):
    found = draft(tmp_path, *rows)
    assert found.read == len(rows)
    return [str(Invalid(one.reason, **one.facts)) for one in found.rejections]


def test_a_row_becomes_a_line(both, tmp_path):
    found = draft(tmp_path, row())
    assert found.rejections == ()
    line = found.lines[0]
    assert (line.code, line.site_types, line.category_code) == ("M1", ("market",), "09020")
    assert (line.dimension, line.method) == (Dimension.ORDER, Method.LOOK)
    assert (line.weight, line.is_critical, line.standard) == (2, False, "划行归市。")


def test_words_of_an_office_are_understood(app, tmp_path):
    found = draft(
        tmp_path,
        row(code="A", site_types="通用"),
        row(code="B", site_types="电信/移动/联通"),
        row(code="C", site_types="公园、广场，公园", is_critical="是", method="", weight=""),
        row(code="D", dimension="sanitation", method="records", category_code="暴露垃圾"),
        row(code="E", category_code="06010、06042"),
        row(code="F", category_code="06010 暴露垃圾"),
    )
    assert found.rejections == ()
    assert [line.site_types for line in found.lines[:3]] == [
        (), ("telecom", "mobile", "unicom"), ("park", "square"),
    ]  # fmt: skip
    assert (found.lines[2].is_critical, found.lines[2].weight) == (True, 1)
    assert [line.category_code for line in found.lines[3:]] == ["06010", "06010", "06010"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": ""}, "缺少编号"),
        ({"code": "M 1"}, "编号只能由"),
        ({"code": "M" * 25}, "编号超过 24"),
        ({"code": "M" * 12, "site_types": "公园、广场"}, "不能超过 11"),
        ({"site_types": ""}, "填“通用”"),
        ({"site_types": "月球基地"}, "不认识的点位类型“月球基地”"),
        ({"site_types": "公园、月球"}, "不认识的点位类型“月球”"),
        ({"dimension": "公平"}, "不认识的维度“公平”"),
        ({"method": "占卜"}, "不认识的检查方法“占卜”"),
        ({"category_code": "99999"}, "没有在用的问题类别“99999”"),
        ({"category_code": ""}, "缺少问题类别代码"),
        ({"category_code": "，"}, "没有在用的问题类别“，”"),
        ({"category_code": "06010, ,x"}, "没有在用的问题类别“x”"),
        ({"site_types": "、"}, "不认识的点位类型“、”"),
        ({"text": ""}, "缺少检查内容"),
        ({"text": "长" * 121}, "超过 120"),
        ({"standard": "长" * 2001}, "超过 2000"),
        ({"weight": "0"}, "1 到 100"),
        ({"weight": "101"}, "1 到 100"),
        ({"weight": "1.5"}, "1 到 100"),
        ({"weight": "9" * 5000}, "1 到 100"),
        ({"weight": "0000000019999999999"}, "1 到 100"),
        ({"is_critical": "也许"}, "“关键项”应为"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(app, tmp_path, changes, words):
    (reason,) = only_refusal(tmp_path, row(**changes))
    assert words in reason


def test_a_code_that_is_there_twice_refuses_both_rows_and_names_them(app, tmp_path):
    reasons = only_refusal(tmp_path, row(), row(), row(code="M2"))[:2]
    assert reasons == ["编号在文件中重复（第 1、2 行）"] * 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", "编号\n".encode()),
        ("a.csv", ",".join(HEADER).encode()),
        ("a.csv", b'"\xff\xfe\x00'),
        ("a.xlsx", b"PK\x03\x04 torn"),
        ("a.xlsx", b"<script>alert(1)</script>"),
        ("a.docx", b"anything"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(app, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid):
        read_draft(db.session(), path)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(app, tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", b"0" * 40_000_000)
    assert path.stat().st_size < 500_000
    with pytest.raises(Invalid, match="文件过大"):
        read_draft(db.session(), path)


def test_too_many_rows_are_refused(app, tmp_path):
    path = tmp_path / "long.csv"
    lines = [",".join(HEADER)] + [",".join(row(code=f"M{n}")) for n in range(MAX_LINES + 1)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(Invalid, match="5000"):
        read_draft(db.session(), path)


def test_a_formula_of_a_workbook_is_not_what_it_would_compute(app, tmp_path):
    book = Workbook()
    book.active.append(HEADER)
    book.active.append(row(text="=1+1"))
    path = tmp_path / "formula.xlsx"
    book.save(path)
    found = read_draft(db.session(), path)
    assert [str(one.reason) for one in found.rejections] == ["缺少检查内容"]


def test_an_edition_leaves_and_comes_back_without_loss_in_both_formats(both, tmp_path):
    lines = list(load_lines("sample-2026"))
    lines[0] = replace(lines[0], text="=HYPERLINK(1)", standard='第一行\n-第二行,“引号”"')
    lines[1] = replace(lines[1], text="<script>alert(1)</script>", standard="@SUM(A1)")
    code = publish(EditionGiven("往返"), lines, actor=SYSTEM, request_uuid=str(uuid4()))
    edition = db.session.scalars(
        select(ChecklistEdition).where(ChecklistEdition.code == code)
    ).one()
    rows = as_rows(db.session(), lines_of(db.session(), edition.id))
    (tmp_path / "out.csv").write_text(
        "".join(csv_pieces(HEADER, rows)), encoding="utf-8", newline=""
    )
    (tmp_path / "out.xlsx").write_bytes(b"".join(workbook_pieces("检查清单", HEADER, rows)))
    for name in ("out.csv", "out.xlsx"):
        found = read_draft(db.session(), tmp_path / name)
        assert found.rejections == ()
        assert found.lines == tuple(lines), name


def test_no_cell_of_an_export_runs_as_a_formula(app, tmp_path):
    from openpyxl import load_workbook

    lines = [replace(load_lines("sample-2026")[0], text="=cmd|' /C calc'!A0", standard="+1")]
    rows = as_rows(db.session(), lines)
    assert "'=cmd" in "".join(csv_pieces(HEADER, rows))
    book = load_workbook(io.BytesIO(b"".join(workbook_pieces("检查清单", HEADER, rows))))
    assert {cell.data_type for line in book.active.iter_rows() for cell in line} == {"s"}


def test_the_template_can_be_imported_as_it_is(app, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(template(db.session()))
    found = read_draft(db.session(), path)
    assert (len(found.lines), found.rejections) == (2, ())


def run(app, *args):
    return app.test_cli_runner().invoke(main, ["import", "checklist", *map(str, args)])


def editions():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(ChecklistEdition))


def test_the_command_reports_what_changes_and_publishes(both, tmp_path):
    before = editions()
    path = csv_file(tmp_path, row(), row(code="G1", text="改了"))
    said = run(both, path, "--name", "新版", "--valid-from", "2026-12-01", "--dry-run")
    assert said.exit_code == 0, said.output
    assert "新增 1 · 修改 1" in said.output
    assert editions() == before
    said = run(both, path, "--name", "新版", "--valid-from", "2026-12-01", "--source", "手册")
    assert said.exit_code == 0, said.output
    assert "已发布 checklist-20261201" in said.output
    assert editions() == before + 1
    again = run(both, path, "--name", "再一版", "--valid-from", "2026-12-01")
    assert again.exit_code == 2
    assert "换一个日期" in again.output


def test_the_command_publishes_nothing_of_a_file_with_a_fault_unless_told_so(app, tmp_path):
    before = editions()
    path = csv_file(tmp_path, row(), row(code="M2", weight="0"))
    said = run(app, path, "--name", "新版")
    assert said.exit_code == 1
    assert "第 2 条 M2：权重应为" in said.output
    assert editions() == before
    said = run(app, path, "--name", "新版", "--without-rejected")
    assert said.exit_code == 1
    assert editions() == before + 1


def test_a_file_that_cannot_be_read_ends_the_command_with_words(app, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("别的,列\n1,2\n", encoding="utf-8")
    said = run(app, path, "--name", "新版")
    assert said.exit_code == 2
    assert "文件中没有“编号、点位类型、维度、检查内容、问题类别代码”列" in said.output
