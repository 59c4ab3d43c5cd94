"""The pages of the responsibility map: who sees what, posts made and handed over, what is left over."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.responsibility import fallback, given_post, line_at, make_posts, square_at
from tests.factories.steps import counted, together
from tests.factories.world import (
    GUANGAN,
    HAIAN,
    INSIDE,
    SANZAO,
    TENGSHAN,
    TOWN_A,
    World,
    make_world,
)
from tracker import clock
from tracker.access.actor import NOBODY, SYSTEM
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.audit.models import AuditEntry
from tracker.responsibility import operations, queries
from tracker.responsibility.models import Responsibility, ResponsibilityChange
from tracker.storage.db import db

LON, LAT = INSIDE[SANZAO]
WHERE = {"lon": LON, "lat": LAT}


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def latest(code: str) -> Responsibility:
    db.session.rollback()
    return db.session.scalars(
        select(Responsibility).where(
            Responsibility.code == code, Responsibility.is_latest.is_(True)
        )
    ).one()


def typed(world: World, **changes: Any) -> dict[str, Any]:
    """A form as the page sends it."""
    import json

    sent: dict[str, Any] = {
        "name": "金海岸大道", "geometry": json.dumps(line_at(LON, LAT)), "reach_m": "15",
        "community_code": "", "scopes": ["major:06", "category:07001"],
        "unit_id": str(world.units["sanitation"]), "post": "保洁二组", "person": "黄丽珍",
        "phone": "138-0000-1234", "hours": "06:00-22:00", "grade": "二级", "valid_from": "",
        "valid_to": "", "version": "0",
    }  # fmt: skip
    return sent | changes


def test_for_every_person_the_list_is_what_the_policy_allows(both: Flask):
    world = make_world()
    for code, community in (("A", SANZAO), ("B", HAIAN), ("C", GUANGAN), ("D", TENGSHAN)):
        unit = world.units["police" if code == "D" else "sanitation"]
        make_posts(world, {"code": code, "geometry": line_at(*INSIDE[community]), "unit_id": unit})
        make_posts(world, fallback(community, code=f"{code}0", unit_id=world.units["haian"]))
    db.session.rollback()
    rows = db.session.scalars(select(Responsibility)).all()
    actors = {name: world.actor(name) for name in world.users} | {"nobody": NOBODY, "all": SYSTEM}
    for name, actor in actors.items():
        seen = set(
            db.session.scalars(select(Responsibility.id).where(queries.visible_clause(actor)))
        )
        may = {row.id for row in rows if allows(actor, Permission.RESPONSIBILITY_VIEW, row)}
        assert seen == may, name
    assert len({row.id for row in rows}) == 8


def test_a_foreign_post_and_community_are_as_unknown_as_ones_that_never_were(
    app: Flask, world: World
):
    make_posts(world, {"code": "A"}, {"code": "B", "geometry": line_at(*INSIDE[GUANGAN])})
    client = open_session(app, "inspector")
    assert client.get("/responsibility/posts/A").status_code == 200
    for path in (
        "/responsibility/posts/B", "/responsibility/posts/NONE", "/responsibility/posts/B/card",
        f"/responsibility/communities/{GUANGAN}", f"/responsibility/communities/{GUANGAN}/paper",
        f"/responsibility/communities/{GUANGAN}/gaps.json",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert client.post_form("/responsibility/posts/B/phone").status_code == 404
    listed = client.get("/responsibility/posts").text
    assert "/posts/A" in listed
    assert "/posts/B" not in listed
    features = client.get("/responsibility/shapes.json").get_json()["features"]
    assert [one["properties"]["code"] for one in features] == ["A"]


def test_the_answer_of_a_place_is_in_the_address_for_today_and_for_a_day(app: Flask, world: World):
    make_posts(
        world, {"code": "A"}, fallback(code="REST", unit_id=world.units["sanzao"], person="吴国强")
    )
    make_posts(world, {"code": "A", "person": "黄丽珍", "valid_from": clock.today()})
    client = open_session(app, "grid_worker")
    now = client.get("/responsibility/", query_string=WHERE).text
    assert "黄丽珍" in now
    assert "林志强" not in now
    assert now.index("黄丽珍") < now.index("三灶社区居委会")
    assert "距路线 0 米" in now
    assert "138****1234" in now
    assert "13800001234" not in now
    before = client.get("/responsibility/", query_string={**WHERE, "on": "2026-03-01"}).text
    assert "林志强" in before
    assert "黄丽珍" not in before
    nobody = client.get("/responsibility/", query_string={**WHERE, "on": "2025-12-31"}).text
    assert "这里没有人负责" in nobody


def test_outside_ones_areas_only_the_posts_of_ones_unit_are_told(app: Flask, world: World):
    make_posts(
        world, {"code": "A"}, fallback(code="REST", unit_id=world.units["sanzao"], person="吴国强")
    )
    mine = open_session(app, "clerk").get("/responsibility/", query_string=WHERE).text
    assert "林志强" in mine
    assert "三灶社区居委会" not in mine
    theirs = open_session(app, "clerk_police").get("/responsibility/", query_string=WHERE).text
    assert "不在您的辖区内" in theirs
    assert "林志强" not in theirs


def test_the_whole_number_is_shown_to_those_who_may_and_leaves_a_trace(app: Flask, world: World):
    make_posts(world, {"code": "A"})
    refused = open_session(app, "inspector").post_form("/responsibility/posts/A/phone")
    assert refused.status_code == 403
    client = open_session(app, "dispatcher")
    assert "13800001234" not in client.get("/responsibility/posts/A").text
    shown = client.post_form("/responsibility/posts/A/phone")
    assert "13800001234" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    kinds = db.session.execute(select(AuditEntry.actor_name, AuditEntry.object).where(AuditEntry.kind == "responsibility.phone")).all()  # fmt: skip
    assert [tuple(row) for row in kinds] == [("dispatcher", "A")]


def test_a_post_is_registered_handed_over_and_corrected_with_its_history(app: Flask, world: World):
    client = open_session(app, "dispatcher")
    made = client.post_form("/responsibility/new", typed(world))
    assert made.status_code == 302, made.text
    code = made.headers["Location"].rsplit("/", 1)[1]
    assert code == "Z440404-00001"
    row = latest(code)
    assert (row.kind, row.reach_m, row.community_code) == ("segment", 15, SANZAO)
    assert (row.phone, row.valid_from) == ("13800001234", clock.today())
    assert [(one.kind, one.value) for one in row.scopes] == [("category", "07001"), ("major", "06")]
    page = client.get(f"/responsibility/posts/{code}/edit").text
    assert "138****1234" in page
    assert "13800001234" not in page
    tomorrow = clock.today() + timedelta(days=1)
    over = typed(world, person="林志刚", phone="138****1234", valid_from=tomorrow.isoformat(), version="1")  # fmt: skip
    path = f"/responsibility/posts/{code}/edit"
    assert client.post_form(path, over).status_code == 302
    row = latest(code)
    assert (row.term, row.person, row.phone, row.version) == (2, "林志刚", "13800001234", 2)
    stale = client.post_form(path, typed(world, grade="三级", version="1"))
    assert stale.status_code == 409
    assert "三级" in stale.text
    assert "林志刚" in stale.text
    mend = typed(world, person="林志坚", phone="138****1234", version="2", mode="correct")
    assert client.post_form(path, mend).status_code == 302
    row = latest(code)
    assert (row.term, row.person, row.valid_from) == (2, "林志坚", tomorrow)
    kinds = db.session.scalars(select(ResponsibilityChange.kind).order_by(ResponsibilityChange.id))
    assert list(kinds) == ["create", "change", "correct"]
    detail = client.get(f"/responsibility/posts/{code}").text
    assert "未生效" in detail
    assert "林志刚" in detail


def test_of_two_people_who_hand_over_at_once_exactly_one_wins(both: Flask):
    world = make_world()
    make_posts(world, {"code": "A"})
    given = given_post(world, code="A", valid_from=clock.today())

    def hand(name: str) -> str:
        return operations.edit(
            "A", replace(given, person=name), actor=world.actor("dispatcher"), version=1,
            request_uuid=str(uuid4()),
        )  # fmt: skip

    outcomes = together(both, [lambda: hand("甲"), lambda: hand("乙")])
    assert sorted(type(one).__name__ for one in outcomes) == ["StalePost", "str"]
    assert latest("A").term == 2


def test_the_same_request_registers_one_post(app: Flask, world: World):
    client = open_session(app, "dispatcher")
    sent = typed(world, request_uuid="0b9b3fd2-5a51-4a3c-9b57-3a3ddc5ee0a1")
    answers = [client.post_form("/responsibility/new", sent).headers["Location"] for _ in "12"]
    assert answers[0] == answers[1]
    assert len(db.session.scalars(select(Responsibility)).all()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "请填写路段或片区名称"),
        ({"name": "长" * 101}, "不能超过 100 字"),
        ({"unit_id": ""}, "请选择责任单位"),
        ({"unit_id": "9" * 30}, "没有这个责任单位"),
        ({"geometry": ""}, "请在地图上画出"),
        ({"geometry": "[" * 3000}, "只能是线或面"),
        ({"geometry": '{"type":"LineString","coordinates":[[1e999,2],[3,4]]}'}, "只能是线或面"),
        ({"reach_m": "0"}, "1 至 200"),
        ({"reach_m": "x"}, "请填整数"),
        ({"phone": "12ab"}, "电话请填"),
        ({"phone": "139****9999"}, "打码"),
        ({"person": "林志强 13800001234"}, "不要填写电话"),
        ({"scopes": ["major:\0"]}, "无法识别"),
        ({"scopes": ["category:99999"]}, "没有代码为"),
        ({"valid_from": "2026-05-01", "valid_to": "2026-04-01"}, "不能早于"),
        ({"valid_from": "0001-01-01"}, "合理范围"),
        ({"community_code": "\0", "geometry": ""}, "社区"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_words_that_were_typed(
    app: Flask, world: World, changes: dict[str, Any], words: str
):
    answer = open_session(app, "dispatcher").post_form("/responsibility/new", typed(world, **changes))  # fmt: skip
    assert answer.status_code == 422
    assert words in answer.text
    assert changes.get("name") == "" or "保洁二组" in answer.text


@pytest.mark.parametrize(
    "query",
    ["lon=abc&lat=1", "lon=1e400&lat=2", "lon=nan&lat=nan", "on=2026-13-45", "for=nothing", "lon=113.35"],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_told_so(app: Flask, world: World, query: str):
    answer = open_session(app, "inspector").get(f"/responsibility/?{query}")
    assert answer.status_code == 200
    assert "无法识别" in answer.text or query == "lon=113.35"


def test_only_a_dispatcher_of_the_area_may_register(app: Flask, world: World):
    assert open_session(app, "leader").get("/responsibility/new").status_code == 403
    assert open_session(app, "inspector").post_form("/responsibility/new", typed(world)).status_code == 403  # fmt: skip


def test_the_list_asks_a_fixed_number_of_statements_and_pages_by_key(app: Flask, world: World):
    make_posts(world, *({"code": f"A{n:03d}", "name": f"路段{n}"} for n in range(60)))
    client = open_session(app, "dispatcher")
    counts = []
    for query in ("q=A000", ""):
        with counted() as sent:
            assert client.get(f"/responsibility/posts?{query}").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]
    first = client.get("/responsibility/posts").text
    assert "共 60 个岗位" in first
    assert "A024" in first
    assert "A025" not in first
    later = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "A025" in client.get(later).text
    assert client.get("/responsibility/posts?after=zzz").status_code == 422


def test_filters_narrow_the_list(app: Flask, world: World):
    from tracker.responsibility.scopes import Scope, ScopeKind

    make_posts(
        world,
        {"code": "A", "scopes": (Scope(ScopeKind.MAJOR, "06"),)},
        {"code": "B", "geometry": square_at(*INSIDE[HAIAN]), "unit_id": world.units["police"]},
        fallback(GUANGAN, code="C"),
        {"code": "D", "valid_to": date(2026, 2, 1)},
    )
    client = open_session(app, "dispatcher")

    def listed(query: str) -> list[str]:
        page = client.get(f"/responsibility/posts?{query}").text
        return [code for code in "ABCD" if f'/responsibility/posts/{code}"' in page]

    assert listed("") == ["A", "B", "C"]
    assert listed("standing=ended") == ["D"]
    assert listed("standing=all&kind=segment") == ["A", "D"]
    assert listed(f"area={TOWN_A}") == ["A", "B"]
    assert listed(f"unit={world.units['police']}") == ["B"]
    assert listed("scope=major:06") == ["A"]
    assert listed("q=交警") == ["B"]


def test_ground_without_anybody_and_overlaps_are_listed_and_drawn(app: Flask, world: World):
    make_posts(
        world,
        {"code": "A", "geometry": square_at(LON, LAT, metres=600)},
        {"code": "B", "geometry": square_at(LON + 0.003, LAT, metres=600), "name": "东片"},
        {"code": "C"},
    )
    client = open_session(app, "dispatcher")
    overview = client.get("/responsibility/communities").text
    assert "无主" in overview
    with counted() as sent:
        assert client.get("/responsibility/communities").status_code == 200
    assert not any("area_boundary" in one for one in sent), "reckoned once a version"
    page = client.get(f"/responsibility/communities/{SANZAO}").text
    assert "其余没有人负责" in page
    assert "东片" in page
    found = client.get(f"/responsibility/communities/{SANZAO}/gaps.json").get_json()["features"]
    sizes = {role: [f["properties"]["area_m2"] for f in found if f["properties"]["role"] == role] for role in ("gap", "overlap")}  # fmt: skip
    # the community is 2062 m by 2214 m; the squares are 600 m wide and 309 m apart
    assert sizes["gap"] == pytest.approx([2063 * 2215 - 909.5 * 600], rel=0.01)
    assert sizes["overlap"] == pytest.approx([290.5 * 600], rel=0.02)
    make_posts(world, fallback(code="REST"))
    assert "其余由社区兜底岗位负责" in client.get(f"/responsibility/communities/{SANZAO}").text


def test_roads_that_cross_do_not_overlap_but_roads_beside_each_other_do(app: Flask, world: World):
    north = {"type": "LineString", "coordinates": [[LON, LAT - 0.003], [LON, LAT + 0.003]]}
    make_posts(world, {"code": "A"}, {"code": "B", "geometry": north})
    client = open_session(app, "dispatcher")
    assert "没有重叠" in client.get(f"/responsibility/communities/{SANZAO}").text
    make_posts(world, {"code": "C", "geometry": line_at(LON, LAT + 0.0001)})
    assert "没有重叠" not in client.get(f"/responsibility/communities/{SANZAO}").text


def test_the_card_and_the_map_on_paper_name_the_post_and_draw_its_ground(app: Flask, world: World):
    make_posts(world, {"code": "A"}, fallback(code="REST", person="吴国强"))
    client = open_session(app, "grid_lead")
    card = client.get("/responsibility/posts/A/card").text
    assert "plan-line" in card
    assert "138****1234" in card
    paper = client.get(f"/responsibility/communities/{SANZAO}/paper").text
    assert paper.count('class="plan-line"') == 1
    assert "吴国强" in paper


def test_the_drawn_posts_are_kept_by_the_browser_until_the_map_changes(app: Flask, world: World):
    make_posts(world, {"code": "A"})
    client = open_session(app, "dispatcher")
    first = client.get("/responsibility/shapes.json")
    again = client.get("/responsibility/shapes.json", headers={"If-None-Match": first.headers["ETag"]})  # fmt: skip
    assert again.status_code == 304
    make_posts(world, {"code": "B"})
    later = client.get("/responsibility/shapes.json", headers={"If-None-Match": first.headers["ETag"]})  # fmt: skip
    assert len(later.get_json()["features"]) == 2
