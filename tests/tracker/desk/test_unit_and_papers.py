"""The unit's desk and the papers it signs: its own tasks only, in the order they hurt, no citizen's data."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.client import open_session
from tests.factories.steps import alter, step
from tests.factories.world import World, make_task, make_world, task
from tests.tracker.desk.test_office import counting
from tracker import clock
from tracker.tasks.given import Place
from tracker.tasks.states import Action, State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def late(number: str) -> str:
    then = clock.now() - timedelta(hours=5)
    alter(number, due_at=then, due_soon_at=then - timedelta(hours=5))
    return number


def test_a_unit_sees_reworks_with_their_reason_then_new_tasks_then_by_deadline(
    app: Flask, world: World
) -> None:
    on_time, new = make_task(world, State.HANDLING), make_task(world, State.DISPATCHED)
    overdue, again = late(make_task(world, State.HANDLING)), make_task(world, State.SUBMITTED)
    step(world, again, Action.REWORK, "verifier", reason="地面仍有污渍")
    page = open_session(app, "clerk").get("/desk/unit").text
    places = [page.index(f'data-number="{number}"') for number in (again, new, overdue, on_time)]
    assert places == sorted(places)
    assert "返工原因：地面仍有污渍" in page
    assert "group-overdue" in page
    police = open_session(app, "clerk_police").get("/desk/unit").text
    assert 'data-number="' not in police


def test_a_clerk_signs_and_assigns_in_one_press_and_a_stale_press_is_said(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.DISPATCHED)
    client = open_session(app, "clerk")
    seen = task(number).version
    signed = client.post_form(f"/desk/unit/{number}/acknowledge", {"version": seen}, follow=True)
    assert "已办理“签收”" in signed.text
    assert task(number).state == State.HANDLING
    stale = client.post_form(f"/desk/unit/{number}/acknowledge", {"version": seen}, follow=True)
    assert "已被他人更新" in stale.text
    given = {"version": task(number).version, "assignee_id": world.users["worker"]}
    client.post_form(f"/desk/unit/{number}/assign", given)
    assert task(number).assignee_id == world.users["worker"]
    assert "· 经办人" in client.get("/desk/unit").text
    bad = {"version": task(number).version, "assignee_id": world.users["leader"]}
    assert "在用账号" in client.post_form(f"/desk/unit/{number}/assign", bad, follow=True).text
    foreign = open_session(app, "clerk_police")
    assert foreign.post_form(f"/desk/unit/{number}/assign", bad).status_code == 404
    assert client.post_form(f"/desk/unit/{number}/cancel", bad).status_code == 404
    assert client.get(f"/desk/unit?unit={world.units['police']}").status_code == 404
    assert open_session(app, "dispatcher").get("/desk/unit").status_code == 403


def test_heads_find_applications_and_assistants_what_is_asked_of_them(
    app: Flask, world: World
) -> None:
    asked, helped = make_task(world, State.HANDLING), make_task(world, State.HANDLING)
    step(world, asked, Action.ASK_EXTENSION, "clerk", reason="连日大雨")
    step(world, helped, Action.ADD_ASSIST, "dispatcher", text="请拖走占道车辆")
    assert "申请原因：连日大雨" in open_session(app, "head").get("/desk/unit").text
    assert "申请原因" not in open_session(app, "clerk").get("/desk/unit").text
    assert "协办事项：请拖走占道车辆" in open_session(app, "clerk_police").get("/desk/unit").text


def test_a_units_desk_costs_the_same_for_few_and_many(app: Flask, world: World) -> None:
    client = open_session(app, "clerk")

    def cost() -> int:
        client.get("/desk/unit")
        with counting() as asked:
            assert client.get("/desk/unit").status_code == 200
        return len(asked)

    for state in (State.DISPATCHED, State.HANDLING):
        make_task(world, state)
    few = cost()
    for state in (State.DISPATCHED, State.HANDLING) * 4:
        make_task(world, state)
    assert cost() == few
    assert few < 25


def test_papers_name_unit_facts_and_limit_and_nobody_who_reported(app: Flask, world: World) -> None:
    number = make_task(
        world, State.HANDLING, description="垃圾未清，请电13812345678联系", reporter="inspector"
    )
    clerk = open_session(app, "clerk")
    paper = clerk.get(f"/tasks/{number}/notice").text
    for words in ("整改通知书", number, "区环卫中心", "依云路口", "签收人", "138****5678"):
        assert words in paper
    assert "13812345678" not in paper
    assert "inspector" not in paper
    assert clerk.get(f"/tasks/{number}/order").status_code == 409
    step(world, number, Action.SUPERVISE, "leader", text="两日内办结")
    order = clerk.get(f"/tasks/{number}/order").text
    assert task(number).order_number in order
    assert "督办要求：两日内办结" in order
    assert open_session(app, "clerk_police").get(f"/tasks/{number}/order").status_code == 404
    assert clerk.get(f"/tasks/{make_task(world)}/notice").status_code == 404
    dispatcher = open_session(app, "dispatcher")
    assert dispatcher.get(f"/tasks/{make_task(world)}/notice").status_code == 409


def test_a_paper_names_the_community_once_when_the_address_begins_with_it(
    app: Flask, world: World
) -> None:
    place = Place(lon=113.355, lat=22.045, method="pin", address="三灶社区文化广场")
    number = make_task(world, State.HANDLING, place=place)
    paper = open_session(app, "clerk").get(f"/tasks/{number}/notice").text
    assert "三灶镇三灶社区文化广场" in paper
