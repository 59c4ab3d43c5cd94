"""The pages of rounds: planned with a preview, followed, printed; refusals in the clerk's words."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories.client import open_session, request_uuid_on
from tests.factories.points import make_point, point
from tests.factories.rounds import codes_of, make_round, note_visits, points_of, round_
from tests.factories.world import DISTRICT, GUANGAN, HAIAN, SANZAO, TOWN_A, TOWN_B, make_world
from tests.tracker.maps.test_map_data import statements
from tracker import clock
from tracker.inspections.round_models import Liaison, Round, RoundKind
from tracker.storage.db import db


@pytest.fixture
def world(app):
    return make_world()


def form_of(**changes):
    return {
        "kind": "office", "month": "2026-11", "area_code": DISTRICT, "draw": "all", "seed": "s",
        "due_on": str(clock.today() + timedelta(days=5)), "step": "save", **changes,
    }  # fmt: skip


def rounds_there() -> int:
    db.session.rollback()
    return db.session.query(Round).count()


def test_the_preview_counts_by_type_and_community_and_saves_nothing(app, world):
    make_point(world, SANZAO)
    make_point(world, SANZAO, site_type_code="main_road")
    make_point(world, HAIAN)
    client = open_session(app, "dispatcher")
    assert "筹备批次" in client.get("/rounds/new").text
    page = client.post_form("/rounds/new", form_of(step="preview")).text
    shown = re.sub(r"<[^>]+>|\s+", " ", page[page.index('id="round-preview"') :])
    assert re.search(r"3\s+个点位", shown)
    assert re.search(r"三灶社区\s+2\s+2", shown)
    assert re.search(r"金海岸社区\s+1\s+1", shown)
    assert rounds_there() == 0


def test_what_was_previewed_is_what_is_saved(app, world):
    for number in range(9):
        make_point(world, SANZAO, name=f"点位{number}")
    client = open_session(app, "dispatcher")
    asked = form_of(draw="random", size="4", seed="abc")
    page = client.post_form("/rounds/new", {**asked, "step": "preview"}).text
    assert re.search(r"<strong>4</strong>", page)
    answer = client.post_form("/rounds/new", asked)
    made = int(answer.location.rsplit("/", 1)[1])
    assert len(codes_of(made)) == 4
    assert round_(made).seed == "abc"
    again = client.post_form("/rounds/new", {**asked, "step": "seed"}).text
    assert 'value="abc"' not in again, "another seed was asked for"


def test_points_chosen_by_hand_are_saved(app, world):
    wanted, other = make_point(world), make_point(world, HAIAN)
    client = open_session(app, "dispatcher")
    page = client.post_form("/rounds/new", form_of(draw="by_hand", step="preview")).text
    assert f'value="{wanted}"' in page
    assert f'value="{other}"' in page
    answer = client.post_form("/rounds/new", form_of(draw="by_hand", points=[wanted]))
    assert codes_of(int(answer.location.rsplit("/", 1)[1])) == [wanted]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due_on": "2020-01-01"}, "截止日期不能早于今天"),
        ({"month": "2026-99"}, "月份请写成"),
        ({"size": "-1"}, "1 到 100000"),
        ({"kind": "self"}, "须选择单位"),
        ({"due_on": "soon"}, "截止日期"),
        ({"draw": "dice"}, "点位怎么来"),
    ],
)
def test_a_refused_plan_keeps_what_was_typed_and_says_how_to_mend_it(app, world, changes, words):
    make_point(world)
    client = open_session(app, "dispatcher")
    answer = client.post_form("/rounds/new", form_of(name="金秋督查", **changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="金秋督查"' in answer.text
    assert rounds_there() == 0


@pytest.mark.parametrize("hostile", [{"area_code": "\0"}, {"unit_id": "9" * 40, "kind": "self"}, {"inspectors": "x"}, {"inspectors": "9" * 20}, {"inspectors": "9" * 5000}, {"seed": "a\nb" * 30}, {"points": ["'"] * 5, "draw": "by_hand"}, {"month": "\x00"}, {"communities": "nowhere"}])  # fmt: skip
def test_hostile_input_is_no_server_error(app, world, hostile):
    make_point(world)
    answer = open_session(app, "dispatcher").post_form("/rounds/new", form_of(**hostile))
    assert answer.status_code in (302, 422)


def test_who_may_not_plan_is_told_and_sees_no_button(app, world):
    client = open_session(app, "inspector")
    assert client.get("/rounds/new").status_code == 403
    assert "/rounds/new" not in client.get("/rounds/").text
    head = open_session(app, "head")
    form = head.get("/rounds/new").text
    assert 'value="self"' in form
    assert 'value="covert"' not in form


def test_a_double_post_makes_one_round(app, world):
    make_point(world)
    client = open_session(app, "dispatcher")
    uuid = request_uuid_on(client.get("/rounds/new").text)
    first = client.post_form("/rounds/new", form_of(request_uuid=uuid))
    second = client.post_form("/rounds/new", form_of(request_uuid=uuid))
    assert first.location == second.location
    assert rounds_there() == 1


def test_the_page_of_a_round_shows_progress_by_place_and_kind_and_no_league_of_people(app, world):
    codes = [make_point(world), make_point(world, HAIAN, site_type_code="main_road")]
    made = make_round(world, opened=True)
    note_visits(world, codes[:1], round_id=made, score=87.5)
    page = open_session(app, "dispatcher").get(f"/rounds/{made}").text
    assert "1 / 2" in page
    assert "88 分" in page or "87 分" in page
    shares = re.findall(r'<table class="table table-sm round-shares">.*?</table>', page, re.DOTALL)
    assert len(shares) == 2
    assert not any(f">{name}<" in "".join(shares) for name in world.users)
    for shown, seen in (("no", codes[1]), ("yes", codes[0])):
        narrowed = open_session(app, "dispatcher").get(f"/rounds/{made}?visited={shown}").text
        listed = re.findall(r'/points/([^"/]+)"', narrowed)
        assert listed == [seen]


def test_foreign_rounds_and_impossible_ids_are_not_there(app, world):
    make_point(world)
    made = make_round(world, area_code=TOWN_A)
    client = open_session(app, "inspector_b")
    for path in ("", "/route", "/frame", "/points.json", "/route.gpx"):
        assert client.get(f"/rounds/{made}{path}").status_code == 404
        assert client.get(f"/rounds/{10**30}{path}").status_code == 404
    assert client.post_form(f"/rounds/{made}/close").status_code == 404
    assert client.post_form(f"/rounds/{10**30}/close").status_code == 404
    assert open_session(app, "dispatcher").get(f"/rounds/{made}?after=x").status_code == 422
    seen_only = open_session(app, "leader")
    assert seen_only.get(f"/rounds/{made}").status_code == 200
    assert seen_only.post_form(f"/rounds/{made}/close").status_code == 403


def test_steps_are_taken_from_the_page(app, world):
    first, second = make_point(world), make_point(world, HAIAN)
    extra = make_point(world, GUANGAN)
    made = make_round(world, area_code=TOWN_A)
    client = open_session(app, "dispatcher")
    ids = [point(code).id for code in (first, second)]
    version = round_(made).version
    refused = client.post_form(
        f"/rounds/{made}/add", {"codes_typed": f"{first}、{extra}"}, follow=True
    )
    assert "不在本批次的区域" in refused.text
    assert client.post_form(f"/rounds/{made}/add", {"codes_typed": "no-such"}).status_code == 404
    moved = {"points": [ids[0]], "position": "2", "version": version}
    client.post_form(f"/rounds/{made}/move", moved)
    assert codes_of(made)[1] == first
    assert client.post_form(f"/rounds/{made}/move", moved).status_code == 409, "the page is stale"
    client.post_form(f"/rounds/{made}/remove", {"points": ids[1:]})
    assert codes_of(made) == [first]
    client.post_form(
        f"/rounds/{made}/give", {"points": ids[:1], "inspector": world.users["inspector"]}
    )
    assert points_of(made)[0].inspector_id == world.users["inspector"]
    assert (
        "还没有指定检查人" in client.post_form(f"/rounds/{made}/inspectors", {}, follow=True).text
    )
    assert "还没有检查人" in client.post_form(f"/rounds/{made}/open", {}, follow=True).text
    client.post_form(f"/rounds/{made}/inspectors", {"inspectors": [world.users["inspector"]]})
    assert "批次已开始" in client.post_form(f"/rounds/{made}/open", {}, follow=True).text
    for bad in ({"points": "x"}, {"points": "9" * 30}, {}):
        answer = client.post_form(f"/rounds/{made}/give", bad, follow=True)
        assert answer.status_code in (200, 422)
    assert "批次已结束" in client.post_form(f"/rounds/{made}/close", {}, follow=True).text


def test_words_and_days_of_a_round_can_be_changed(app, world):
    make_point(world)
    made = make_round(world)
    client = open_session(app, "dispatcher")
    day = clock.today() + timedelta(days=30)
    client.post_form(
        f"/rounds/{made}/change", {"name": "改名", "due_on": str(day), "note": "雨天顺延"}
    )
    assert (round_(made).name, round_(made).due_on, round_(made).note) == ("改名", day, "雨天顺延")
    answer = client.post_form(f"/rounds/{made}/change", {"name": "", "due_on": str(day)})
    assert answer.status_code == 422
    assert "请填写批次名称" in answer.text


def test_a_review_counts_down_and_counts_its_open_issues(app, world):
    from tests.factories.world import make_task
    from tracker.tasks.states import State

    code = make_point(world)
    day = clock.today() + timedelta(days=12)
    made = make_round(world, kind=RoundKind.REVIEW, review_on=day)
    for state in (State.HANDLING, State.CLOSED, State.REJECTED):
        make_task(world, state, point_id=point(code).id)
    client = open_session(app, "dispatcher")
    page = client.get(f"/rounds/{made}").text
    assert "<strong>12</strong>" in page
    daily = re.search(r'role="img" aria-label="([^"]*)"', page).group(1)
    assert daily.endswith(" 1"), daily
    assert "未办结 1" in page
    client.post_form(f"/rounds/{made}/freeze")
    frozen = client.get(f"/rounds/{made}").text
    assert "名单已冻结" in frozen
    assert "/add" not in frozen


def test_the_route_sheet_lists_the_points_in_order_with_their_codes(app, world):
    codes = [make_point(world, name="<市场>"), make_point(world, HAIAN), make_point(world, None, community_code=GUANGAN)]  # fmt: skip
    made = make_round(world)
    client = open_session(app, "dispatcher")
    sheet = client.get(f"/rounds/{made}/route").text
    places = [sheet.index(code) for code in codes_of(made)]
    assert places == sorted(places)
    assert sheet.count('class="route-qr"') == len(codes)
    assert "&lt;市场&gt;" in sheet
    gpx = client.get(f"/rounds/{made}/route.gpx")
    assert gpx.text.count("<rtept") == 2
    assert "&lt;市场&gt;" in gpx.text
    found = client.get(f"/rounds/{made}/points.json").get_json()
    assert (len(found["points"]), found["unplaced"]) == (2, 1)


def test_pages_take_few_queries_however_many_rounds_and_points_there_are(app, world):
    for number in range(4):
        make_point(world, (SANZAO, HAIAN)[number % 2], name=f"点位{number}")
    made = make_round(world, opened=True)
    client = open_session(app, "dispatcher")
    for path in ("/rounds/", f"/rounds/{made}", f"/rounds/{made}/route"):
        client.get(path)  # what a process learns once is known then

    def cost(path: str) -> int:
        with statements(app) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    before = [cost("/rounds/"), cost(f"/rounds/{made}"), cost(f"/rounds/{made}/route")]
    for number in range(20):
        make_point(world, (SANZAO, HAIAN)[number % 2], name=f"更多{number}")
    more = [make_round(world, opened=True) for _ in range(5)][-1]
    after = [cost("/rounds/"), cost(f"/rounds/{more}"), cost(f"/rounds/{more}/route")]
    assert after == before


def test_liaisons_are_added_once_ended_and_kept(app, world):
    client = open_session(app, "dispatcher")
    asked = {"unit_id": world.units["police"], "community_code": SANZAO, "person": "王局", "since": str(clock.today())}  # fmt: skip
    assert "还没有挂点" in client.get("/rounds/liaisons").text
    client.post_form("/rounds/liaisons/add", asked)
    assert client.post_form("/rounds/liaisons/add", asked).status_code == 409
    for bad in (
        {"unit_id": ""},
        {"community_code": TOWN_A},
        {"since": "x"},
        {"person": "长" * 60},
        {"since": "0001-01-01"},
    ):
        assert client.post_form("/rounds/liaisons/add", {**asked, **bad}).status_code == 422, bad
    page = client.get("/rounds/liaisons").text
    assert "王局" in page
    row = db.session.query(Liaison).one()
    assert (
        open_session(app, "inspector_b").post_form(f"/rounds/liaisons/{row.id}/end").status_code
        == 404
    )
    assert (
        open_session(app, "leader").post_form(f"/rounds/liaisons/{row.id}/end").status_code == 403
    )
    client.post_form(f"/rounds/liaisons/{row.id}/end")
    db.session.rollback()
    assert db.session.get_one(Liaison, row.id).until == clock.today()
    assert "王局" in client.get("/rounds/liaisons?all=1").text
    assert (
        client.post_form(
            f"/rounds/liaisons/{row.id}/end", {"request_uuid": str(uuid4())}
        ).status_code
        == 409
    )


def test_planning_a_liaison_round_proposes_the_units_people(app, world):
    make_point(world, SANZAO)
    client = open_session(app, "dispatcher")
    client.post_form("/rounds/liaisons/add", {"unit_id": world.units["police"], "community_code": SANZAO, "since": str(clock.today())})  # fmt: skip
    page = client.post_form("/rounds/new", form_of(kind="liaison", unit_id=world.units["police"], step="preview")).text  # fmt: skip
    chosen = re.findall(r'name="inspectors" value="(\d+)" checked', page)
    assert chosen == [str(world.users["clerk_police"])]
    assert TOWN_B not in re.findall(r'value="(\d+)" selected', page)
