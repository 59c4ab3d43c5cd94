"""Many cases at once: the preview says what the report then says, a resend repeats nothing."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.conftest import on_sqlite
from tests.factories.client import OfficeClient, open_session
from tests.factories.steps import alter, step
from tests.factories.world import GUANGAN, SANZAO, World, make_task, make_world, task
from tests.tracker.desk.test_office import counting
from tracker import clock
from tracker.desk import bulk_views
from tracker.desk.bulk import KINDS, Settings, rehearse
from tracker.storage.db import db
from tracker.tasks.states import Action, State

_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"')


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def preview(client: OfficeClient, kind: str, numbers: list[str], **data: Any) -> Any:
    queue = data.pop("queue", "reported")
    return client.post_form(
        "/desk/bulk/preview", {"queue": queue, "kind": kind, "chosen": numbers, **data}
    )


def fields(page: str, **changed: Any) -> dict[str, list[str]]:
    """What the preview's form sends, with what a person changed."""
    sent: dict[str, list[str]] = {}
    for name, value in _HIDDEN.findall(page):
        sent.setdefault(name, []).append(unescape(value))
    return {**sent, **changed}


def lines(page: str) -> dict[str, str]:
    """What a preview or a report says of each row."""
    found = re.findall(r'data-line="([^"]+)">(.*?)</tr>', page, re.DOTALL)
    return {number: re.sub(r"<[^>]+>|\s+", " ", words) for number, words in found}


def report_after(client: OfficeClient, page: str, **changed: Any) -> str:
    answer = client.post_form("/desk/bulk/run", fields(page, **changed), follow=True)
    assert answer.status_code == 200, answer.text
    return answer.text


@on_sqlite
def test_the_report_says_of_every_row_what_the_preview_said(both: Flask, world: World) -> None:
    reported, filed = make_task(world), make_task(world, State.FILED)
    held, own = make_task(world, State.HANDLING), make_task(world, reporter="dispatcher")
    client = open_session(both, "dispatcher")
    page = preview(client, "dispatch", [reported, filed, held, own]).text
    said = lines(page)
    assert "区环卫中心" in said[reported]
    assert "区环卫中心" in said[filed]
    assert "任务当前为“整改中”" in said[held]
    assert "不能是上报人本人" in said[own]
    done = lines(report_after(client, page))
    for number in (held, own):
        reason = said[number].split("不能办理：")[1].strip()
        assert reason in done[number]
    for number in (reported, filed):
        assert "已办" in done[number]
        assert task(number).state == State.DISPATCHED
        assert task(number).unit_id == world.units["sanitation"]
    assert task(held).state == State.HANDLING


def test_a_resent_batch_shows_its_report_and_a_broken_one_is_finished_without_repeating(
    both: Flask, world: World
) -> None:
    numbers = [make_task(world) for _ in range(3)]
    client = open_session(both, "dispatcher")
    sent = fields(preview(client, "dispatch", numbers).text)
    first = client.post_form("/desk/bulk/run", sent)
    again = client.post_form("/desk/bulk/run", sent)
    assert first.location == again.location
    assert [task(number).event_count for number in numbers] == [3, 3, 3]
    other = open_session(both, "dispatcher_2")
    assert other.get(first.location).status_code == 404


def test_a_row_that_somebody_took_in_between_is_named_with_who_and_what(
    both: Flask, world: World
) -> None:
    free, taken = make_task(world), make_task(world)
    client = open_session(both, "dispatcher")
    page = preview(client, "dispatch", [free, taken]).text
    step(world, taken, Action.FILE, "dispatcher_2")
    done = lines(report_after(client, page))
    assert "已办" in done[free]
    assert "已被他人更新" in done[taken]
    assert "dispatcher_2 · 立案" in done[taken]


@on_sqlite
def test_changed_settings_are_previewed_again_before_anything_is_done(
    both: Flask, world: World
) -> None:
    number = make_task(world)
    client = open_session(both, "dispatcher")
    page = preview(client, "dispatch", [number]).text
    changed = fields(page, unit_id=str(world.units["police"]))
    answer = client.post_form("/desk/bulk/run", changed)
    assert answer.status_code == 422
    assert "区交警大队" in lines(answer.text)[number]
    assert task(number).state == State.REPORTED
    report_after(client, answer.text, unit_id=str(world.units["police"]))
    assert task(number).unit_id == world.units["police"]


def test_merging_extending_and_urging_many_do_what_they_say(both: Flask, world: World) -> None:
    keeps, joins, foreign = make_task(world), make_task(world), make_task(world, State.CLOSED)
    client = open_session(both, "dispatcher")
    page = preview(client, "merge", [keeps, joins, foreign], other_number=keeps).text
    assert "不能并入任务自身" in lines(page)[keeps]
    report_after(client, page, other_number=keeps)
    assert task(joins).state == State.MERGED
    asked = make_task(world, State.HANDLING)
    alter(asked, asked="extension", is_endorsed=True, asked_by_id=world.users["clerk"])
    due = task(asked).due_at
    page = preview(client, "extend", [asked], queue="extension").text
    assert "延至" in lines(page)[asked]
    report_after(client, page)
    assert task(asked).due_at > due
    page = preview(client, "urge", [asked], queue="overdue").text
    report_after(client, page, text="请今天办结")
    assert task(asked).event_count == 6


@on_sqlite
def test_more_than_the_limit_is_said_and_not_taken(
    both: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [make_task(world) for _ in range(3)]
    monkeypatch.setattr(bulk_views, "BULK_LIMIT", 2)
    client = open_session(both, "dispatcher")
    page = preview(client, "dispatch", [], all="1").text
    assert set(lines(page)) == set(numbers[:2])
    assert "列表里还有更多任务" in page
    assert preview(client, "dispatch", numbers).status_code == 422


@on_sqlite
def test_bulk_refuses_what_no_page_sends(both: Flask, world: World) -> None:
    number = make_task(world, community=GUANGAN, reporter="inspector_b")
    client = open_session(both, "dispatcher")
    assert preview(client, "dispatch", []).status_code == 422
    assert preview(client, "extend", [number]).status_code == 404
    assert preview(client, "dispatch", ["JW-\x00"]).status_code == 422
    assert "无权查看" in lines(preview(client, "dispatch", ["JW-1"]).text)["JW-1"]
    good = fields(preview(client, "dispatch", [number]).text)
    for row in ("x", "a|b|c|d|e", f"{number}|1|||9.year.rolling", f"{number}|99999999999|||"):
        assert client.post_form("/desk/bulk/run", {**good, "row": row}).status_code == 422
    clerk = open_session(both, "clerk")
    sent = {**good, "csrf_token": clerk.csrf_token()}
    assert clerk.post_form("/desk/bulk/run", sent).status_code == 403


@on_sqlite
def test_a_preview_of_many_costs_no_more_queries_than_one_of_few(both: Flask, world: World) -> None:
    settings = Settings(KINDS["dispatch"])
    actor = world.actor("dispatcher")
    numbers = [make_task(world, community=SANZAO) for _ in range(12)]

    def cost(some: list[str]) -> int:
        db.session.rollback()
        db.session.expire_all()
        with counting() as asked:
            found = rehearse(db.session(), actor, settings, some, at=clock.now())
        assert all(line.refusal is None for line in found)
        return len(asked)

    cost(numbers[:1])  # the maps of the district are built once
    assert cost(numbers) == cost(numbers[:2]) < 10
    assert {task(number).state for number in numbers} == {State.REPORTED}
