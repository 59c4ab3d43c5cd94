"""一河一策: the chief and the plan of a river, its measures, and what is late."""

import hashlib
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.factories.client import open_session, visitor
from tests.factories.points import make_point
from tests.factories.world import GUANGAN, SANZAO, make_world
from tracker import clock
from tracker.errors import Conflict, Invalid, NotFound, NotPermitted
from tracker.points import rivers_editing as editing
from tracker.points.models import InspectionPoint, PointChange, RiverMeasure, RiverPlan
from tracker.points.rivers import card_for, due_measures
from tracker.points.rivers_editing import MeasureGiven, PlanGiven
from tracker.points.rivers_files import MAX_BYTES, check_pdf, plain_name
from tracker.storage.db import db

PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <<>>\n%%EOF\n"
GIVEN = PlanGiven("三灶河", "金湾大道桥至河口", "陈河长", "镇党委副书记")


@pytest.fixture
def world(both):
    return make_world()


def river(world, community=SANZAO):
    return make_point(world, community, name="三灶河下游", site_type_code="river")


def save(world, code, given=GIVEN, version=0, who="dispatcher", uuid=None):
    editing.save_plan(
        code, given, version=version, actor=world.actor(who), request_uuid=uuid or str(uuid4())
    )


def add(world, code, text="清理河面漂浮物", days=5, unit="sanitation", uuid=None):
    given = MeasureGiven(text, after(days), world.units[unit] if unit else None)
    editing.add_measure(
        code, given, actor=world.actor("dispatcher"), request_uuid=uuid or str(uuid4())
    )


def after(days):
    return clock.today() + timedelta(days=days)


def card(code):
    db.session.rollback()
    point = db.session.scalars(select(InspectionPoint).where(InspectionPoint.code == code)).one()
    return card_for(db.session(), point)


def changes(code):
    db.session.rollback()
    rows = db.session.scalars(
        select(PointChange)
        .join(InspectionPoint, InspectionPoint.id == PointChange.point_id)
        .where(InspectionPoint.code == code, PointChange.kind == "plan")
        .order_by(PointChange.id)
    )
    return [row.changes for row in rows]


def test_a_plan_names_the_chief_and_every_change_stands_in_the_history(world):
    code = river(world)
    assert card(code).plan is None
    save(world, code)
    plan = card(code).plan
    assert (plan.river_name, plan.chief, plan.version) == ("三灶河", "陈河长", 1)
    save(world, code, PlanGiven("三灶河", "金湾大道桥至河口", "林河长", "镇党委副书记"), version=1)
    assert changes(code)[0]["chief"] == ["", "陈河长"]
    assert changes(code)[1] == {"chief": ["陈河长", "林河长"]}


def test_a_point_that_is_no_river_has_no_plan(world):
    code = make_point(world)
    assert card(code) is None
    with pytest.raises(NotFound):
        save(world, code)


def test_the_second_of_two_savers_is_told_and_overwrites_nothing(world):
    code = river(world)
    save(world, code)
    with pytest.raises(Conflict):
        save(world, code, PlanGiven("别的河"), version=0)
    assert card(code).plan.river_name == "三灶河"


def test_the_same_request_again_writes_once(world):
    code, uuid = river(world), str(uuid4())
    save(world, code, uuid=uuid)
    save(world, code, uuid=uuid)
    again = str(uuid4())
    add(world, code, uuid=again)
    add(world, code, uuid=again)
    assert len(card(code).measures) == 1
    assert len(changes(code)) == 2


def test_a_measure_is_late_after_its_day_and_no_longer_when_it_is_done(world):
    code = river(world)
    save(world, code)
    add(world, code, "今天到期", days=0)
    add(world, code, "昨天到期", days=-1)
    found = card(code)
    assert [one.text for one in found.overdue] == ["昨天到期"]
    assert found.open_count == 2
    late = found.overdue[0].id
    editing.finish_measure(
        code, late, done_on=after(0), note="已清理", actor=world.actor("dispatcher"),
        request_uuid=str(uuid4()),
    )  # fmt: skip
    found = card(code)
    assert (found.overdue, found.open_count) == ([], 1)
    assert [one.text for one in found.measures] == ["今天到期", "昨天到期"], "the open ones first"
    assert "已清理" in changes(code)[-1]["measure"][1]


