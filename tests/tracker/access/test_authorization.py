"""The published table of who may open and do what, against real requests and real tasks."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect
from werkzeug.routing import AnyConverter, Rule

from tests.codebase.sources import ROOT
from tests.factories.client import open_session, visitor
from tests.factories.points import make_point
from tests.factories.steps import alter, task_in
from tests.factories.world import SANZAO, World, make_task, make_world, task
from tracker.access.actor import Actor
from tracker.access.permissions import Permission as P
from tracker.access.policy import POLICY, allows
from tracker.access.predicates import anyone
from tracker.cli import authorization as published
from tracker.storage.db import db
from tracker.tasks.lifecycle import BY_ACTION
from tracker.tasks.models import Task
from tracker.tasks.states import STATE_LABELS, Action, State

KEPT = ROOT / "docs" / "authorization.md"
#: One person of each role, in the order of the roles; the first column is nobody.
PEOPLE = (
    "", "inspector", "grid_worker", "grid_lead", "clerk", "head", "dispatcher", "verifier", "leader",
    "assessor", "sysadmin", "secadmin", "auditor",
)  # fmt: skip
#: A value for each argument of an address; where there is no such thing, who may enter is told so.
SAMPLES = {
    "code": SANZAO, "token": "no-such-file", "category_id": 1, "unit_id": 1, "user_id": 1, "held_id": 1,
    "round_id": 1, "visit_id": 1, "measure_id": 1, "liaison_id": 1, "grant_id": 1, "size": 192,
    "batch": "no-such-batch", "area_code": SANZAO, "channel_id": 1, "rule_id": 1,
    "day": "2026-10-01", "layer": "notice", "uuid": "no-such-photo", "sha256": "0" * 64, "handle": "no-such-session",
    "z": 14, "x": 13350, "y": 7160, "name": "tasks",
}  # fmt: skip
REFUSED, SIGN_IN = 403, 302


def rows(part: int) -> list[list[str]]:
    """The cells of the n-th table of the document."""
    tables = re.split(r"^## .*$", KEPT.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    lines = [line for line in tables[part].splitlines() if line.startswith("| ")][1:]
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
    ]


def test_the_table_is_made_from_the_routes_and_the_rules(app: Flask):
    assert KEPT.read_text(encoding="utf-8") == published.document(app), (
        "run: ./run authorization > docs/authorization.md"
    )


def test_a_route_that_nobody_classified_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch):
    name = "home.index"
    bare = app.view_functions[name].__wrapped__  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, name, bare)
    with pytest.raises(LookupError, match="put @requires"):
        published.document(app)
    bare.permission = P.TASK_VIEW
    monkeypatch.delitem(published.OBJECTS, P.TASK_VIEW)
    with pytest.raises(LookupError, match="say whether it has an object"):
        published.document(app)


# --- addresses --------------------------------------------------------------------------------


def sample(rule: Rule, argument: str, number: str, point: str) -> Any:
    converter = rule._converters[argument]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    if argument in ("code", "feature_id") and "/points/" in rule.rule:
        return point
    known = {**SAMPLES, "number": number, "feature_id": number}
    assert argument in known, f"{rule.rule}: add a value for <{argument}> to SAMPLES in this test"
    return known[argument]


def pages(app: Flask, number: str, point: str) -> Iterator[tuple[str, str, list[str]]]:
    """(endpoint, address, published cells) of every route that is opened with GET."""
    wanted = {(row[0].strip("`"), row[1]): row[4:] for row in rows(0)}
    adapter = app.url_map.bind("localhost")
    for methods, rule, _permission in published.routes(app):
        cells = wanted.get((rule.rule, methods))
        assert cells is not None, f"{rule.rule} is not in docs/authorization.md"
        if "GET" in methods.split():
            values = dict(rule.defaults or {}) | {
                name: sample(rule, name, number, point) for name in rule._converters
            }
            yield rule.endpoint, adapter.build(rule.endpoint, values), cells


def disagreements(app: Flask, only: str = "") -> list[tuple[str, str, str, int]]:
    """(who, address, published, answer) wherever a real request ends otherwise than published."""
    db.session.remove()
    found = []
    world, number, point = app.config["SMALL_WORLD"]
    addresses = [page for page in pages(app, number, point) if page[0].startswith(only)]
    for place, who in enumerate(PEOPLE):
        client: Any = open_session(app, who) if who else visitor(app)
        for endpoint, address, cells in addresses:
            answer = client.get(address, buffered=True)
            # the desk leads a browser without scripts on to its whole page
            is_led_on = answer.status_code == SIGN_IN and "/login" not in answer.location
            status = 200 if is_led_on else answer.status_code
            if not fits(cells[place], who, status):
                found.append((who, address, cells[place], status))
            if cells[place] == published.BY_OBJECT and endpoint.startswith("tasks."):
                seen = allows(world.actor(who), P.TASK_VIEW, task(number))
                if seen != (status != 404):
                    found.append((who, address, "task.view", status))
    return found


def fits(cell: str, who: str, status: int) -> bool:
    if cell == published.NEVER:
        return status == REFUSED if who else status in (SIGN_IN, 401)
    if cell == published.BY_OBJECT:
        return status < 500 and status != SIGN_IN
    return status < 500 and status not in (REFUSED, 401)


@pytest.fixture
def small(app: Flask) -> Flask:
    world = make_world()
    app.config["SMALL_WORLD"] = world, make_task(world, State.HANDLING), make_point(world)
    return app


def test_every_address_answers_each_role_as_published(small: Flask):
    assert disagreements(small) == []


def test_a_view_without_its_door_is_noticed(small: Flask, monkeypatch: pytest.MonkeyPatch):
    name = "admin_catalogue.categories"
    open_view = small.view_functions[name].__wrapped__  # type: ignore[attr-defined]
    open_view.permission = P.CATEGORY_MANAGE
    monkeypatch.setitem(small.view_functions, name, open_view)
    assert {who for who, *_ in disagreements(small, "admin_catalogue.")} >= {"", "inspector"}


def test_a_role_let_in_by_the_policy_alone_is_noticed(
    small: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(POLICY, P.AUDIT_READ, [[anyone]])
    assert {who for who, *_ in disagreements(small, "audit.")} >= {"inspector", "sysadmin"}
    assert KEPT.read_text(encoding="utf-8") != published.document(small)


# --- steps ------------------------------------------------------------------------------------

#: The person of the small world who is what a column says, and the columns that name them.
PERSONS: dict[str, tuple[str, dict[str, str]]] = {
    "本辖区派遣员": ("dispatcher", {}), "外辖区派遣员": ("dispatcher_far", {}),
    "本辖区核查员": ("verifier", {}), "本辖区领导": ("leader", {}), "本辖区督导员": ("inspector", {}),
    "本辖区考核员": ("assessor", {}), "承办单位经办人": ("clerk", {}), "承办单位负责人": ("head", {}),
    "其他单位负责人": ("grid_lead_b", {}), "协办单位负责人": ("head_police", {}),
    "会商单位负责人": ("head_haian", {}),
    "会商决定人（领导）": ("leader", {"joint_decider_id": "leader"}),
    "被指派人": ("worker", {"assignee_id": "worker"}), "上报人": ("worker", {"reporter_id": "worker"}),
    "提交人": ("clerk", {"submitter_id": "clerk"}),
    "上一步办理人": ("dispatcher", {"undo_by_id": "dispatcher"}), "系统管理员": ("sysadmin", {}),
    "上报的派遣员": ("dispatcher", {"reporter_id": "dispatcher"}),
    "提交的派遣员": ("dispatcher", {"submitter_id": "dispatcher"}),
    "申请的派遣员": ("dispatcher", {"asked_by_id": "dispatcher"}),
}  # fmt: skip


def more_people(world: World) -> None:
    """Somebody for the columns that the small world has nobody for."""
    from tests.factories.world import TOWN_B, _user
    from tracker.access.roles import Role
    from tracker.storage.unit_of_work import unit_of_work

    with unit_of_work() as work:
        _user(work, world, "dispatcher_far", "office", (Role.DISPATCHER, TOWN_B, None))
        _user(work, world, "head_police", "police", (Role.UNIT_HEAD, None, "police"))
        _user(work, world, "head_haian", "haian", (Role.UNIT_HEAD, None, "haian"))


def reach(
    world: World, actor: Actor, kept: dict[State, dict[str, Any]], action: str, words: str
) -> frozenset[State]:
    """The states from which the person of a column may take the step on the real tasks."""
    named = {column: world.users[person] for column, person in PERSONS[words][1].items()}
    row, found = BY_ACTION[Action(action)], set()
    for state in row.sources & set(State):
        held, filed = kept[state]["unit_id"] is not None, state is State.FILED
        facts = {
            "assist_unit_ids": [world.units["police"]] if held else [],
            "joint_unit_ids": [world.units["haian"]] if filed else [],
            "joint_decider_id": world.users["auditor"] if filed else None,
            "reporter_id": None, "assignee_id": None, "submitter_id": None, "undo_by_id": None,
            "asked_by_id": None,
        }  # fmt: skip
        if allows(actor, row.permission, SimpleNamespace(**{**kept[state], **facts, **named})):
            found.add(state)
    return frozenset(found)


def columns(number: str) -> dict[str, Any]:
    """The task as the database has it, free of it."""
    found = task(number)
    return {name: getattr(found, name) for name in inspect(Task).column_attrs.keys()}  # noqa: SIM118


def test_every_step_is_open_to_whom_and_from_where_the_table_says(app: Flask):
    world = make_world()
    more_people(world)
    kept = {state: columns(task_in(world, state)) for state in State}
    actors = {words: world.actor(who) for words, (who, _) in PERSONS.items()}
    labels = {label: state for state, label in STATE_LABELS.items()}
    wrong = []
    for name, *cells in rows(1):
        action = name.split("`")[1]
        for words, cell in zip(published.RELATIONS, cells, strict=True):
            sources = BY_ACTION[Action(action)].sources
            written = (
                sources if cell == published.ALWAYS
                else frozenset(labels[word] for word in cell.split("、") if word)
            )  # fmt: skip
            found = reach(world, actors[words], kept, action, words)
            if found != written:
                wrong.append((action, words, sorted(found), cell))
    assert wrong == []


@pytest.mark.parametrize(
    ("permission", "lost"), [(P.TASK_FILE, 1), (P.TASK_VERIFY, 1), (P.TASK_DISPATCH, 0)]
)
def test_a_predicate_lost_from_a_step_is_noticed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, permission: P, lost: int
):
    lines = [[test for n, test in enumerate(line) if n != lost] for line in POLICY[permission]]
    monkeypatch.setitem(POLICY, permission, lines)
    assert KEPT.read_text(encoding="utf-8") != published.document(app)


def test_the_state_of_a_task_does_not_widen_who_sees_it(app: Flask):
    world = make_world()
    number = make_task(world, State.HANDLING)
    alter(number, unit_id=world.units["police"])
    assert not allows(world.actor("clerk"), P.TASK_VIEW, task(number))
