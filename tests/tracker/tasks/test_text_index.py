"""Words are found by an index: the same answers as by reading every task, on both databases, whatever is typed."""

import random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from tests.factories.steps import step
from tests.factories.world import World, make_task, make_world
from tests.tracker.tasks.test_listing import fill
from tracker import clock
from tracker.cli.audit import audit
from tracker.cli.rebuild import rebuild
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import listing, text_index
from tracker.tasks.filter_text import of_text
from tracker.tasks.filters import Sort, TaskFilter
from tracker.tasks.given import Place
from tracker.tasks.models import Task
from tracker.tasks.states import Action, Source

#: What words are made of: Chinese, Latin in both cases, what a pattern or a query would take for its own, pictures.
_ALPHABET = "路口井盖垃圾破损aAbBéÉßİiKkΣσ0129%_\\'\"*()-:;&|^~，。、🚮🛵"


@pytest.fixture
def world(both: Flask) -> World:
    return make_world()


def found(world: World, typed: str, who: str = "leader", **more: Any) -> set[str]:
    """Numbers of a list, by whatever way it takes; its total is theirs."""
    page = listing.page(
        db.session(), world.actor(who), TaskFilter(text=typed, **more), now=clock.now(), size=500
    )
    assert (page.total, page.total_is_floor) == (len(page.rows), False)
    return {row.number for row in page.rows}


def scanned(typed: str) -> set[str]:
    """What reading every task finds."""
    return set(db.session.scalars(select(Task.number).where(*of_text(typed))))


def looked_up(typed: str) -> set[str]:
    """What the index brings, checked as a list checks it."""
    rows = text_index.narrow(db.session(), typed).rows
    assert rows
    return set(db.session.scalars(select(Task.number).where(*rows, *of_text(typed))))


def rewrite(rng: random.Random) -> None:
    """Other words for every task, put straight into the table."""
    with unit_of_work() as work:
        for task in work.scalars(select(Task)):
            task.title, task.description, task.address = (
                "".join(rng.choices(_ALPHABET, k=rng.randrange(1, 12))) for _ in range(3)
            )


def test_the_index_finds_what_reading_every_task_finds(world: World) -> None:
    rng = random.Random(36)  # noqa: S311
    fill(world, 60)
    rewrite(rng)
    texts = [
        value for row in db.session.execute(select(Task.title, Task.description, Task.address)) for value in row
    ]  # fmt: skip
    hits = 0
    for _ in range(150):
        source = rng.choice(texts) if rng.random() < 0.7 else "".join(rng.choices(_ALPHABET, k=9))
        start = rng.randrange(len(source))
        typed = source[start : start + rng.choice((1, 1, 2, 2, 3, 6))]
        typed = rng.choice((str.upper, str.lower, str))(typed)
        if rng.random() < 0.3:
            typed += " " + rng.choice(rng.choice(texts))
        wanted = scanned(typed)
        assert looked_up(typed) == wanted, typed
        hits += bool(wanted)
    assert hits > 60
    assert text_index.differences(db.session()) == []


def test_the_index_follows_a_report_a_correction_and_what_is_taken_back(world: World) -> None:
    number = make_task(world, description="依云路北侧 Garbage 未清理")
    fill(world, 2)
    assert (len(found(world, "第 1")), len(found(world, "测试"))) == (1, 2)
    assert found(world, "GARBAGE 云路") == {number}
    assert found(world, "机场") == set()
    step(world, number, Action.RELOCATE, "dispatcher", place=Place(address="机场东路3号", method="address"))  # fmt: skip
    assert found(world, "机场") == found(world, "机") == {number}
    step(world, number, Action.UNDO, "dispatcher")
    assert found(world, "机场") == set()
    with unit_of_work() as work:
        work.execute(text("DELETE FROM task WHERE title = '第 1 件'"))
    assert (found(world, "第 1"), len(found(world, "测试"))) == (set(), 1)
    assert text_index.differences(db.session()) == []


def test_common_words_are_found_by_the_order_of_the_list_and_counted_in_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, 40)
    rare = make_task(world, description="飞机")
    monkeypatch.setattr(text_index, "COMMON", 10)
    monkeypatch.setattr(text_index, "COUNTED", 9)
    actor = world.actor("leader")
    for sort in (Sort.REPORTED_AT, Sort.DUE_AT):
        wanted = TaskFilter(text="测试", sort=sort)
        page = listing.page(db.session(), actor, wanted, now=clock.now(), size=7)
        plain = listing.sought(actor, wanted, clock.now()).limit(7)
        assert [row.number for row in page.rows] == [
            row.number for row in db.session.execute(plain)
        ]
        assert (page.total, page.total_is_floor) == (9, True)
    assert found(world, "飞机") == {rare}


def test_a_page_looks_for_common_words_so_far_and_the_next_ones_find_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, 40)
    with unit_of_work() as work:
        rare = Task.id.in_(list(work.scalars(select(Task.id)))[::9])
        work.execute(update(Task).where(rare).values(source="hotline", is_supervised=True))
        work.execute(update(Task).where(Task.id % 3 == 0).values(due_at=clock.now()))
    for name in ("COMMON", "COMMON_AMONG_OTHERS"):
        monkeypatch.setattr(text_index, name, 10)
    monkeypatch.setattr(listing, "WALKED", 7)
    actor, now = world.actor("leader"), clock.now()
    for few, narrowed in (
        (1000, {"sources": (Source.HOTLINE,)}),
        (3, {"sources": (Source.HOTLINE,)}),
        (1000, {"supervised": True}),
    ):
        monkeypatch.setattr(listing, "FEW", few)
        for sort in (Sort.REPORTED_AT, Sort.OLDEST, Sort.DUE_AT, Sort.NUMBER):
            wanted = TaskFilter(text="测试", sort=sort, **narrowed)  # type: ignore[arg-type]
            plain = list(db.session.execute(listing.sought(actor, wanted, now)))
            seen, key, pages = [], None, 0
            while pages < 30 and (key or not pages):
                page = listing.page(db.session(), actor, wanted, now=now, after=key, size=3)
                seen += [row.number for row in page.rows]
                assert page.is_cut or not page.next_key or len(page.rows) == 3
                assert page.total_is_floor or not page.is_cut
                key, pages = page.next_key, pages + 1
            assert seen == [row.number for row in plain], (sort, few, narrowed)
            assert (pages <= 2) == (few == 1000 and "sources" in narrowed), pages


def test_an_index_that_misses_a_task_is_seen_and_made_anew(both: Flask, world: World) -> None:
    number = make_task(world, description="飞机")
    runner = both.test_cli_runner()
    assert runner.invoke(audit, ["verify"]).exit_code == 0
    with unit_of_work() as work:
        for statement in _TAKEN_OUT[db.engine.dialect.name]:
            work.execute(text(statement))
    assert found(world, "飞机") == set()
    said = runner.invoke(audit, ["verify"])
    assert (said.exit_code, "task_text ('飞机'): -1" in said.output) == (1, True)
    assert runner.invoke(rebuild).exit_code == 0
    assert found(world, "飞机") == {number}
    assert runner.invoke(audit, ["verify"]).exit_code == 0


_TAKEN_OUT = {
    "sqlite": (
        "INSERT INTO task_text(task_text, rowid, grams) SELECT 'delete', id, grams FROM task_words",
    ),
    "postgresql": ("DELETE FROM task_text",),
}
