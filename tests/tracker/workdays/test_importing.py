"""A yearly notice comes in whole or not at all, and says which row to mend."""

from datetime import date, datetime

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from tracker.calendar import DayKind
from tracker.calendar.models import CalendarEdition
from tracker.calendar.storing import calendar_in_force, edition_in_force
from tracker.cli.import_holidays import command
from tracker.errors import Invalid
from tracker.storage.db import db
from tracker.workdays.importing import read_notice

#: A whole notice of a year that no library knows.
REST = [
    (1, 1),
    (1, 2),
    (1, 3),
    *((2, d) for d in range(5, 13)),
    (4, 5),
    (5, 1),
    (5, 2),
    (10, 1),
    (10, 2),
]
ROWS = [f"2035-{m:02d}-{d:02d},休,假日,国办" for m, d in REST] + ["2035-02-17,班,春节调休,国办"]


def write(folder, *rows, header="日期,类别,名称,来源", encoding="utf-8", name="2035.csv"):
    path = folder / name
    path.write_text("\n".join((header, *rows)), encoding=encoding)
    return path


def run(app, *args):
    return app.test_cli_runner().invoke(command, [str(word) for word in args])


def in_force():
    db.session.rollback()
    return calendar_in_force(db.session())


def test_a_notice_is_read_with_chinese_or_english_words_from_csv_or_excel(tmp_path):
    chinese = read_notice(
        write(tmp_path, "2035年1月1日,休,元旦,国办", "2035/1/6,班,,", encoding="gb18030")
    )
    english = read_notice(
        write(
            tmp_path, "2035-01-01,rest,元旦,国办", "2035-1-6,work,,", header="date,kind,name,source"
        )
    )
    book = Workbook()
    book.active.append(["日期", "类别", "名称", "来源"])
    book.active.append([datetime(2035, 1, 1), "休", "元旦", "国办"])
    book.active.append(["2035.1.6", "班"])
    book.save(tmp_path / "a.xlsx")
    workbook = read_notice(tmp_path / "a.xlsx")
    assert chinese == english == workbook
    assert [one.kind for one in chinese.days] == [DayKind.REST, DayKind.WORK]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2035-13-01,休,,", "无法识别"),
        ("1905-01-01,休,,", "年份"),
        ("46023,休,,", "无法识别"),
        ("2035-01-02,假,,", "休、班 或 停工"),
        (",休,元旦,", "“空”"),
        ("2035-01-01,班,,", "星期一"),
        ("2035-01-02,休," + "长" * 61 + ",", "超过 60"),
        ("2035-01-01,休,重复,", "第 1 行重复"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_with_its_number_and_reason(tmp_path, row, says):
    notice = read_notice(write(tmp_path, "2035-01-01,休,元旦,", row))
    (refused,) = notice.rejections
    assert refused.row == 2
    assert says in refused.reason % refused.facts
    assert notice.read == 2


@pytest.mark.parametrize(
    ("header", "rows"), [("date,name", ["2035-01-01,x"]), ("日期,类别", []), ("", [])]
)
def test_a_file_without_its_columns_or_rows_is_refused(tmp_path, header, rows):
    with pytest.raises(Invalid):
        read_notice(write(tmp_path, *rows, header=header))


def test_the_command_imports_a_year_mends_a_rejected_file_and_knows_it_the_third_time(
    app, tmp_path
):
    broken = write(tmp_path, *ROWS, "2035-09-31,休,中秋,国办")
    answer = run(app, broken)
    assert answer.exit_code == 1
    assert f"第 {len(ROWS) + 1} 条" in answer.output
    assert in_force().is_predicted(2035)
    mended = write(tmp_path, *ROWS, "2035-09-16,休,中秋,国办")
    dry = run(app, mended, "--dry-run")
    assert (dry.exit_code, "未写入" in dry.output) == (0, True)
    assert in_force().is_predicted(2035)
    assert run(app, mended).exit_code == 0
    assert not in_force().is_predicted(2035)
    assert not in_force().is_workday(date(2035, 10, 1))
    assert in_force().is_workday(date(2035, 2, 17))
    edition = db.session.scalars(
        select(CalendarEdition).order_by(CalendarEdition.id.desc())
    ).first()
    assert (edition.kind, edition.note, edition.by_name) == ("import", "2035.csv", "系统")
    assert edition.version == in_force().version
    before = edition_in_force(db.session())
    again = run(app, mended)
    assert f"已有 {len(ROWS) + 1}" in again.output
    assert edition_in_force(db.session()) == before


def test_a_few_days_do_not_make_a_year_known(app, tmp_path):
    answer = run(app, write(tmp_path, *ROWS[:3]))
    assert answer.exit_code == 0
    assert "2035 年的休息日不全" in answer.output
    assert in_force().is_predicted(2035)
    assert not in_force().is_workday(date(2035, 1, 1))
