"""The pages of checklists: a new edition is looked at before it is published, and only then."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.client import open_session
from tests.factories.world import make_world
from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.points.checklist_columns import HEADINGS
from tracker.points.checklist_models import ChecklistEdition
from tracker.storage.db import db

BASE = "/admin/checklists/"
HEADER = ",".join(HEADINGS.values())
SOUND = "M1,农贸市场,公共秩序,市场秩序,划行归市。,目测,09020,2,否"


@pytest.fixture
def office(app):
    make_world()
    return open_session(app, "dispatcher")


def send(client, *rows, name="手册 2027", day="", suffix="csv", header=HEADER, **said):
    content = "\n".join((header, *rows)).encode()
    data = {
        "file": (io.BytesIO(content), f"new.{suffix}"), "name": name, "kind": "checklist",
        "labels": "conformity", "valid_from": day, "source": "", **said,
    }  # fmt: skip
    return client.post_form(BASE + "import", data)


def editions():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(ChecklistEdition))


def stored(code):
    db.session.rollback()
    return db.session.scalars(select(ChecklistEdition).where(ChecklistEdition.code == code)).one()


def after(days):
    return (clock.today() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("who", ["inspector", "clerk", "grid_lead", "leader", "sysadmin"])
def test_others_do_not_open_the_pages(app, office, who):
    for path in ("", "import", "sample-2026", "template.xlsx", "sample-2026.csv"):
        assert open_session(app, who).get(BASE + path).status_code == 403


def test_the_list_shows_each_kind_with_what_is_in_force(office):
    page = office.get(BASE).text
    for words in ("测评检查清单", "六个100%", "一河一策", "示例", "现行", "备用"):
        assert words in page


def test_an_edition_is_searched_by_type_words_and_critical_mark(office):
    def codes(query):
        page = office.get(f"{BASE}sample-2026?{query}").text
        return re.findall(r'class="line-code"[^>]*>([^<]+)<', page)

    assert len(codes("")) == 187
    assert codes("type=common") == [f"G{n}" for n in range(1, 20)]
    assert codes("type=internet_bar") == [f"NETBAR-0{n}" for n in range(1, 6)]
    assert "MARKET-06" in codes("q=公平秤")
    assert codes("q=01013&type=hospital") == []
    assert "G5" in codes("critical=1")
    assert len(codes("type=moon&critical=no")) == 187, "an unknown value narrows nothing"


def test_an_upload_writes_nothing_and_shows_what_would_change(office):
    before = editions()
    row = "G1,通用,宣传创建,公益广告牌,显著位置有公益广告。,目测,07008,2,否"
    answer = send(office, SOUND, row, "M2,公园,公共秩序,x,,目测,99999,1,否")
    assert answer.status_code == 302, answer.text
    page = office.get(answer.location).text
    assert "M1" in page
    assert "公益广告牌" in page
    assert "没有在用的问题类别“99999”" in page
    figures = re.findall(r"<dt>(\S+)</dt><dd>(\d+)</dd>", page)
    assert figures == [
        ("读取", "3"), ("新增", "1"), ("修改", "1"), ("未变", "0"), ("删去", "186"), ("不能用", "1"),
    ]  # fmt: skip
    assert editions() == before


def test_a_file_with_a_fault_is_published_only_when_the_person_says_so(office):
    before = editions()
    address = send(office, SOUND, "M2,月球,公共秩序,x,,目测,09020,1,否").location
    refused = office.post_form(address)
    assert "有不能用的行" in refused.text
    assert editions() == before
    assert office.post_form(address, {"without_rejected": "1"}).status_code == 302
    assert editions() == before + 1


def test_publishing_twice_makes_one_edition_with_its_audit_record(office):
    before = editions()
    address = send(office, SOUND, day=after(3)).location
    for _ in range(2):
        assert office.post_form(address).status_code == 302
    assert editions() == before + 1
    code = office.get(address).location.rsplit("/", 1)[1]
    assert stored(code).valid_from.isoformat() == after(3)
    assert stored("sample-2026").valid_to.isoformat() == after(2)
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.kind == "checklist.publish")
    ).one()
    assert (entry.object, entry.actor_name) == (code, "dispatcher")
    assert "待生效" in office.get(BASE + code).text


def test_a_draft_is_seen_by_its_sender_only(app, office):
    address = send(office, SOUND).location
    assert open_session(app, "dispatcher_2").get(address).status_code == 404
    assert open_session(app, "dispatcher_2").post_form(address).status_code == 404
    assert office.get(BASE + "import/" + "x" * 32).status_code == 404
    assert office.get(BASE + "import/..%2F..%2Fsecret_key").status_code == 404


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"header": "别的,列"}, "文件中没有"),
        ({"suffix": "pdf"}, "只能读 .csv 或 .xlsx"),
        ({"suffix": "xlsx"}, "Excel 文件打不开"),
        ({"name": ""}, "请填写版本名称"),
        ({"day": "2026-01-01"}, "请换一个日期"),
        ({"day": "tomorrow"}, "生效日期"),
        ({"kind": "moon"}, "哪一种清单"),
    ],
)
def test_what_cannot_be_read_comes_back_with_the_reason_and_the_typed_words(office, how, words):
    before = editions()
    answer = send(office, SOUND, source="测评〔2027〕1号", **how)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert "测评〔2027〕1号" in answer.text
    assert editions() == before


def test_no_text_of_a_file_runs_in_the_page(office):
    row = "M1,农贸市场,公共秩序,<script>alert(1)</script>,<img src=x onerror=alert(1)>,目测,09020,2,否"
    address = send(office, row, "<b>,x,y,<i>z</i>,,,,,", name="<script>alert(2)</script>").location
    pages = [office.get(address).text]
    office.post_form(address, {"without_rejected": "1"})
    pages += [office.get(office.get(address).location).text, office.get(BASE).text]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<i>z" not in page


def test_the_wording_of_the_card_is_switched_on_the_page_and_ended(office):
    answer = office.post_form(BASE + "dust-guangdong/begin", {"valid_from": after(1)})
    assert answer.status_code == 302
    assert stored("dust-national").valid_to == clock.today()
    answer = office.post_form(BASE + "dust-guangdong/end", {"valid_to": after(9)})
    assert answer.status_code == 302
    assert stored("dust-guangdong").valid_to.isoformat() == after(9)


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        ("dust-guangdong/begin", {"valid_from": "2020-01-01"}, "生效日期不能早于今天"),
        ("dust-guangdong/begin", {"valid_from": ""}, "请填写日期"),
        ("dust-guangdong/end", {"valid_to": "2099-01-01"}, "没有在生效"),
        ("river-sample/end", {"valid_to": "2020-01-01"}, "最后一天不能早于今天"),
    ],
)
def test_a_day_that_cannot_be_is_refused_beside_its_input(office, path, data, words):
    answer = office.post_form(BASE + path, data)
    assert answer.status_code in (409, 422)
    assert words in answer.text


def test_unknown_editions_are_not_found(office):
    for path in ("nothing", "nothing.csv", "sample-2026.pdf"):
        assert office.get(BASE + path).status_code == 404
    data = {"valid_from": after(1), "valid_to": after(1)}
    for act in ("begin", "end"):
        assert office.post_form(f"{BASE}nothing/{act}", data).status_code == 404


def test_an_exported_edition_is_uploaded_again_and_nothing_would_change(office):
    for ending in ("csv", "xlsx"):
        answer = office.get(f"{BASE}sample-2026.{ending}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        data = {
            "file": (io.BytesIO(answer.data), f"again.{ending}"), "name": "再来",
            "kind": "checklist", "labels": "conformity", "valid_from": "", "source": "",
        }  # fmt: skip
        page = office.get(office.post_form(BASE + "import", data).location).text
        figures = dict(re.findall(r"<dt>(\S+)</dt><dd>(\d+)</dd>", page))
        assert figures["未变"] == figures["读取"] == "187", ending
