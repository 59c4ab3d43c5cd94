"""Today's route of an inspector: whose points, in which order, by hand too, on paper and as a file."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import gpxpy
import pytest

from tests.factories.client import open_session
from tests.factories.points import make_point, point
from tests.factories.rounds import make_round, note_visits, points_of, step
from tests.factories.world import GUANGAN, HAIAN, INSIDE, SANZAO, make_world
from tests.tracker.maps.test_map_data import statements
from tracker import clock
from tracker.inspections import round_points
from tracker.inspections.round_models import RoundInspector
from tracker.storage.unit_of_work import unit_of_work

ROUTE = "/inspect/route"


@pytest.fixture
def world(app):
    return make_world()


def street(world, count: int, community: str = SANZAO) -> list[str]:
    """Points a hundred metres apart from west to east, made in another order."""
    lon, lat = INSIDE[community]
    town = "甲乙丙"[[SANZAO, HAIAN, GUANGAN].index(community)]
    places = sorted(range(count), key=lambda n: (n * 7) % 11)
    made = {
        n: make_point(world, community, name=f"{town}街{n}号", lon=lon - 0.005 + n * 0.001, lat=lat)
        for n in places
    }
    return [made[n] for n in range(count)]


def shown(page: str) -> list[str]:
    """Names of the stops, from the first on."""
    stops = page.split('<ol class="route-stops">')[1].split("</ol>")[0]
    return re.findall(r'data-name="([^"]+)"', stops)


def left_out(page: str) -> list[str]:
    return re.findall(r'data-name="([^"]+)"', page.split("</ol>")[1])


def order_of(location: str) -> list[int]:
    return [int(one) for one in parse_qs(urlsplit(location).query)["order"][0].split(".")]


def ids(codes) -> list[int]:
    return [point(code).id for code in codes]


def test_the_open_points_of_my_rounds_are_put_along_the_street(app, world):
    codes = street(world, 6)
    made = make_round(world, opened=True)
    note_visits(world, [codes[2]], round_id=made)
    page = open_session(app, "inspector").get(ROUTE).text
    names = [f"甲街{n}号" for n in (0, 1, 3, 4, 5)]
    assert shown(page) in (names, names[::-1])
    assert "5 站" in page
    assert page.count("距上一站 103 米") == 3
    assert page.count("距上一站 206 米") == 1
    assert "直线合计 516 米" in page


def test_a_point_given_to_another_inspector_is_not_on_my_route(app, world):
    codes = street(world, 3)
    made = make_round(
        world, opened=True, inspector_ids=(world.users["inspector"], world.users["verifier"])
    )
    taken = point(codes[1]).id
    step(world, made, "give", lambda w, r: round_points.give(w, r, [taken], world.users["verifier"]))  # fmt: skip
    client = open_session(app, "inspector")
    assert set(shown(client.get(ROUTE).text)) == {"甲街0号", "甲街2号"}
    assert set(shown(client.get(f"{ROUTE}?of={made}").text)) == {"甲街0号", "甲街2号"}


def test_who_holds_no_role_and_is_named_by_a_round_has_its_route(app, world):
    street(world, 2)
    street(world, 2, HAIAN)
    made = make_round(world, inspector_ids=(world.users["inspector"],), opened=True)
    with unit_of_work() as work:
        work.add(RoundInspector(round_id=made, user_id=world.users["worker"]))
    client = open_session(app, "worker")
    assert len(shown(client.get(ROUTE).text)) == 4
    frame = client.get(f"{ROUTE}/frame")
    assert frame.status_code == 200
    assert "borders" not in frame.text.split('id="map-config"')[1].split("</script>")[0]


def test_without_a_round_those_longest_without_a_visit_come_and_nothing_from_elsewhere(both):
    world = make_world()
    codes = street(world, 4)
    street(world, 2, GUANGAN)
    now = clock.now()
    note_visits(world, [codes[0]], at=now - timedelta(days=42))
    note_visits(world, [codes[1]], at=now - timedelta(days=10))
    note_visits(world, [codes[2]], at=now - timedelta(days=80))
    client = open_session(both, "inspector")
    page = client.get(f"{ROUTE}?n=3").text
    assert set(shown(page)) == {"甲街3号", "甲街2号", "甲街0号"}
    assert "欠查 12 天" in page
    assert "欠查 50 天" in page
    assert page.count("从未检查") == 1
    foreign = [*ids(codes[:1]), *range(1, 60)]
    page = client.get(f"{ROUTE}?order={'.'.join(map(str, foreign))}").text
    assert all(name.startswith("甲") for name in shown(page)), "only town A"


def test_a_foreign_round_answers_404_on_every_page(app, world):
    street(world, 2, GUANGAN)
    made = make_round(world, opened=True, inspector_ids=(world.users["inspector_b"],))
    clerk = open_session(app, "clerk")
    for page in ("", "/sheet", "/route.gpx", "/stops.json"):
        assert clerk.get(f"{ROUTE}{page}?of={made}").status_code == 404


def test_stops_are_moved_skipped_and_taken_in_and_the_address_says_so(app, world):
    codes = street(world, 4)
    make_round(world, opened=True)
    client = open_session(app, "inspector")
    first, second, third, fourth = ids(codes)
    start = f"{first}.{second}.{third}.{fourth}"

    def after(move: str, order: str = start) -> list[int]:
        answer = client.get(f"{ROUTE}?n=10&order={order}&{move}")
        assert answer.status_code == 302
        assert "n=10" in answer.location
        return order_of(answer.location)

    assert after(f"down={first}") == [second, first, third, fourth]
    assert after(f"up={first}") == [first, second, third, fourth]
    assert after(f"up={fourth}") == [first, second, fourth, third]
    assert after(f"skip={second}") == [first, third, fourth]
    assert after(f"add={second}", f"{first}.{third}") == [first, third, second]
    assert after("sort=1", f"{third}.{first}.{fourth}.{second}") in ([first, second, third, fourth], [fourth, third, second, first])  # fmt: skip
    page = client.get(f"{ROUTE}?order={first}.{third}").text
    assert shown(page) == ["甲街0号", "甲街2号"]
    assert set(left_out(page)) == {"甲街1号", "甲街3号"}


def test_a_short_walk_from_where_i_stand_takes_the_nearest_and_says_what_it_leaves(app, world):
    street(world, 10)
    make_round(world, opened=True)
    client = open_session(app, "inspector")
    lon, lat = INSIDE[SANZAO]
    at = f"{lon - 0.0061},{lat}"
    page = client.get(f"{ROUTE}?n=4&at={at}").text
    assert shown(page) == [f"甲街{n}号" for n in range(4)]
    assert "距出发点 103 米" in page, "the start is kept to a hundred metres"
    assert len(left_out(page)) == 6
    page = client.get(f"{ROUTE}?km=0.35&at={at}").text
    assert shown(page) == ["甲街0号", "甲街1号", "甲街2号"]
    back = client.get(f"{ROUTE}?km=0.45&closed=1&at={at}").text
    assert shown(back) in (["甲街0号", "甲街1号"], ["甲街1号", "甲街0号"])
    assert "回到起点" in back


def test_the_sheet_has_a_code_and_a_way_for_each_stop_and_the_file_the_same_order(app, world):
    codes = street(world, 5)
    make_point(world, HAIAN, name="<b>市场</b>&“甲”")
    make_round(world, opened=True)
    client = open_session(app, "inspector")
    order = ids([codes[3], codes[0], codes[4]])
    market = [one.point_id for one in points_of(1) if one.point_id not in ids(codes)]
    args = f"?order={'.'.join(map(str, order + market))}"
    sheet = client.get(f"{ROUTE}/sheet{args}").text
    assert sheet.count('class="route-qr"') == sheet.count("<svg") == 4
    assert sheet.count("距上一站") == 3
    assert "<b>市场" not in sheet
    answer = client.get(f"{ROUTE}/route.gpx{args}")
    assert "attachment" in answer.headers["Content-Disposition"]
    file = gpxpy.parse(answer.text)
    assert file.version == "1.1"
    (line,) = file.routes
    names = [one.name for one in line.points]
    assert names[:3] == ["1 甲街3号", "2 甲街0号", "3 甲街4号"]
    assert names[3] == "4 <b>市场</b>&“甲”"
    assert [(w.name, w.latitude) for w in file.waypoints] == [(p.name, p.latitude) for p in line.points]  # fmt: skip
    assert line.points[0].longitude == pytest.approx(point(codes[3]).lon, abs=1e-6)
    stops = client.get(f"{ROUTE}/stops.json{args}").get_json()["stops"]
    assert [f"{n} {stop['name']}" for n, stop in enumerate(stops, 1)] == names


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("n=201", "一条路线最多 200 个点位"),
        ("n=0", "点位数请填"),
        ("n=9e9", "点位数请填"),
        ("km=nan", "里程请填"),
        ("km=-1", "里程请填"),
        ("at=200,22", "出发位置无效"),
        ("at=here", "出发位置无效"),
        ("of=x", "编号无效"),
        ("order=1.x", "编号无效"),
        ("order=1&up=x", "编号无效"),
        ("order=" + ".".join(map(str, range(1, 202))), "一条路线最多 200 个点位"),
    ],
)
def test_an_address_that_makes_no_route_says_why(app, world, args, words):
    answer = open_session(app, "inspector").get(f"{ROUTE}?{args}")
    assert answer.status_code == 422
    assert words in answer.text


def test_who_has_nothing_to_visit_is_told_so(app, world):
    make_point(world, None, community_code=GUANGAN)
    make_point(world)
    for who in ("leader", "sysadmin", "inspector_b"):
        client = open_session(app, who)
        assert "没有待查的点位" in client.get(ROUTE).text
        assert client.get(f"{ROUTE}/sheet").status_code == 422
        assert client.get(f"{ROUTE}/route.gpx").status_code == 422


def test_the_route_takes_as_many_queries_for_two_points_as_for_twenty(app, world):
    street(world, 2)
    make_round(world, opened=True)
    client = open_session(app, "inspector")

    def cost(path: str) -> int:
        client.get(path)
        with statements(app) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    paths = (ROUTE, f"{ROUTE}?of=debt", f"{ROUTE}/sheet", f"{ROUTE}/stops.json")
    before = [cost(path) for path in paths]
    street(world, 9, HAIAN)
    make_round(world, opened=True)
    assert [cost(path) for path in paths] == before
    assert max(before) <= 14, before
