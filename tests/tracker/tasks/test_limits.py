"""The limits of the stages: the most specific rule wins, always the same one; the office edits them."""

import itertools
import random
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.client import open_session, request_uuid_on
from tests.factories.steps import alter
from tests.factories.world import category, make_task, make_world, task
from tracker import clock
from tracker.audit.models import AuditEntry
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.limits.models import LimitRule
from tracker.tasks.limits.queries import all_rules, page_of_rules
from tracker.tasks.limits.rules import USUAL, Rule, Severity, Stage, limit_for, rule_for
from tracker.tasks.limits.stages import stage_due
from tracker.tasks.states import Source, State

BASE = "/admin/limits"
OWN = Limit(4, LimitUnit.URGENT_HOUR)


@dataclass(frozen=True)
class Kind:
    code: str = "06010"
    major_code: str = "06"
    limit: Limit = OWN


def hours(value):
    return Limit(value, LimitUnit.WORK_HOUR)


#: From the most specific to the least, as published.
ORDER = [
    Rule(Stage.HANDLE, hours(number), subject, severity, source)
    for number, (subject, severity, source) in enumerate(
        itertools.product(("06010", "06", ""), ("urgent", ""), ("hotline", "")), start=1
    )
]


def test_the_most_specific_rule_wins_whatever_the_order_of_the_rows():
    for left in range(len(ORDER)):
        rules = ORDER[left:]
        random.Random(left).shuffle(rules)  # noqa: S311
        found = limit_for(rules, Kind(), Severity.URGENT, Source.HOTLINE, Stage.HANDLE)
        assert found == ORDER[left].limit


def test_a_rule_for_another_task_does_not_hold():
    wanted = (Kind(), Severity.NORMAL, Source.MEDIA, Stage.HANDLE)
    for other in (
        Rule(Stage.VERIFY, hours(1)),
        Rule(Stage.HANDLE, hours(1), subject="06011"),
        Rule(Stage.HANDLE, hours(1), subject="07"),
        Rule(Stage.HANDLE, hours(1), severity="urgent"),
        Rule(Stage.HANDLE, hours(1), source="hotline"),
    ):
        assert rule_for([other], *wanted) is None
        assert limit_for([other], *wanted) == OWN


def test_without_a_rule_handling_takes_the_category_s_limit_and_other_stages_have_none():
    assert limit_for([], Kind(), Severity.NORMAL, None, Stage.HANDLE) == OWN
    assert limit_for([], None, Severity.NORMAL, None, Stage.HANDLE) == USUAL
    assert limit_for([], Kind(), Severity.NORMAL, None, Stage.ACCEPT) is None


def test_a_new_database_has_the_office_s_own_stages(both):
    found = {rule.stage: rule.limit for rule in all_rules(db.session())}
    assert found == {
        Stage.ACCEPT: Limit(15, LimitUnit.MINUTE),
        Stage.DISPATCH: Limit(15, LimitUnit.MINUTE),
        Stage.VERIFY: Limit(30, LimitUnit.MINUTE),
    }


@pytest.fixture
def world(app):
    return make_world()


@pytest.fixture
def office(app, world):
    return open_session(app, "sysadmin")


def said(**changes):
    return {
        "stage": "handle", "subject": "06010", "severity": "urgent", "source": "", "value": "2",
        "unit": "work_hour", "reading": "rolling", "note": "区标准", **changes,
    }  # fmt: skip


def added(client, **changes):
    assert client.post_form(BASE + "/new", said(**changes)).status_code == 303
    db.session.rollback()
    return db.session.scalars(select(LimitRule).order_by(LimitRule.id.desc())).first()


def test_a_rule_is_added_and_the_dispatch_form_proposes_it(app, office, world):
    rule = added(office)
    assert rule.limit == hours(2)
    plain, urgent = make_task(world, State.FILED), make_task(world, State.FILED)
    alter(urgent, is_urgent=True)
    dispatcher = open_session(app, "dispatcher")
    proposal = f"/tasks/{urgent}/proposal.json?category={category()}"
    assert dispatcher.get(proposal).json["limit_value"] == 2
    assert dispatcher.get(proposal.replace(urgent, plain)).json["limit_value"] == 4
    assert 'value="2"' in dispatcher.get(f"/tasks/{urgent}").text


