"""The first page says what to do now, in the person's own jurisdiction, with numbers that open lists."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from werkzeug.datastructures import MultiDict

from tests.conftest import on_sqlite
from tests.factories.client import open_session
from tests.factories.counted import recount
from tests.factories.world import GUANGAN, HAIAN, SANZAO, World, make_task, make_world, task
from tracker import clock
from tracker.access.roles import Role
from tracker.audit.models import AuditEntry
from tracker.home import cards
from tracker.people.models import RoleGrant, User
from tracker.places.models import Area
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import filters
from tracker.tasks.models import Task
from tracker.tasks.queries import visible_to
from tracker.tasks.states import State


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


@pytest.fixture
def busy(world: World) -> World:
    """Tasks of every state in one town, a few in the other."""
    for state in (
        State.REPORTED,
        State.FILED,
        State.DISPATCHED,
        State.HANDLING,
        State.SUBMITTED,
        State.CLOSED,
    ):
        make_task(world, state)
    make_task(world, State.REPORTED, HAIAN)
    make_task(world, State.REPORTED, GUANGAN, reporter="inspector_b")
    make_task(world, State.SUBMITTED, GUANGAN, reporter="inspector_b")
    make_task(world, State.REPORTED, None)
    _make_late(make_task(world, State.HANDLING))
    return world


def _make_late(number: str) -> None:
    with unit_of_work() as work:
        found = work.scalars(select(Task).where(Task.number == number)).one()
        found.due_at = clock.now() - timedelta(hours=5)
        found.due_soon_at = found.due_at - timedelta(hours=5)
    recount()


def _home(app: Flask, username: str) -> str:
    answer = open_session(app, username).get("/")
    assert answer.status_code == 200, answer.text
    return answer.text


def _sections(world: World, username: str) -> dict[str, cards.Section]:
    found = cards.sections(db.session(), world.actor(username), at=clock.now())
    return {section.key: section for section in found}


def _values(section: cards.Section) -> dict[str, int]:
    return {figure.label: figure.value for figure in section.figures}


def _primary(page: str) -> str:
    buttons = re.findall(r'<a class="btn btn-primary"[^>]*>(.*?)</a>', page, re.DOTALL)
    assert len(buttons) == 1, "one primary action a page"
    return re.sub(r"<[^>]+>", "", buttons[0]).strip()


def _main(page: str) -> str:
    return page.split("<main", 1)[1].split("</main>", 1)[0]


@contextmanager
def _statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


EVERYONE = (
    "inspector", "inspector_b", "grid_worker", "grid_lead", "grid_lead_b", "clerk", "clerk_police",
    "worker", "head", "dispatcher", "verifier", "leader", "leader_b", "assessor", "sysadmin",
    "secadmin", "auditor",
)  # fmt: skip


def test_every_number_counts_exactly_the_list_that_it_opens(busy: World) -> None:
    asked = 0
    for username in EVERYONE:
        actor, at = busy.actor(username), clock.now()
        for section in cards.sections(db.session(), actor, at=at):
            for figure in section.figures:
                args = MultiDict((name, one) for name, many in figure.args.items() for one in many)
                query = filters.apply(
                    visible_to(actor), filters.from_args(args), at, user_id=actor.user_id
                )
                rows = db.session.scalars(query).all()
                assert figure.value == len(rows), (username, figure)
                asked += 1
    assert asked > 30


def test_the_first_page_shows_the_numbers_that_it_counted(both: Flask, busy: World) -> None:
    page = _home(both, "dispatcher")
    shown = re.findall(
        r'<a class="figure[^"]*" href="([^"]+)"><span class="figure-value">([\d,]+)</span> <span class="figure-label">([^<]+)<',
        page,
    )
    assert {label: value for _, value, label in shown} == {
        "待受理": "4", "待派遣": "1", "超期": "1", "待核查": "2", "挂账": "0", "未落入网格": "1",
    }  # fmt: skip
    address = urlsplit(unescape(shown[0][0]))
    assert (address.path, parse_qs(address.query)["state"]) == ("/tasks/", ["reported"])


def test_the_office_sees_the_oldest_report_and_the_longest_overdue_first(busy: World) -> None:
    later = make_task(busy, State.HANDLING)
    _make_late(later)
    office = _sections(busy, "dispatcher")["office"]
    first, worst = office.lists
    reported = [row.reported_at for row in first.rows]
    assert reported == sorted(reported)
    assert {row.state for row in first.rows} == {State.REPORTED}
    assert [row.flag for row in worst.rows] == ["overdue", "overdue"]
    assert [row.due_at for row in worst.rows] == sorted(
        row.due_at for row in worst.rows if row.due_at
    )


FIRST_STEPS = {
    "inspector": "上报问题", "grid_worker": "上报问题", "dispatcher": "受理上报", "clerk": "签收新任务",
    "head": "签收新任务", "grid_lead": "办理任务", "verifier": "核查整改", "leader": "查看地图",
    "sysadmin": "管理账号", "secadmin": "管理账号", "auditor": "查看审计日志",
}  # fmt: skip


@on_sqlite
def test_each_role_finds_one_first_step(both: Flask, busy: World) -> None:
    assert {name: _primary(_home(both, name)) for name in FIRST_STEPS} == FIRST_STEPS


@on_sqlite
def test_the_office_dispatches_when_nothing_waits_to_be_filed(both: Flask, world: World) -> None:
    make_task(world, State.FILED)
    assert _primary(_home(both, "dispatcher")) == "派遣任务"


def test_nobody_reads_of_tasks_outside_their_jurisdiction(both: Flask, busy: World) -> None:
    foreign = db.session.scalars(select(Task.number).where(Task.community_code == GUANGAN)).all()
    assert foreign
    for username in ("inspector", "grid_worker", "grid_lead", "clerk_police"):
        page = _home(both, username)
        assert not [number for number in foreign if number in page], username
    assert [number for number in foreign if number in _home(both, "inspector_b")]
    assert [row.code for row in _sections(busy, "leader_b")["board"].facts.communities] == [GUANGAN]


def test_the_unit_works_by_deadline_and_sees_what_it_has_submitted(busy: World) -> None:
    unit = _sections(busy, "clerk")["unit"]
    to_do, sent = unit.lists
    assert [row.flag for row in to_do.rows][0] == "overdue"
    due = [row.due_at for row in to_do.rows]
    assert due == sorted(at for at in due if at)
    assert {row.state for row in to_do.rows} == {State.DISPATCHED, State.HANDLING}
    assert {row.state for row in sent.rows} == {State.SUBMITTED}
    since = [row.submitted_at for row in sent.rows if row.submitted_at]
    assert since == sorted(since)
    assert _values(unit) == {
        "超期": 1,
        "临期": 0,
        "待签收": 1,
        "整改中": 2,
        "已提交，待核查": 2,
        "挂账": 0,
    }


def test_an_inspector_sees_the_own_reports_with_their_state(both: Flask, busy: World) -> None:
    field = _sections(busy, "inspector")["field"]
    own, check = field.lists
    assert own.rows[0].reported_at == max(row.reported_at for row in own.rows)
    assert {row.community for row in check.rows} == {"三灶社区"}
    page = _main(_home(both, "inspector"))
    assert "待受理" in page
    assert "已结案" in page


def test_a_verifier_sees_who_has_waited_longest(busy: World) -> None:
    rows = _sections(busy, "verifier")["verify"].lists[0].rows
    assert len(rows) == 2
    assert rows[0].submitted_at <= rows[1].submitted_at  # type: ignore[operator]


@on_sqlite
def test_a_person_without_any_role_is_told_what_to_ask_for(both: Flask, world: World) -> None:
    page = _main(_home(both, "worker"))
    assert "还没有给您分配岗位" in page
    assert "安全管理员" in page


@on_sqlite
def test_a_person_without_a_role_still_sees_a_task_given_to_them(both: Flask, world: World) -> None:
    number = make_task(world, State.HANDLING)
    with unit_of_work() as work:
        found = work.scalars(select(Task).where(Task.number == number)).one()
        found.assignee_id = world.users["worker"]
    page = _main(_home(both, "worker"))
    assert f"/tasks/{number}" in page
    assert "还没有给您分配岗位" not in page


@on_sqlite
def test_a_person_with_several_roles_sees_each_section(both: Flask, busy: World) -> None:
    _grant(busy, "dispatcher", Role.VERIFIER, "440404")
    _grant(busy, "dispatcher", Role.LEADER, "440404")
    assert list(_sections(busy, "dispatcher")) == ["office", "verify", "board"]
    page = _main(_home(both, "dispatcher"))
    for heading in ("受理与派遣", "现场核查", "整改形势"):
        assert f">{heading}</h2>" in page


def test_a_second_role_elsewhere_does_not_widen_the_figures_of_the_first(busy: World) -> None:
    _grant(busy, "inspector", Role.LEADER, "440404101")
    found = _sections(busy, "inspector")
    assert _values(found["field"])["辖区待复核"] == 1


def _grant(world: World, username: str, role: Role, area: str) -> None:
    with unit_of_work() as work:
        work.add(
            RoleGrant(
                user_id=world.users[username], role=role, area_code=area, granted_at=clock.now()
            )
        )


@on_sqlite
def test_the_first_page_asks_a_bounded_number_of_questions(both: Flask, busy: World) -> None:
    for username in EVERYONE:
        client = open_session(both, username)
        client.get("/")
        with _statements() as seen:
            assert client.get("/").status_code == 200
        asked = [one for one in seen if one.lstrip().upper().startswith("SELECT")]
        assert len(asked) <= 24, (username, asked)


@on_sqlite
def test_more_tasks_do_not_mean_more_questions(both: Flask, busy: World) -> None:
    client = open_session(both, "dispatcher")
    client.get("/")
    with _statements() as before:
        client.get("/")
    for _ in range(15):
        make_task(busy, State.REPORTED)
    with _statements() as after:
        page = client.get("/").text
    assert len(after) == len(before)
    assert page.count('class="work-row"') == 10 + 1


class TestTheLeadersFigures:
    def _move(self, number: str, days: float) -> None:
        """Make a task as old as `days` days, all its moments alike."""
        names = (
            "found_at",
            "reported_at",
            "filed_at",
            "dispatched_at",
            "due_at",
            "due_soon_at",
            "submitted_at",
            "closed_at",
        )
        with unit_of_work() as work:
            found = work.scalars(select(Task).where(Task.number == number)).one()
            for name in names:
                moment = getattr(found, name)
                if moment is not None:
                    setattr(found, name, moment - timedelta(days=days))
        recount()

    def test_a_rate_without_anything_to_divide_is_a_dash(self, both: Flask, world: World) -> None:
        board = _sections(world, "leader")["board"].facts
        assert (board.now.rectified_rate, board.now.on_time_rate) == (None, None)
        assert "—" in _main(_home(both, "leader"))

    def test_what_never_became_a_case_is_left_out_of_the_rate(self, world: World) -> None:
        make_task(world, State.CLOSED)
        make_task(world, State.HANDLING)
        make_task(world, State.REJECTED)
        now = _sections(world, "leader")["board"].facts.now
        assert (now.reported, now.valid, now.rectified) == (3, 2, 1)
        assert now.rectified_rate == 50.0

    def test_the_month_before_is_counted_as_it_stood_then(self, world: World) -> None:
        closed_then, closed_since = make_task(world, State.CLOSED), make_task(world, State.CLOSED)
        for number in (closed_then, closed_since):
            self._move(number, 45)
        with unit_of_work() as work:
            late = work.scalars(select(Task).where(Task.number == closed_since)).one()
            late.closed_at = clock.now()
        recount()
        board = _sections(world, "leader")["board"].facts
        assert (board.before.reported, board.before.rectified) == (2, 1)
        assert board.now.reported == 0

    def test_on_time_is_what_was_submitted_before_it_was_due(self, world: World) -> None:
        good, bad, open_ = (
            make_task(world, s) for s in (State.CLOSED, State.CLOSED, State.HANDLING)
        )
        for number in (good, bad, open_):
            self._move(number, 10)
        with unit_of_work() as work:
            late = work.scalars(select(Task).where(Task.number == bad)).one()
            late.was_overdue = True
        recount()
        now = _sections(world, "leader")["board"].facts.now
        assert (now.due, now.on_time, now.overdue) == (3, 1, 1)
        assert round(now.on_time_rate or 0) == 33

    def test_communities_with_the_most_overdue_come_first(self, both: Flask, busy: World) -> None:
        rows = _sections(busy, "leader")["board"].facts.communities
        assert (rows[0].code, rows[0].overdue) == (SANZAO, 1)
        assert {row.code: row.open for row in rows} == {SANZAO: 6, HAIAN: 1, GUANGAN: 2}
        page = _main(_home(both, "leader"))
        assert f'href="/tasks/?area={SANZAO}&amp;due=overdue"' in page
        assert "告知性结案不算已整改" in page


@on_sqlite
class TestAdministrators:
    def test_accounts_without_a_role_and_locked_ones_are_named(
        self, both: Flask, world: World
    ) -> None:
        with unit_of_work() as work:
            work.get_one(User, world.users["clerk"]).locked_until = clock.now() + timedelta(
                minutes=9
            )
        accounts = _sections(world, "secadmin")["admin"].facts.accounts
        assert (accounts.without_grant, accounts.locked) == (1, 1)
        assert "worker（worker）" in _main(_home(both, "secadmin"))

    def test_a_revoked_grant_is_no_grant(self, world: World) -> None:
        with unit_of_work() as work:
            for grant in work.scalars(
                select(RoleGrant).where(RoleGrant.user_id == world.users["clerk"])
            ):
                grant.revoked_at = clock.now()
        assert _sections(world, "sysadmin")["admin"].facts.accounts.without_grant == 2

    def test_areas_without_a_boundary_are_named(self, both: Flask, world: World) -> None:
        with unit_of_work() as work:
            work.get_one(Area, GUANGAN).boundary_version = 0
        assert _sections(world, "sysadmin")["admin"].facts.bare_areas == 1
        assert "广安社区" in _main(_home(both, "sysadmin"))

    def test_each_administrator_sees_the_own_third_only(self, both: Flask, world: World) -> None:
        entry = AuditEntry(at=clock.now(), actor_name="甲", kind="user.grant", object="某账号")
        with unit_of_work() as work:
            work.add(entry)
        log = _sections(world, "auditor")["admin"].facts
        assert (log.accounts, log.bare_areas) == (None, None)
        assert "某账号" in _main(_home(both, "auditor"))
        assert "某账号" not in _main(_home(both, "sysadmin"))
        assert _sections(world, "secadmin")["admin"].facts.bare_areas is None


@on_sqlite
def test_a_title_with_markup_is_shown_as_text(both: Flask, world: World) -> None:
    make_task(world, State.REPORTED, description='<img src=x onerror="alert(1)">{{ 7*7 }}')
    page = _main(_home(both, "dispatcher"))
    assert "<img" not in page
    assert db.session.scalar(select(func.count(Task.id))) == 1
    assert task(db.session.scalars(select(Task.number)).one()).title in unescape(page)
