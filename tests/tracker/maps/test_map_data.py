"""What the maps are told: the jurisdiction's areas and tasks, counted right, in few queries."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from flask import Flask
from sqlalchemy import event

from tests.factories.client import open_session
from tests.factories.counted import recount
from tests.factories.world import (
    DISTRICT,
    GRID,
    GUANGAN,
    HAIAN,
    INSIDE,
    SANZAO,
    TOWN_A,
    TOWN_B,
    make_task,
    make_world,
    task,
)
from tracker import clock
from tracker.maps import queries
from tracker.places.locating import bump_epoch
from tracker.places.models import Area
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.filters import TaskFilter
from tracker.tasks.given import Place
from tracker.tasks.models import Task
from tracker.tasks.states import State


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL that was run meanwhile."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def due_in(number: str, *, hours: float, soon_hours: float | None = None) -> None:
    """Move a deadline, past the operations: only what a map shows of it matters here."""
    from datetime import timedelta

    found = task(number)
    with unit_of_work() as work:
        row = work.get_one(Task, found.id)
        row.due_at = clock.now() + timedelta(hours=hours)
        row.due_soon_at = row.due_at - timedelta(hours=soon_hours or 0)
    recount()


def rows_of(answer) -> dict[str, dict]:
    body = answer.get_json()
    return {row[0]: dict(zip(body["columns"], row, strict=True)) for row in body["rows"]}


def test_counts_tell_open_overdue_and_due_soon_by_community(both):
    world = make_world()
    make_task(world, State.REPORTED)
    late = make_task(world, State.HANDLING)
    soon = make_task(world, State.DISPATCHED)
    make_task(world, State.CLOSED)
    make_task(world, State.REJECTED)
    make_task(world, State.FILED, GUANGAN, reporter="inspector_b")
    due_in(late, hours=-2)
    due_in(soon, hours=2, soon_hours=5)
    answer = open_session(both, "dispatcher").get("/maps/counts.json").get_json()
    assert answer["communities"][SANZAO] == [3, 1, 1]
    assert answer["communities"][GUANGAN] == [1, 0, 0]


def test_a_community_that_never_had_a_task_has_no_data_and_a_finished_one_has_zero(app):
    world = make_world()
    make_task(world, State.CLOSED, HAIAN)
    answer = open_session(app, "dispatcher").get("/maps/counts.json").get_json()
    assert answer["communities"][HAIAN] == [0, 0, 0]
    assert answer["communities"][SANZAO] is None


def test_counts_follow_the_filters(app):
    world = make_world()
    make_task(world, State.REPORTED)
    make_task(world, State.REPORTED, code="09009")
    client = open_session(app, "dispatcher")
    answer = client.get("/maps/counts.json?category=09").get_json()
    assert answer["communities"][SANZAO] == [1, 0, 0]
    assert client.get("/maps/counts.json?source=hotline").get_json()["communities"][SANZAO] == [
        0,
        0,
        0,
    ]


def test_tasks_outside_every_community_are_counted_and_linked(app):
    world = make_world()
    make_task(world, State.REPORTED, None)
    client = open_session(app, "inspector")
    assert client.get("/maps/counts.json").get_json()["outside"] == 1
    page = client.get("/maps/").text
    assert 'href="/tasks/?outside=1">1</a>' in page


def test_the_counting_query_uses_an_index(app):
    world = make_world()
    query = queries.counts_query(world.actor("dispatcher"), TaskFilter(), clock.now())
    sql = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    with db.engine.connect() as connection:
        plan = " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
    assert "USING INDEX" in plan or "USING COVERING INDEX" in plan
    assert "SCAN task" not in plan or "USING INDEX" in plan


def test_a_map_carries_the_tasks_of_its_area_and_no_other(both):
    world = make_world()
    here = make_task(world, State.HANDLING)
    make_task(world, State.HANDLING, HAIAN)
    make_task(world, State.REPORTED, GUANGAN, reporter="inspector_b")
    answer = open_session(both, "dispatcher").get(f"/maps/{SANZAO}/tasks.json")
    rows = rows_of(answer)
    assert list(rows) == [here]
    found = task(here)
    assert rows[here]["state"] == "handling"
    assert (rows[here]["lon"], rows[here]["lat"]) == INSIDE[SANZAO]
    assert rows[here]["due"] == int(found.due_at.timestamp())
    assert answer.get_json()["units"] == {str(found.unit_id): "区环卫中心"}


@pytest.mark.parametrize(("code", "expected"), [(TOWN_A, 2), (SANZAO, 1), (GRID, 0)])
def test_a_town_and_a_grid_have_their_map_too(app, code, expected):
    world = make_world()
    east = Place(lon=113.36, lat=22.045, method="pin")
    make_task(world, State.REPORTED, SANZAO, place=east)
    make_task(world, State.REPORTED, HAIAN)
    client = open_session(app, "dispatcher")
    assert client.get(f"/maps/{code}").status_code == 200
    assert client.get(f"/maps/{code}/frame").status_code == 200
    assert len(rows_of(client.get(f"/maps/{code}/tasks.json"))) == expected


def test_a_task_without_position_is_sent_without_one(app):
    world = make_world()
    place = Place(method="address", community_code=SANZAO, address="村口")
    number = make_task(world, State.REPORTED, SANZAO, place=place)
    rows = rows_of(open_session(app, "dispatcher").get(f"/maps/{SANZAO}/tasks.json"))
    assert rows[number]["lon"] is None
    assert rows[number]["lat"] is None


def test_cases_that_never_were_one_come_only_when_asked_for(app):
    world = make_world()
    rejected = make_task(world, State.REJECTED)
    client = open_session(app, "dispatcher")
    answer = client.get(f"/maps/{SANZAO}/tasks.json")
    assert rows_of(answer) == {}
    assert answer.get_json()["states"] == {"rejected": 1}
    assert list(rows_of(client.get(f"/maps/{SANZAO}/tasks.json?state=rejected"))) == [rejected]


def test_the_nearest_deadline_comes_first_and_finished_work_last(app):
    world = make_world()
    closed = make_task(world, State.CLOSED)
    reported = make_task(world, State.REPORTED)
    later = make_task(world, State.HANDLING)
    sooner = make_task(world, State.DISPATCHED)
    due_in(later, hours=9)
    due_in(sooner, hours=3)
    rows = rows_of(open_session(app, "dispatcher").get(f"/maps/{SANZAO}/tasks.json"))
    assert list(rows) == [sooner, later, reported, closed]


def test_a_cut_answer_says_how_many_there_are(app, monkeypatch):
    world = make_world()
    for _ in range(3):
        make_task(world, State.REPORTED)
    monkeypatch.setattr(queries, "MAX_ROWS", 2)
    answer = open_session(app, "dispatcher").get(f"/maps/{SANZAO}/tasks.json").get_json()
    assert (len(answer["rows"]), answer["total"], answer["cut"]) == (2, 3, True)


@pytest.mark.parametrize("rest", ["", "/frame", "/tasks.json", "/borders.json"])
@pytest.mark.parametrize("code", [GUANGAN, TOWN_B, "999999999999", "../login"])
def test_a_foreign_area_is_not_found(app, code, rest):
    make_world()
    client = open_session(app, "inspector")
    assert client.get(f"/maps/{code}{rest}").status_code == 404


def test_a_foreign_task_has_no_popup(app):
    world = make_world()
    own = make_task(world, State.REPORTED)
    foreign = make_task(world, State.REPORTED, GUANGAN, reporter="inspector_b")
    client = open_session(app, "inspector")
    assert client.get(f"/maps/tasks/{own}.json").get_json()["address"] == "依云路口"
    assert client.get(f"/maps/tasks/{foreign}.json").status_code == 404


def test_a_unit_sees_its_own_tasks_alone_on_the_map_of_its_home(app):
    world = make_world()
    own = make_task(world, State.HANDLING)
    make_task(world, State.REPORTED)
    client = open_session(app, "clerk")
    assert list(rows_of(client.get(f"/maps/{SANZAO}/tasks.json"))) == [own]


def test_the_areas_of_a_jurisdiction_and_their_towns_are_drawn(app):
    make_world()
    answer = open_session(app, "inspector").get("/maps/areas.json").get_json()
    levels = {feature["id"]: feature["properties"]["level"] for feature in answer["features"]}
    assert levels == {SANZAO: "community", HAIAN: "community", TOWN_A: "town"}


@pytest.mark.parametrize("path", ["/maps/areas.json", f"/maps/{SANZAO}/borders.json"])
def test_the_browser_keeps_borders_until_an_area_changes(app, path):
    make_world()
    client = open_session(app, "dispatcher")
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    with unit_of_work() as work:
        work.get_one(Area, SANZAO).name = "三灶新社区"
        bump_epoch(work)
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "三灶新社区" in changed.text


def test_one_persons_borders_do_not_answer_another(app):
    make_world()
    tag = open_session(app, "dispatcher").get("/maps/areas.json").headers["ETag"]
    answer = open_session(app, "inspector").get("/maps/areas.json", headers={"If-None-Match": tag})
    assert answer.status_code == 200


def test_a_grids_map_shows_its_community_around_it(app):
    make_world()
    answer = open_session(app, "dispatcher").get(f"/maps/{GRID}/borders.json").get_json()
    roles = {feature["id"]: feature["properties"]["role"] for feature in answer["features"]}
    assert roles == {SANZAO: "context", GRID: "area"}


def test_a_filter_that_is_not_understood_is_refused_with_words(app):
    make_world()
    client = open_session(app, "dispatcher")
    for path in ("/maps/", f"/maps/{SANZAO}", f"/maps/{SANZAO}/tasks.json", "/maps/counts.json"):
        assert client.get(f"{path}?source=nonsense").status_code == 422


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (f"/maps/{SANZAO}/tasks.json", 6),
        (f"/maps/{SANZAO}/borders.json", 5),
        ("/maps/counts.json", 9),
        ("/maps/areas.json", 6),
    ],
)
def test_an_answer_takes_few_queries_however_many_tasks(app, path, most):
    world = make_world()
    make_task(world, State.HANDLING)
    client = open_session(app, "dispatcher")
    client.get(path)
    with statements(app) as one:
        client.get(path)
    for _ in range(4):
        make_task(world, State.HANDLING, HAIAN)
        make_task(world, State.HANDLING)
    with statements(app) as many:
        client.get(path)
    # Knowing who asks is the same on every page.
    asking = ("BEGIN", "user_session", "user_account", "role_grant")
    own = [sql for sql in many if not any(word in sql for word in asking)]
    assert len(many) == len(one)
    assert len(own) <= most, own


def test_the_frame_has_its_own_policy_and_the_hosts_of_its_basemaps(make_app):
    app = make_app(
        "sqlite", basemaps="xyz:城市;gcj02;https://{s}.tiles.example.cn/{z}/{x}/{y}.png;测绘院"
    )
    with app.app_context():
        make_world()
        client = open_session(app, "dispatcher")
        page = client.get(f"/maps/{SANZAO}").headers["Content-Security-Policy"]
        frame = client.get(f"/maps/{SANZAO}/frame").headers["Content-Security-Policy"]
        db.session.remove()
    assert "frame-ancestors 'none'" in page
    assert "frame-ancestors 'self'" in frame
    assert "https://*.tiles.example.cn" in frame
    assert "tiles.example.cn" not in page
    assert "unsafe-inline" not in frame + page


def test_a_faulty_basemap_setting_is_named_and_the_page_stays(make_app):
    app = make_app("sqlite", basemaps="nonsense:1")
    with app.app_context():
        make_world()
        client = open_session(app, "dispatcher")
        assert client.get(f"/maps/{SANZAO}").status_code == 200
        answers = [client.get(address) for address in (f"/maps/{SANZAO}/frame", "/tasks/new")]
        db.session.remove()
    for answer in answers:
        assert answer.status_code == 503
        assert "TRACKER_BASEMAPS" in answer.text


def test_neither_page_holds_a_task(app):
    world = make_world()
    number = make_task(world, State.REPORTED, description="只有这里出现的一句话")
    client = open_session(app, "dispatcher")
    for path in ("/maps/", "/maps/frame", f"/maps/{SANZAO}", f"/maps/{SANZAO}/frame"):
        page = client.get(path).text
        assert number not in page
        assert "只有这里出现的一句话" not in page


def test_a_jurisdiction_without_communities_gets_a_page_that_says_what_to_do(app):
    client = open_session(app, _leader_of_nothing())
    page = client.get("/maps/")
    assert page.status_code == 200
    assert "还没有可以显示的社区" in page.text
    assert client.get("/maps/areas.json").get_json()["features"] == []


def _leader_of_nothing() -> str:
    from tracker.access.roles import Role
    from tracker.people.models import RoleGrant, User

    now = clock.now()
    with unit_of_work() as work:
        user = User(username="alone", name="alone", password_hash="-", must_change_password=False,
                    created_at=now, password_changed_at=now)  # fmt: skip
        work.add(user)
        work.flush()
        work.add(RoleGrant(user_id=user.id, role=Role.LEADER, area_code=None, granted_at=now))
    return "alone"


def test_a_districts_code_leads_to_the_districts_map(app):
    make_world()
    answer = open_session(app, "dispatcher").get(f"/maps/{DISTRICT}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/maps/")


def test_who_has_no_work_on_tasks_has_no_map(app):
    make_world()
    assert open_session(app, "auditor").get("/maps/").status_code == 403


def test_data_are_plain_json(app):
    make_world()
    answer = open_session(app, "dispatcher").get(f"/maps/{SANZAO}/tasks.json")
    assert answer.mimetype == "application/json"
    assert orjson.loads(answer.data)["rows"] == []