def test_a_measure_is_changed_and_taken_out_while_it_is_open_and_not_after(world):
    code = river(world)
    save(world, code)
    add(world, code)
    measure_id = card(code).measures[0].id
    actor = world.actor("dispatcher")
    new = MeasureGiven("清淤 200 米", after(9), world.units["police"])
    editing.edit_measure(code, measure_id, new, actor=actor, request_uuid=str(uuid4()))
    assert card(code).measures[0].text == "清淤 200 米"
    editing.finish_measure(
        code, measure_id, done_on=after(0), actor=actor, request_uuid=str(uuid4())
    )
    for act in (editing.drop_measure, editing.edit_measure):
        extra = (new,) if act is editing.edit_measure else ()
        with pytest.raises(Conflict):
            act(code, measure_id, *extra, actor=actor, request_uuid=str(uuid4()))
    add(world, code, "多余的")
    other = next(one.id for one in card(code).measures if one.done_on is None)
    editing.drop_measure(code, other, actor=actor, request_uuid=str(uuid4()))
    assert len(card(code).measures) == 1
    assert changes(code)[-1]["measure"][1] == ""


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda world, code: save(world, code, PlanGiven("")), Invalid),
        (lambda world, code: save(world, code, PlanGiven("长" * 61)), Invalid),
        (lambda world, code: save(world, code, who="inspector"), NotPermitted),
        (lambda world, code: save(world, code, who="inspector_b"), NotFound),
        (lambda world, code: add(world, code), Conflict),
        (lambda world, _code: save(world, "NOTHING"), NotFound),
    ],
)
def test_what_cannot_be_saved_is_refused_and_nothing_is_written(world, act, refusal):
    code = river(world)
    with pytest.raises(refusal):
        act(world, code)
    assert card(code).plan is None
    assert changes(code) == []


def test_a_measure_of_another_river_is_not_reached(world):
    mine, other = river(world), river(world)
    for code in (mine, other):
        save(world, code)
        add(world, code)
    foreign = card(other).measures[0].id
    with pytest.raises(NotFound):
        editing.drop_measure(
            mine, foreign, actor=world.actor("dispatcher"), request_uuid=str(uuid4())
        )
    assert db.session.scalar(select(func.count()).select_from(RiverMeasure)) == 2


