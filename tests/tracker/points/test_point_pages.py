"""The pages of the register: list, map, form, detail, labels, as the people of the district see them."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import OfficeClient, open_session, visitor
from tests.factories.points import make_point, point
from tests.factories.steps import step
from tests.factories.world import GUANGAN, HAIAN, SANZAO, World, make_task, make_world
from tracker import clock
from tracker.inspections.models import Answer, Visit
from tracker.points.checklist_models import CheckItem
from tracker.points.models import InspectionPoint, PointChange
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task
from tracker.tasks.states import Action, State

EVIL = "<script>alert(1)</script>\"'><img src=x>"
LINE = {"type": "LineString", "coordinates": [[113.35, 22.04], [113.36, 22.04]]}


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def typed(**changes: Any) -> dict[str, Any]:
    """What a person fills in."""
    return {
        "name": "唐人街市场", "site_type_code": "market", "address": "金海岸大道", "lon": "113.355",
        "lat": "22.045", "cycle_days": "15", "version": "0", "coord_sys": "wgs84",
        "actions": ["7", "1"], **changes,
    }  # fmt: skip


def new(client: OfficeClient, **changes: Any) -> Any:
    return client.post_form("/points/new", typed(**changes), page="/points/new")


def every() -> list[InspectionPoint]:
    db.session.rollback()
    return list(db.session.scalars(select(InspectionPoint)))


def test_a_dispatcher_registers_a_point_and_finds_it(app: Flask, world: World):
    make_point(world, GUANGAN)
    client = open_session(app, "dispatcher")
    answer = new(client, unit_id=str(world.units["sanitation"]), person="张三")
    assert answer.status_code == 302
    page = client.get(answer.location)
    for words in ("唐人街市场", "三灶社区", "区环卫中心", "张三", "农贸市场大升级行动", "15 天"):
        assert words in page.text, words
    assert "唐人街市场" in client.get("/points/?q=金海岸大道").text


def test_typed_coordinates_of_another_system_are_turned_into_wgs84(app: Flask, world: World):
    make_point(world)
    client = open_session(app, "dispatcher")
    new(client, code="G-1", coords="113.36, 22.045", coord_sys="gcj02", lon="", lat="")
    found = point("G-1")
    assert found.lon is not None
    assert 0.003 < 113.36 - found.lon < 0.007
    assert (found.raw_x, found.coord_sys) == (113.36, "gcj02")


def test_the_form_tells_where_typed_coordinates_are(app: Flask, world: World):
    client = open_session(app, "dispatcher")
    good = client.get("/points/coords.json?coords=113.36, 22.045&coord_sys=wgs84").json
    assert good == {"lon": 113.36, "lat": 22.045, "message": None}
    assert "看不懂" in client.get("/points/coords.json?coords=x&coord_sys=wgs84").json["message"]


WRONG = (
    {"name": ""}, {"site_type_code": "nothing"}, {"cycle_days": ""}, {"cycle_days": "9" * 30},
    {"cycle_days": "367"}, {"lon": "nan"}, {"lon": "x"}, {"lat": ""}, {"lon": "1e400"}, {"geometry": "{"},
    {"geometry": "[" * 3000}, {"geometry": json.dumps({"type": "LineString", "coordinates": 5})},
    {"geometry": "x" * 400_001}, {"geometry": '{"type":"LineString","coordinates":[[1e999,2],[3,4]]}'},
    {"coords": "somewhere"}, {"unit_id": "x"}, {"unit_id": "99999"}, {"actions": ["x"]},
    {"community_code": "nothing"}, {"person": "13800138000"}, {"code": "a/b"}, {"name": "长" * 101},
    {"geometry": '{"type":"Feature","geometry":' * 1000 + "null" + "}" * 1000},
    {"lon": "", "lat": ""}, {"lon": "2.35", "lat": "48.85"}, {"coord_sys": "PROJCS[...]", "coords": "1,2"},
)  # fmt: skip


@pytest.mark.parametrize("changes", WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_refused_with_the_typed_words_kept(
    app: Flask, world: World, changes: dict[str, Any]
):
    make_point(world, code="A-1")
    client = open_session(app, "dispatcher")
    answer = new(client, **{"address": "保留这句话", **changes})
    assert answer.status_code == 422
    assert "保留这句话" in answer.text
    assert len(every()) == 1


def test_a_control_character_in_a_choice_is_refused_by_every_database(both: Flask):
    make_world()
    client = open_session(both, "dispatcher")
    assert new(client, lon="", lat="", community_code="\0").status_code == 422
    assert every() == []


def test_a_stale_form_shows_what_others_changed_and_keeps_what_was_typed(app: Flask, world: World):
    code = make_point(world)
    first, second = open_session(app, "dispatcher"), open_session(app, "dispatcher_2")
    version = str(point(code).version)
    path = f"/points/{code}/edit"
    assert (
        first.post_form(path, typed(name="甲市场", version=version), page=path).status_code == 302
    )
    answer = second.post_form(path, typed(name="乙市场", version=version), page=path)
    assert answer.status_code == 409
    assert "甲市场" in answer.text
    assert 'value="乙市场"' in answer.text
    again = str(point(code).version)
    assert f'name="version" value="{again}"' in answer.text
    assert second.post_form(path, typed(name="乙市场", version=again), page=path).status_code == 302
    assert point(code).name == "乙市场"


def test_a_resent_form_makes_one_point(app: Flask, world: World):
    make_point(world, GUANGAN)
    client = open_session(app, "dispatcher")
    uuid = "6f3f9c9e-5f0e-4df2-9d9c-111111111111"
    locations = {new(client, request_uuid=uuid).location for _ in range(2)}
    assert len(locations) == 1
    assert len(every()) == 2


@pytest.mark.parametrize("who", ["inspector", "clerk", "leader", "grid_lead"])
def test_others_see_points_but_no_way_to_change_them(app: Flask, world: World, who: str):
    code = make_point(world, unit_id=world.units["sanitation"])
    client = open_session(app, who)
    page = client.get(f"/points/{code}").text
    assert "唐人街市场" in page
    assert "/edit" not in page
    assert client.get("/points/new").status_code == 403
    assert client.get(f"/points/{code}/edit").status_code == 403
    assert client.post_form(f"/points/{code}/edit", typed()).status_code == 403
    answer = client.post_form(f"/points/{code}/standing", {"active": "0", "version": "1"})
    assert answer.status_code == 403
    assert point(code).is_active


def test_a_foreign_point_is_unknown_on_every_page(app: Flask, world: World):
    code = make_point(world, GUANGAN)
    client = open_session(app, "inspector")
    for path in (f"/points/{code}", f"/points/{code}/edit", f"/points/{code}/qr.svg"):
        assert client.get(path).status_code == 404, path
        assert client.get(path.replace(code, "NONE-1")).status_code == 404
    assert code not in client.get("/points/").text
    assert code not in client.get("/points/sheet").text
    assert client.get("/points/map.json").json["points"] == []


def test_nobody_sees_points_without_signing_in(app: Flask, world: World):
    code = make_point(world)
    for path in (
        "/points/",
        f"/points/{code}",
        "/points/map.json",
        "/points/frame",
        "/points/sheet",
    ):
        assert visitor(app).get(path).status_code in (302, 401), path


def test_what_people_write_is_shown_as_text(app: Flask, world: World):
    code = make_point(world, name=EVIL, address=EVIL, person=EVIL, geometry=LINE)
    client = open_session(app, "dispatcher")
    for path in (
        "/points/",
        f"/points/{code}",
        f"/points/{code}/edit",
        "/points/sheet",
        f"/points/?q={EVIL}",
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path


def test_the_map_gets_the_points_of_the_filter(app: Flask, world: World):
    make_point(world, code="A-1", geometry=LINE)
    make_point(world, HAIAN, code="A-2")
    make_point(world, None, community_code=SANZAO, code="A-3")
    client = open_session(app, "dispatcher")
    found = client.get("/points/map.json").json
    assert [row["code"] for row in found["points"]] == ["A-1", "A-2"]
    assert found["points"][0]["geometry"] == LINE
    assert found["unplaced"] == 1
    here = client.get(f"/points/map.json?area={HAIAN}").json
    assert [row["code"] for row in here["points"]] == ["A-2"]
    borders = client.get("/points/borders.json")
    assert len(borders.json["features"]) == 4
    kept = client.get("/points/borders.json", headers={"If-None-Match": borders.headers["ETag"]})
    assert kept.status_code == 304


def test_the_frame_is_a_page_of_folium_without_data(app: Flask, world: World):
    make_point(world, name="只在数据里")
    answer = open_session(app, "dispatcher").get("/points/frame")
    assert "map-config" in answer.text
    assert "只在数据里" not in answer.text
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def scanned(svg: str) -> int:
    """How many modules wide the picture is, quiet zone included."""
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert found
    return int(found.group(1))


def test_the_label_opens_the_point_on_the_phone(app: Flask, world: World):
    import segno

    code = make_point(world, code="金湾-01")
    answer = open_session(app, "dispatcher").get(f"/points/{code}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    same = segno.make("http://localhost/inspect/#/p/%E9%87%91%E6%B9%BE-01", error="m", micro=False)
    assert scanned(answer.text) == same.symbol_size(border=2)[0]
    assert same.svg_inline(border=2, omitsize=True).split('d="')[1] in answer.text


def test_a_sheet_has_a_label_for_every_point_of_the_filter(app: Flask, world: World):
    for number in range(3):
        make_point(world, name=f"市场{number}")
    make_point(world, HAIAN, name="别处")
    page = open_session(app, "dispatcher").get(f"/points/sheet?area={SANZAO}").text
    assert page.count('class="qr-label"') == 3
    assert "市场2" in page
    assert "别处" not in page


def test_a_retired_point_leaves_the_list_and_comes_back(app: Flask, world: World):
    code = make_point(world)
    client = open_session(app, "dispatcher")
    for active, shown in (("0", False), ("1", True)):
        sent = {"active": active, "version": str(point(code).version)}
        assert client.post_form(f"/points/{code}/standing", sent).status_code == 302
        assert (f"/points/{code}" in client.get("/points/").text) is shown
    db.session.rollback()
    kinds = db.session.scalars(select(PointChange.kind).order_by(PointChange.id)).all()
    assert kinds == ["create", "deactivate", "activate"]


def test_the_history_tells_who_changed_what(app: Flask, world: World):
    code = make_point(world)
    client = open_session(app, "dispatcher")
    path = f"/points/{code}/edit"
    sent = typed(name="三灶市场", version=str(point(code).version))
    client.post_form(path, sent, page=path)
    page = client.get(f"/points/{code}").text
    assert "<del>唐人街市场</del> → 三灶市场" in page
    assert "dispatcher" in page


def visited(world: World, code: str) -> tuple[Visit, list[CheckItem]]:
    """A visit at which the first two items failed; the first became a task."""
    with unit_of_work() as work:
        found = work.scalars(select(InspectionPoint).where(InspectionPoint.code == code)).one()
        items = list(work.scalars(select(CheckItem).order_by(CheckItem.id).limit(3)))
        visit = Visit(
            uuid="6f3f9c9e-5f0e-4df2-9d9c-222222222222", point_id=found.id, kind="office",
            inspector_id=world.users["inspector"], inspector_name="inspector", at=clock.now(),
            received_at=clock.now(), score=66.7, fail_count=2, conform_count=1,
            district_code=found.district_code, town_code=found.town_code,
            community_code=found.community_code,
        )  # fmt: skip
        work.add(visit)
        work.flush()
        for item, result in zip(items, ("fail", "fail", "conform"), strict=True):
            work.add(Answer(visit_id=visit.id, item_id=item.id, result=result, note="现场情况"))
        return visit, items


def join_task(code: str, number: str, item: CheckItem) -> None:
    """Let a task be the one that the failed item became."""
    with unit_of_work() as work:
        task = work.scalars(select(Task).where(Task.number == number)).one()
        found = work.scalars(select(InspectionPoint).where(InspectionPoint.code == code)).one()
        task.point_id, task.check_item_id = found.id, item.id
        answer = work.scalars(select(Answer).where(Answer.item_id == item.id)).one()
        answer.task_id = task.id


def gaps(page: str) -> str:
    return page.split('id="gaps-title"')[1].split("</section>")[0]


def test_what_failed_at_the_newest_visit_is_missing_until_its_task_mended_it(
    app: Flask, world: World
):
    code = make_point(world)
    _visit, items = visited(world, code)
    texts = [item.text for item in items]
    client = open_session(app, "inspector")
    page = client.get(f"/points/{code}").text
    assert texts[0] in gaps(page)
    assert texts[1] in gaps(page)
    assert texts[2] not in gaps(page)
    assert "66.7" in page
    number = make_task(world, State.HANDLING)
    join_task(code, number, items[0])
    page = client.get(f"/points/{code}").text
    assert number in gaps(page)
    assert "在办 1" in page
    told = make_task(world, State.SUBMITTED)
    join_task(code, told, items[1])
    step(world, told, Action.CLOSE_BY_NOTICE, "verifier")
    assert texts[1] in gaps(client.get(f"/points/{code}").text), "a notice mends nothing"
    done = make_task(world, State.CLOSED)
    join_task(code, done, items[1])
    assert texts[1] not in gaps(client.get(f"/points/{code}").text)


def test_the_visits_of_others_areas_stay_theirs(app: Flask, world: World):
    code = make_point(world, unit_id=world.units["police"])
    visited(world, code)
    page = open_session(app, "clerk_police").get(f"/points/{code}").text
    assert "还没有检查记录" in page, "the visit belongs to no unit of theirs"