def test_the_office_s_own_stage_has_a_deadline_on_the_page(app, world):
    dispatcher = open_session(app, "dispatcher")
    for state, word in (
        (State.REPORTED, "受理时限"),
        (State.FILED, "派遣时限"),
        (State.SUBMITTED, "核查时限"),
    ):
        number = make_task(world, state)
        assert word in dispatcher.get(f"/tasks/{number}").text
        found = task(number)
        due = stage_due(db.session(), found, found.events)
        assert due.due_at == found.events[-1].at + due.limit.value * timedelta(minutes=1)
    assert stage_due(db.session(), task(make_task(world, State.HANDLING)), ()) is None


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"subject": "99999"}, 422, "没有代码为“99999”"),
        ({"subject": "0"}, 422, "没有代码为“0”"),
        ({"value": "0"}, 422, "应在 1 到 3660 之间"),
        ({"value": "99999999999999999999"}, 422, "应在 1 到 3660 之间"),
        ({"reading": "day_count"}, 422, "只能连续计算"),
        ({"unit": "fortnight"}, 422, "单位"),
        ({"source": "rumour"}, 422, "问题来源"),
        ({"note": "长" * 121}, 422, "不超过 120 字"),
        ({}, 409, "已有一条规则"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_what_was_typed(office, changes, status, words):
    added(office)
    answer = office.post_form(BASE + "/new", said(**{"note": "第二条", **changes}))
    assert answer.status_code == status
    assert words in answer.text
    assert said(**{"note": "第二条", **changes})["note"][:100] in answer.text


def test_of_two_people_who_change_a_rule_the_second_is_told_and_keeps_what_was_typed(app, office):
    rule_id = added(office).id
    path = f"{BASE}/{rule_id}"
    assert office.post_form(path, said(value="3", version="1")).status_code == 303
    late = office.post_form(path, said(value="7", version="1"))
    assert late.status_code == 409
    assert 'value="7"' in late.text
    assert "已被他人修改" in late.text
    again = office.post_form(path, said(value="7", version="2"))
    assert again.status_code == 303
    assert office.post_form(path, said(version="")).status_code == 422
    db.session.rollback()
    kinds = db.session.scalars(select(AuditEntry.kind)).all()
    assert kinds.count("limit.change") == 2


def test_a_rule_is_removed_after_asking_once_more_and_a_resend_is_answered(office):
    rule = added(office)
    page = office.get(f"{BASE}/{rule.id}/remove").text
    sent = {"version": str(rule.version), "request_uuid": request_uuid_on(page)}
    for _ in range(2):
        assert office.post_form(f"{BASE}/{rule.id}/remove", sent).status_code == 303
    assert office.get(f"{BASE}/{rule.id}").status_code == 404
    assert office.post_form(f"{BASE}/{rule.id}/remove", {"version": "1"}).status_code == 404


def test_the_list_tries_out_which_rules_hold(app, office):
    added(office)
    page = office.get(BASE + "?try=06010&severity=urgent&source=hotline").text
    assert "试算结果" in page
    assert page.count("按规则") == 4
    assert "按类别自己的时限" in office.get(BASE + "?try=06010&severity=normal").text
    assert "没有代码为“99999”的类别" in office.get(BASE + "?try=99999").text
    assert open_session(app, "dispatcher").get(BASE).status_code == 403
    assert office.get(BASE + "?after=zzz").status_code == 422


def test_the_list_pages_by_key(office):
    with_rules = [
        LimitRule(
            stage="handle", subject=f"0{n // 10}0{n:02d}", severity="", source="", value=1, unit="work_day",
            reading=LimitReading.ROLLING.value, note="", updated_at=clock.now(),
        )
        for n in range(60)
    ]  # fmt: skip
    with unit_of_work() as work:
        work.add_all(with_rules)
    first = page_of_rules(db.session())
    second = page_of_rules(db.session(), first.next_key)
    assert (len(first.rows), first.total) == (50, 63)
    assert {row.id for row in first.rows}.isdisjoint(row.id for row in second.rows)
    assert second.next_key is None
