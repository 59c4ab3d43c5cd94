"""The share of proposals that dispatchers took: only dispatches that stand, of tasks one may see."""

from datetime import date, timedelta
from typing import Any

from flask import Flask

from tests.factories.client import open_session
from tests.factories.responsibility import make_posts
from tests.factories.steps import counted, step
from tests.factories.world import GUANGAN, SANZAO, TENGSHAN, World, category, make_task, make_world
from tracker import clock
from tracker.progress.proposal_counts import differences, remake
from tracker.progress.suggestion_share import MONTHS, months, shares
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import Action, State


def sent(world: World, unit: str, **more: Any) -> str:
    number = make_task(world, State.FILED, **more)
    step(world, number, Action.DISPATCH, "dispatcher", unit_id=world.units[unit])
    return number


def this_month(who: Any) -> tuple[int, int, int]:
    db.session.rollback()
    first = shares(db.session(), who, clock.today()).months[0][1]
    return first.dispatched, first.proposed, first.taken


def test_the_share_counts_the_dispatches_that_stand(both: Flask):
    world = make_world()
    make_posts(world, {"code": "A", "unit_id": world.units["police"]})
    dispatcher = world.actor("dispatcher")
    assert this_month(dispatcher) == (0, 0, 0)
    sent(world, "police")
    other = sent(world, "sanitation")
    assert this_month(dispatcher) == (2, 2, 1)
    # sent on to the proposed unit: only the last dispatch stands
    step(world, other, Action.REDISPATCH, "dispatcher", unit_id=world.units["police"])
    assert this_month(dispatcher) == (2, 2, 2)
    # returned: none stands until it is dispatched again
    step(world, other, Action.RETURN, "clerk_police")
    assert this_month(dispatcher) == (1, 1, 1)
    step(world, other, Action.DISPATCH, "dispatcher", unit_id=world.units["sanitation"])
    assert this_month(dispatcher) == (2, 2, 1)
    # sent on and taken back at once: the step before does not stand again, the one undone never did
    undone = sent(world, "sanitation")
    step(world, undone, Action.UNDO, "dispatcher")
    assert this_month(dispatcher) == (2, 2, 1)
    assert this_month(world.actor("leader_b")) == (0, 0, 0), "not of one's area"
    sent(world, "sanitation", community=GUANGAN, reporter="inspector_b")
    assert this_month(world.actor("leader_b")) == (1, 1, 1)
    # the step before stands again
    step(world, other, Action.REDISPATCH, "dispatcher", unit_id=world.units["police"])
    assert this_month(dispatcher) == (3, 3, 3)
    step(world, other, Action.UNDO, "dispatcher")
    assert this_month(dispatcher) == (3, 3, 2)
    assert this_month(world.actor("clerk_police")) == (1, 1, 1), "what the unit holds"
    assert this_month(world.actor("inspector_b")) == (1, 1, 1), "an own report"
    assert differences(db.session()) == []
    with unit_of_work() as work:
        remake(work)
    assert this_month(dispatcher) == (3, 3, 2)


def test_a_dispatch_without_a_proposal_is_counted_but_lowers_nothing(app: Flask):
    world = make_world()
    number = make_task(world, State.REPORTED, TENGSHAN, reporter="inspector_b")
    step(world, number, Action.FILE, "dispatcher", category_id=category("07001"))
    step(world, number, Action.DISPATCH, "dispatcher", unit_id=world.units["police"])
    assert this_month(world.actor("dispatcher")) == (1, 0, 0)


def test_the_event_remembers_the_reason_in_words(app: Flask):
    from tests.factories.world import task

    world = make_world()
    make_posts(world, {"code": "A", "unit_id": world.units["police"]})
    event = task(sent(world, "police")).events[-1]
    assert event.payload["suggested_unit"] == world.units["police"]
    assert event.payload["suggestion_reason"].startswith("责任路段“依云路”，距路线")
    assert event.payload["suggestion_taken"] is True


def test_the_months_are_those_of_the_city_and_counters_tell_them(app: Flask):
    assert months(date(2026, 1, 31), 3) == [date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1)]
    world = make_world()
    sent(world, "sanitation")
    db.session.rollback()
    with counted() as statements:
        found = shares(db.session(), world.actor("leader"), clock.today() + timedelta(days=32))
    assert [one.dispatched for _, one in found.months[:3]].count(1) == 1
    assert len(found.months) == MONTHS
    assert len([one for one in statements if "task" in one]) == 1


def test_the_page_shows_the_months_and_the_proposed_units(app: Flask):
    world = make_world()
    client = open_session(app, "leader")
    assert "还没有可统计的派遣" in client.get("/responsibility/suggestions").text
    sent(world, "sanitation")
    page = client.get("/responsibility/suggestions").text
    assert "100.0%" in page
    assert "区环卫中心" in page


def test_the_dispatcher_reads_the_reason_beside_the_unit(app: Flask):
    world = make_world()
    make_posts(world, {"code": "A", "unit_id": world.units["police"]})
    number = make_task(world, State.FILED, SANZAO)
    page = open_session(app, "dispatcher").get(f"/tasks/{number}").text
    assert "建议：区交警大队（责任路段“依云路”，距路线 0 米）" in page
