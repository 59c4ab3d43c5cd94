"""Hand-overs as the people meet them on the task page: who sees what, who is asked, what it opens."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.client import open_session
from tests.factories.steps import alter, step
from tests.factories.task_pages import (
    LIMIT,
    box,
    done,
    moment,
    page_of,
    photo_in_tray,
    selects,
    send,
)
from tests.factories.world import World, make_task, make_world, task
from tracker import clock
from tracker.storage.db import db
from tracker.tasks import suspended
from tracker.tasks.filters import TaskFilter
from tracker.tasks.offers import ON_PAGES
from tracker.tasks.panel_groups import APART, GROUPS
from tracker.tasks.states import Action, State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def test_every_action_of_the_pages_stands_under_one_heading() -> None:
    assert set(GROUPS) == set(ON_PAGES) - APART


def test_a_page_of_many_actions_has_headings_and_one_primary_button(
    app: Flask, world: World
) -> None:
    page = page_of(app, "dispatcher", make_task(world, State.HANDLING))
    assert re.findall(r'class="group-title">(.*?)<', page) == ["督促", "更多"]
    for state, who in (
        (State.REPORTED, "dispatcher"),
        (State.HANDLING, "clerk"),
        (State.SUBMITTED, "verifier"),
    ):
        page = page_of(app, who, make_task(world, state))
        outside_dialogs = page.split('id="confirm-dialog"')[0]
        assert len(re.findall(r"<button[^>]*btn-primary", outside_dialogs)) == 1


def test_a_return_names_its_reason_and_the_page_says_till_when_it_was_possible(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.DISPATCHED)
    clerk = open_session(app, "clerk")
    assert "才能退单，须在" in clerk.get(f"/tasks/{number}").text
    refused = send(clerk, number, "return", reason="不归我们管")
    assert refused.status_code == 422
    assert "原因类别" in refused.text
    alter(number, return_until=clock.now() - timedelta(minutes=1))
    until = moment(task(number).return_until)
    page = clerk.get(f"/tasks/{number}").text
    assert f"退单期限已于 {until} 结束" in page
    assert 'id="do-return"' not in page
    alter(number, return_until=clock.now() + timedelta(hours=1))
    done(clerk, number, "return", reason_code="duty", reason="不归我们管")
    office = page_of(app, "dispatcher", number)
    assert "不属于本单位职责" in office
    assert "不归我们管" in office


def test_a_second_return_makes_both_heads_meet_and_the_named_person_decides(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.DISPATCHED)
    office, clerk = open_session(app, "dispatcher"), open_session(app, "clerk")
    done(clerk, number, "return", reason_code="duty", reason="应由交警办理")
    done(office, number, "dispatch", unit_id=str(world.units["police"]), **LIMIT)
    done(
        open_session(app, "clerk_police"),
        number,
        "return",
        reason_code="duty",
        reason="应由环卫办理",
    )
    assert "待派遣员召集" in box(page_of(app, "dispatcher", number), "joint")
    assert 'id="do-dispatch"' not in office.get(f"/tasks/{number}").text
    assert (
        send(office, number, "dispatch", unit_id=str(world.units["police"]), **LIMIT).status_code
        == 409
    )
    done(office, number, "convene", assignee_id=str(world.users["leader"]), text="请两家说明")
    # both sides, the dispatcher and the decider see why, who is asked and who decides
    for who in ("clerk", "clerk_police", "dispatcher", "leader"):
        shown = box(page_of(app, who, number), "joint")
        for words in ("已被退单两次", "应由交警办理", "应由环卫办理", "区环卫中心", "区交警大队"):
            assert words in shown
        assert "待 leader 决定" in shown
    head = open_session(app, "head")
    assert "负责人尚未发表意见" in box(head.get(f"/tasks/{number}").text, "joint")
    assert 'id="do-opine"' not in page_of(app, "clerk", number)
    done(head, number, "opine", text="道路保洁不含交通设施")
    leader = open_session(app, "leader")
    page = leader.get(f"/tasks/{number}").text
    assert "道路保洁不含交通设施" in box(page, "joint")
    assert 'class="action-primary" id="do-decide_joint"' in page
    done(
        leader,
        number,
        "decide_joint",
        unit_id=str(world.units["police"]),
        reason="设施归交警",
        **LIMIT,
    )
    page = page_of(app, "clerk_police", number)
    assert box(page, "joint") == ""
    assert 'id="do-return"' not in page
    assert "责任单位已由会商决定" in page
    assert open_session(app, "clerk").get(f"/tasks/{number}").status_code == 404


def test_an_assisting_unit_sees_what_it_is_asked_and_the_lead_sees_who_is_missing(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.HANDLING)
    police = open_session(app, "clerk_police")
    assert police.get(f"/tasks/{number}").status_code == 404
    done(
        open_session(app, "dispatcher"),
        number,
        "add_assist",
        unit_id=str(world.units["police"]),
        text="请维持清运时的交通",
    )
    page = page_of(app, "clerk", number)
    assert "还有协办单位没有反馈：区交警大队" in page
    shown = box(page, "assists")
    for words in ("主办 区环卫中心", "协办 区交警大队", "请维持清运时的交通", "尚未反馈"):
        assert words in shown
    photo = photo_in_tray(app, "clerk_police")
    done(police, number, "assist_reply", text="已派两名民警到场", assist_photos=photo)
    page = page_of(app, "clerk", number)
    assert "还有协办单位没有反馈" not in page
    assert "已派两名民警到场" in box(page, "assists")
    assert f"/photos/{photo}/thumb" in page.split('id="assists"')[1].split("</section>")[0]
    done(
        open_session(app, "dispatcher"), number, "remove_assist", unit_id=str(world.units["police"])
    )
    assert police.get(f"/tasks/{number}").status_code == 404


def test_an_extension_says_where_it_lies_and_what_the_new_deadline_would_be(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.HANDLING)
    before = task(number).due_at
    done(open_session(app, "clerk"), number, "ask_extension", reason="配件须从外地调运")
    asked = box(page_of(app, "clerk", number), "asked")
    assert "待单位负责人审核" in asked
    assert "配件须从外地调运" in asked
    assert 'id="do-grant_extension"' not in page_of(app, "dispatcher", number)
    done(open_session(app, "head"), number, "endorse", text="情况属实")
    page = page_of(app, "dispatcher", number)
    asked = box(page, "asked")
    assert "待区迎检办审批" in asked
    assert "head 同意 · 情况属实" in asked
    promised = re.search(r"同意后新的时限：(.+?)（原时限", asked)
    assert promised is not None
    done(open_session(app, "dispatcher"), number, "grant_extension")
    after = task(number).due_at
    assert before is not None
    assert after is not None
    assert after > before
    assert moment(after) == promised.group(1)
    assert box(page_of(app, "clerk", number), "asked") == ""


def test_shelving_is_prefilled_with_the_asked_date_and_has_a_list_by_end_date(
    app: Flask, world: World
) -> None:
    first, second = (make_task(world, State.HANDLING) for _ in range(2))
    clerk, head, office = (open_session(app, who) for who in ("clerk", "head", "dispatcher"))
    for number, days in ((first, 60), (second, 5)):
        until = (clock.today() + timedelta(days=days)).isoformat()
        done(
            clerk,
            number,
            "ask_suspension",
            reason_code="funding",
            reason="列入下季度预算",
            until=until,
        )
        done(head, number, "endorse")
        assert re.search(rf'name="until"[^>]*value="{until}"', office.get(f"/tasks/{number}").text)
        done(office, number, "suspend", reason="情况属实", until=until)
    for who in ("clerk", "dispatcher"):
        client = open_session(app, who)
        assert "/tasks/suspended/" in client.get("/").text
        page = client.get("/tasks/suspended/").text
        assert page.index(second) < page.index(first)
        for words in (
            "等待资金",
            "列入下季度预算",
            "区环卫中心",
            "还剩 5 天",
            "还剩 60 天",
            "共 2 条",
        ):
            assert words in page
    assert "没有挂账的任务" in open_session(app, "clerk_police").get("/tasks/suspended/").text
    assert "没有挂账的任务" in office.get(f"/tasks/suspended/?unit={world.units['police']}").text
    assert office.get("/tasks/suspended/?after=xx").status_code == 422


def test_the_list_of_shelved_tasks_is_paged_by_key(both: Flask) -> None:
    world = make_world()
    numbers = [make_task(world, State.SUSPENDED) for _ in range(3)]
    actor, seen, after = world.actor("dispatcher"), [], None
    for _ in range(3):
        page = suspended.page(
            db.session(), actor, TaskFilter(), now=clock.now(), after=after, size=1
        )
        seen += [row.number for row in page.rows]
        after = page.next_key
    assert (seen, after) == (numbers, None)


def test_an_order_a_reminder_and_a_leaders_words_stand_above_the_forms(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.HANDLING)
    leader = open_session(app, "leader")
    done(leader, number, "instruct", text="请主要领导到现场")
    done(leader, number, "supervise", text="两日内办结", limit_value="", due_at="")
    done(leader, number, "urge", text="请抓紧")
    order = task(number).order_number
    assert order
    page = page_of(app, "clerk", number)
    above = page[: page.index('id="actions"')]
    for words in ("领导批示", "请主要领导到现场", order, "两日内办结", "请抓紧"):
        assert words in above
    listed = open_session(app, "dispatcher").get("/tasks/?supervised=1").text
    assert f'task-flag-order">{order.removeprefix("440404")}<' in listed


def test_a_closing_by_notice_takes_a_reason_of_the_list(app: Flask, world: World) -> None:
    number = make_task(world, State.SUBMITTED)
    verifier = open_session(app, "verifier")
    assert send(verifier, number, "close_by_notice", reason="业主不同意").status_code == 422
    done(verifier, number, "close_by_notice", reason_code="owner_refuses", reason="已书面告知")
    assert task(number).closing == "by_notice"
    assert "产权人不同意整改，已告知" in page_of(app, "clerk", number)


def test_an_appeal_shows_both_reviewers_and_the_exemption_stands_beside_the_overdue_mark(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.CLOSED)
    alter(number, was_overdue=True)
    clerk = open_session(app, "clerk")
    done(clerk, number, "appeal", reason="台风停工两天")
    asked = box(clerk.get(f"/tasks/{number}").text, "asked")
    assert "第一名审核人：待审核" in asked
    assert "第二名审核人：待审核" in asked
    done(open_session(app, "dispatcher"), number, "grant_appeal", text="属实")
    asked = box(clerk.get(f"/tasks/{number}").text, "asked")
    assert "第一名审核人：dispatcher 同意 · 属实" in asked
    assert "第二名审核人：待审核" in asked
    done(open_session(app, "assessor"), number, "grant_appeal")
    page = clerk.get(f"/tasks/{number}").text
    assert "曾超期" in page
    assert "申诉免责" in page
    assert "申诉成立，超期免责" in page


def test_ones_own_last_step_is_taken_back_while_there_is_time(app: Flask, world: World) -> None:
    number = make_task(world, State.FILED)
    office = open_session(app, "dispatcher")
    done(office, number, "dispatch", unit_id=str(world.units["sanitation"]), **LIMIT)
    page = office.get(f"/tasks/{number}").text
    assert "您刚办理了“派遣”" in page
    assert 0 < int(re.findall(r'data-undo="(\d+)"', page)[0]) <= 300
    assert "您刚办理了" not in page_of(app, "dispatcher_2", number)
    assert send(open_session(app, "dispatcher_2"), number, "undo").status_code == 403
    done(office, number, "undo")
    found = task(number)
    assert (found.state, found.unit_id, found.due_at) == (State.FILED, None, None)
    assert "撤销上一步" in office.get(f"/tasks/{number}").text
    done(office, number, "dispatch", unit_id=str(world.units["sanitation"]), **LIMIT)
    alter(number, undo_until=clock.now() - timedelta(seconds=1))
    assert "您刚办理了" not in office.get(f"/tasks/{number}").text
    assert send(office, number, "undo").status_code == 409


def test_a_page_asks_the_database_no_more_often_when_more_has_happened(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.HANDLING)
    office = open_session(app, "dispatcher")
    office.get(f"/tasks/{number}")
    step(world, number, Action.ADD_ASSIST, "dispatcher")
    with selects() as few:
        office.get(f"/tasks/{number}")
    step(world, number, Action.ADD_ASSIST, "dispatcher", unit_id=world.units["haian"])
    step(world, number, Action.ADD_ASSIST, "dispatcher", unit_id=world.units["guangan"])
    step(world, number, Action.ASSIST_REPLY, "clerk_police")
    for _ in range(4):
        step(world, number, Action.INSTRUCT, "leader")
    office.get(f"/tasks/{number}")  # what was told of it is read now
    with selects() as many:
        office.get(f"/tasks/{number}")
    assert len(many) == len(few) <= 32, "\n".join(many)
