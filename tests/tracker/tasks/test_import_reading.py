"""Files as offices hand them in: every encoding and fault is read or refused in words."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from tracker.errors import Invalid
from tracker.tasks.importing.mapping import Mapper, Record
from tracker.tasks.importing.names import NameIndex, plain_name
from tracker.tasks.importing.profile import Names, load_profile, parse_profile, shipped_profiles
from tracker.tasks.importing.reading import open_rows
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.tasks.importing.rules import Rules
from tracker.tasks.states import Source, State

NATIVE = load_profile("native")
HEAD = ["外部编号", "发现时间", "经度", "纬度", "问题类别代码", "问题描述"]
ROW = ["A-1", "2026-03-01 08:30", "113.355", "22.045", "06010", "路边垃圾"]


def as_csv(rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def records(path: Path, **changes: object) -> list[Record | RowRejected]:
    profile = parse_profile({**MINIMAL, **changes}, name="test") if changes else NATIVE
    found: list[Record | RowRejected] = []
    with open_rows(path, profile) as sheet:
        mapper = Mapper(profile, sheet.header)
        for line in sheet.lines:
            try:
                found.append(mapper.record(line))
            except RowRejected as rejected:
                found.append(rejected)
    return found


MINIMAL = {
    "time_zone": "Asia/Shanghai",
    "columns": {"external_id": ["id"], "found_at": ["time"], "description": ["text"]},
    "source": {"default": "imported"},
    "state": {"default": "reported"},
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(rows: list[list[str]], encoding: str = "utf-8", name: str = "tasks.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(as_csv(rows).encode(encoding))
        return path

    return make


def one(path: Path, **changes: object) -> Record:
    found = records(path, **changes)
    assert len(found) == 1
    assert isinstance(found[0], Record), str(found[0])
    return found[0]


def fault(path: Path, **changes: object) -> RowRejected:
    found = records(path, **changes)[-1]
    assert isinstance(found, RowRejected)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_office_file_is_read_in_its_encoding(write: Callable[..., Path], encoding: str) -> None:
    record = one(write([HEAD, ROW], encoding))
    assert record.description == "路边垃圾"
    assert (record.x, record.y) == (113.355, 22.045)
    assert record.found_at == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert (record.state, record.source) == (State.REPORTED, Source.IMPORTED)


def test_english_headings_name_the_same_columns(write: Callable[..., Path]) -> None:
    head = ["external_id", "found_at", "lon", "lat", "category_code", "description"]
    assert one(write([head, ROW])) == one(write([HEAD, ROW]))


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_another_delimiter_is_found_by_the_heading(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "tasks.txt"
    path.write_text("\n".join(sign.join(row) for row in (HEAD, ROW)), encoding="utf-8")
    assert one(path).external_id == "A-1"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "没有表头"),
        ("a.csv", b"\n\n\n", "没有表头"),
        ("a.csv", "发现时间,问题描述\n".encode(), "缺少列：external_id / 外部编号"),
        ("a.csv", b"a,b,a\n1,2,3\n", "重复的列名：a"),
        ("a.csv", b"\xff\x00\xff\x80\x81\n", "文件编码不是"),
        ("a.csv", b"PK\x03\x04whatever", ".xlsx"),
        ("a.xlsx", b"not a workbook", "不是可读的 Excel"),
        ("a.xlsx", b"", "不是可读的 Excel"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "另存为 .xlsx"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        records(path)
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="无法读取文件 none.csv"):
        records(tmp_path / "none.csv")
    with pytest.raises(Invalid, match="无法读取文件"):
        records(tmp_path)


@pytest.mark.parametrize(
    ("cells", "reason", "said"),
    [
        ([*ROW, "surplus"], Reason.SHAPE, "本行有 7 列，表头有 6 列"),
        (ROW[:4], Reason.SHAPE, "本行有 4 列"),
        (["", *ROW[1:]], Reason.MISSING, "“外部编号”是空的"),
        ([ROW[0], "26-03-01", *ROW[2:]], Reason.DATE, "年份四位"),
        ([ROW[0], "3/1/26", *ROW[2:]], Reason.DATE, "年份四位"),
        ([ROW[0], "2026-02-30", *ROW[2:]], Reason.DATE, "无法识别"),
        ([ROW[0], "1026-02-03", *ROW[2:]], Reason.DATE, "1026 不合理"),
        ([ROW[0], "2099-02-03", *ROW[2:]], Reason.TIME_ORDER, "在将来"),
        ([*ROW[:2], "113.3", "", *ROW[4:]], Reason.POSITION, "只有经度"),
        ([*ROW[:2], "东经113", "22", *ROW[4:]], Reason.POSITION, "不是数字"),
        ([*ROW[:2], "nan", "22", *ROW[4:]], Reason.POSITION, "不是有限的数"),
        (["x" * 81, *ROW[1:]], Reason.TEXT, "编号超过 80 字"),
        ([*ROW[:5], "a\x00b"], Reason.TEXT, "NUL"),
        ([*ROW[:5], "a" * 20_001], Reason.TEXT, "单元格超过"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(
    write: Callable[..., Path], cells: list[str], reason: Reason, said: str
) -> None:
    found = fault(write([HEAD, cells]))
    assert found.reason is reason
    assert said in str(found)


def test_empty_rows_and_empty_columns_at_the_end_do_not_count(write: Callable[..., Path]) -> None:
    path = write([[*HEAD, "", ""], ["", ""], [*ROW, "", ""], []])
    assert one(path).external_id == "A-1"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-01T08:30:00+08:00", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("2026-03-01 08:30:00Z", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("2026/3/1 8:30", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("2026年3月1日", datetime(2026, 2, 28, 16, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_people_write_them(
    write: Callable[..., Path], text: str, at: datetime
) -> None:
    assert one(write([HEAD, [ROW[0], text, *ROW[2:]]])).found_at == at


def test_a_day_alone_is_due_and_closed_at_its_end(write: Callable[..., Path]) -> None:
    record = one(write([[*HEAD, "整改时限", "结案时间"], [*ROW, "2026-03-03", "2026-03-01"]]))
    assert record.due_at == datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC)
    assert record.closed_at == datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "at"),
    [
        ("03/11/2018 01:59:59 AM", datetime(2018, 3, 11, 9, 59, 59, tzinfo=UTC)),
        ("03/11/2018 03:00:00 AM", datetime(2018, 3, 11, 10, tzinfo=UTC)),
        ("11/04/2018 01:30:00 AM", datetime(2018, 11, 4, 8, 30, tzinfo=UTC)),
        ("11/04/2018 12:00:00 PM", datetime(2018, 11, 4, 20, tzinfo=UTC)),
    ],
)
def test_wall_times_follow_the_zones_summer_time(
    write: Callable[..., Path], wall: str, at: datetime
) -> None:
    zone = {"time_zone": "America/Los_Angeles", "date_formats": ["%m/%d/%Y %I:%M:%S %p"]}
    assert one(write([["id", "time", "text"], ["1", wall, "x"]]), **zone).found_at == at


@pytest.mark.parametrize(
    ("point", "x", "y"),
    [
        ("POINT (-118.29 34.06)", -118.29, 34.06),
        ("(34.06, -118.29)", -118.29, 34.06),
        ("point(113.3 22.1)", 113.3, 22.1),
        ("", None, None),
        ("(0, 0)", None, None),
    ],
)
def test_a_point_in_one_column_is_read(
    write: Callable[..., Path], point: str, x: float | None, y: float | None
) -> None:
    columns = {**MINIMAL["columns"], "point": ["where"]}  # type: ignore[dict-item]
    path = write([["id", "time", "text", "where"], ["1", "2026-01-02", "x", point]])
    record = one(path, columns=columns)
    assert (record.x, record.y) == (x, y)


def test_closed_before_reported_is_rejected_or_clamped_as_the_profile_says(
    write: Callable[..., Path],
) -> None:
    columns = {**MINIMAL["columns"], "closed_at": ["closed"]}  # type: ignore[dict-item]
    path = write(
        [["id", "time", "text", "closed"], ["1", "2026-01-02 10:00:00", "x", "2026-01-02 09:00:00"]]
    )
    assert fault(path, columns=columns).reason is Reason.TIME_ORDER
    record = one(path, columns=columns, closed_before_reported="clamp")
    assert record.closed_at == record.reported_at


def test_without_an_id_the_named_columns_stand_for_it(write: Callable[..., Path]) -> None:
    changes = {
        "columns": {"found_at": ["time"], "description": ["text"]},
        "dedupe": ["time", "text"],
        "id_prefix": "x:",
    }
    path = write([["time", "text"], ["2026-01-02", "a"], ["2026-01-02", "b"], ["2026-01-02", "a"]])
    ids = [record.external_id for record in records(path, **changes) if isinstance(record, Record)]
    assert len(ids) == 3
    assert ids[0] == ids[2] != ids[1]
    assert ids[0].startswith("x:")


def workbook(path: Path, rows: list[list[object]], sheet: str = "任务") -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def test_a_workbook_with_dates_and_numbers_is_read(tmp_path: Path) -> None:
    row = [4711, datetime(2026, 3, 1, 8, 30), 113.355, 22, "06010", "路边垃圾", date(2026, 3, 3)]
    record = one(workbook(tmp_path / "a.xlsx", [[*HEAD, "整改时限"], list(row), [None] * 7]))
    assert record.external_id == "4711"
    assert record.found_at == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert (record.x, record.y) == (113.355, 22.0)
    assert record.due_at == datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC)


def test_a_formula_without_a_result_is_told_by_its_column(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEAD, list(ROW), ["A-2", '=A1&"x"', *ROW[2:]]])
    found = records(path)
    assert isinstance(found[0], Record)
    assert isinstance(found[1], RowRejected)
    assert found[1].reason is Reason.FORMULA
    assert "第 2 列" in str(found[1])


def test_a_formula_with_a_result_is_its_result(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEAD, ["=A1", *ROW[1:]]])
    answered = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as pack, zipfile.ZipFile(answered, "w") as made:
        for member in pack.infolist():
            content = pack.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<f>A1</f><v />", b"<f>A1</f><v>4712</v>")
                content = content.replace(b"<f>A1</f><v/>", b"<f>A1</f><v>4712</v>")
            made.writestr(member, content)
    assert one(answered).external_id == "4712"


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.tasks.importing.workbook.MAX_UNPACKED", 1_000)
    with pytest.raises(Invalid, match="过大"):
        records(workbook(tmp_path / "a.xlsx", [HEAD, list(ROW)]))


def test_the_sheet_that_the_profile_names_must_be_there(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id", "time", "text"], ["1", "2026-01-02", "x"]])
    assert one(path, sheet="任务").external_id == "1"
    with pytest.raises(Invalid, match="没有工作表“台账”，只有：任务"):
        records(path, sheet="台账")


def test_shipped_profiles_are_sound() -> None:
    assert shipped_profiles() == ("la311", "native", "pingshan")
    for name in shipped_profiles():
        assert load_profile(name).columns["found_at"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colums": {}}, "unknown key: colums"),
        ({"columns": {"external_id": ["id"], "when": ["time"]}}, "does not know when"),
        ({"columns": {"external_id": ["id"]}}, "no column for the required found_at"),
        ({"columns": {"external_id": ["id"], "found_at": ["t"], "lon": ["x"]}}, "belong together"),
        ({"time_zone": "Asia/Nowhere"}, "Asia/Nowhere"),
        ({"crs": "moon"}, "moon"),
        ({"state": {"values": {"done": "finished"}}}, "finished"),
        ({"source": {"values": {"phone": "telephone"}}}, "telephone"),
        ({"category": {"values": {"re:(": "06010"}}}, "误"),
        ({"unit": {"kind": "club"}}, "club"),
        ({"on_missing_place": "guess"}, "community, queue, reject"),
        ({"midnight_is_date": "yes"}, "true or false"),
        ({"encodings": [1]}, "list of texts"),
    ],
)
def test_a_wrong_profile_names_the_key(changes: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_profile({**MINIMAL, **changes}, name="mine")
    assert "导入配置“mine”有误" in str(refused.value)
    assert said in str(refused.value)


def test_an_unknown_profile_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="la311、native、pingshan"):
        load_profile("losangeles")
    broken = tmp_path / "broken.toml"
    broken.write_text("columns = [", encoding="utf-8")
    with pytest.raises(Invalid, match="有误"):
        load_profile(str(broken))


def test_rules_take_exact_words_then_beginnings_then_patterns() -> None:
    rules = Rules.of({"市容*": "b", "市容环卫*": "c", "re:井盖$": "d", "市容": "a"})
    words = ("市容", "市容城管", "市容环卫设施", "下水井盖", "井盖破损")
    assert [rules.meaning(word) for word in words] == ["a", "b", "c", "d", None]
    assert rules.first(["井盖破损", "市容"]) == "a"


NAMES = Names(
    suffixes=("社区居民委员会", "社区", "村", "村委会"), drop_words=("NC",), typos={"碧玲": "碧岭"}
)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("碧玲社区居民委员会", "碧岭"),
        (" 碧岭 社区 ", "碧岭"),
        ("ＬＡ－３２ ＮＣ", "LA32"),
        ("NC Westchester/Playa", "WESTCHESTERPLAYA"),
        ("村", "村"),
    ],
)
def test_a_community_is_known_by_its_plain_name(name: str, plain: str) -> None:
    assert plain_name(name, NAMES) == plain


def test_a_name_that_two_communities_share_finds_neither_unless_it_is_exact() -> None:
    index = NameIndex([("1", "三灶社区"), ("2", "三灶村"), ("3", "海澄村")], NAMES)
    assert [index.code(name) for name in ("三灶", "三灶村", "海澄社区", "无")] == [
        None,
        "2",
        "3",
        None,
    ]