def test_the_list_of_due_measures_holds_what_one_may_see_and_is_open(world):
    near, far = river(world), river(world, GUANGAN)
    for code in (near, far):
        save(world, code)
    add(world, near, "晚的", days=40)
    add(world, near, "早的", days=-3)
    add(world, far, "远处的", days=1)

    def texts(who, **how):
        return [one.text for one in due_measures(db.session(), world.actor(who), **how)]

    assert texts("dispatcher") == ["早的", "远处的", "晚的"]
    assert texts("dispatcher", within_days=-1) == ["早的"]
    assert texts("dispatcher", within_days=30) == ["早的", "远处的"]
    assert texts("inspector") == ["早的", "晚的"]
    assert texts("clerk_police") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>%PDF-1.4</html>%%EOF",
        b"\xff\xd8\xff\xe0" + PDF,
        PDF.replace(b"%%EOF", b""),
        b"%PDF-1.4" + b"0" * MAX_BYTES + b"%%EOF",
    ],
)
def test_what_is_no_whole_pdf_of_fair_size_is_refused(content):
    with pytest.raises(Invalid):
        check_pdf(content)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("..\\..\\方案.PDF", "方案.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("", "plan.pdf"),
        ('a"\r\nSet-Cookie: x.pdf', "aSet-Cookie x.pdf"),
        ("长" * 200 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_the_name_of_a_file_is_only_a_name(sent, kept):
    assert plain_name(sent) == kept


def form(version=0, **changes):
    return {
        "river_name": "三灶河", "segment": "下游", "chief": "陈河长", "chief_post": "副镇长",
        "version": str(version), **changes,
    }  # fmt: skip


def test_a_plan_file_is_kept_by_its_hash_and_only_ever_handed_out_to_be_saved(app):
    world = make_world()
    code = river(world)
    client = open_session(app, "dispatcher")
    sent = {**form(), "file": (io.BytesIO(PDF), "三灶河方案.pdf")}
    answer = client.post_form(f"/points/{code}/river", sent)
    assert answer.status_code == 302, answer.text
    sha256 = hashlib.sha256(PDF).hexdigest()
    kept = app.config["SETTINGS"].data_dir / "plans" / sha256[:2] / f"{sha256}.pdf"
    assert kept.read_bytes() == PDF
    assert [path.name for path in kept.parent.iterdir()] == [kept.name], "no temporary file"
    answer = client.get(f"/points/{code}/river/plan.pdf")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Disposition"].isascii()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert open_session(app, "inspector").get(f"/points/{code}/river/plan.pdf").status_code == 200
    assert open_session(app, "inspector_b").get(f"/points/{code}/river/plan.pdf").status_code == 404
    client.post_form(f"/points/{code}/river", form(version=1, chief="林河长"))
    assert card(code).plan.file_sha256 == sha256, "saving without a file keeps the file"


def test_a_file_that_is_no_pdf_comes_back_with_the_typed_words(app):
    code = river(make_world())
    sent = {**form(), "file": (io.BytesIO(b"<script>alert(1)</script>"), "方案.pdf")}
    answer = open_session(app, "dispatcher").post_form(f"/points/{code}/river", sent)
    assert answer.status_code == 422
    assert "这不是 PDF 文件" in answer.text
    assert "陈河长" in answer.text
    assert card(code).plan is None
    assert not (app.config["SETTINGS"].data_dir / "plans").exists()


def test_the_page_carries_a_river_from_plan_to_done_measure(app):
    world = make_world()
    code = river(world)
    client = open_session(app, "dispatcher")
    base = f"/points/{code}/river"
    assert client.post_form(base, form()).status_code == 302
    measure = {"text": "<b>清淤</b>", "due_on": after(-2).isoformat(), "unit_id": ""}
    assert client.post_form(f"{base}/measures", measure).status_code == 302
    page = client.get(base).text
    assert "超期 2 天" in page
    assert "&lt;b&gt;清淤" in page
    assert "超期 1 项" in client.get(f"/points/{code}").text
    measure_id = card(code).measures[0].id
    refused = client.post_form(
        f"{base}/measures/{measure_id}/done", {"done_on": after(1).isoformat()}
    )
    assert refused.status_code == 422
    assert "完成日期不能晚于今天" in refused.text
    empty = client.post_form(f"{base}/measures/{measure_id}", {**measure, "text": ""})
    assert empty.status_code == 422
    assert "请填写措施" in empty.text
    done = client.post_form(f"{base}/measures/{measure_id}/done", {"done_on": after(0).isoformat()})
    assert done.status_code == 302
    assert "完成" in client.get(base).text
    assert "没有符合条件的措施" in client.get("/points/river-measures").text


def test_who_only_reads_finds_no_forms_and_may_not_write(app):
    world = make_world()
    code = river(world)
    save(world, code)
    base = f"/points/{code}/river"
    reader = open_session(app, "inspector")
    page = reader.get(base)
    assert page.status_code == 200
    assert f'action="{base}"' not in page.text
    for address in (base, f"{base}/measures", f"{base}/measures/1", f"{base}/measures/1/drop"):
        assert reader.post_form(address, form()).status_code == 403
    assert open_session(app, "inspector_b").get(base).status_code == 404
    assert visitor(app).get(base).status_code == 302
    assert db.session.scalar(select(func.count()).select_from(RiverPlan)) == 1
