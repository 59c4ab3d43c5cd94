"""A second report of the same problem joins the open task: its words and photos, once."""

import io
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from tests.factories.steps import step, task_in
from tests.factories.world import GUANGAN, World, given_report, make_task, make_world, task
from tracker.errors import Conflict, Invalid, NotFound
from tracker.evidence.models import Phase, Photo
from tracker.evidence.operations import take
from tracker.evidence.store import FolderStore
from tracker.storage.db import db
from tracker.tasks.joining import PREFIX, join
from tracker.tasks.models import Task, TaskEvent
from tracker.tasks.states import OPEN, Action, State


def photo_of(world: World, tmp_path: Any, who: str = "inspector", shade: int = 90) -> str:
    out = io.BytesIO()
    Image.linear_gradient("L").rotate(shade).convert("RGB").save(out, "JPEG")
    owner_id, store = world.users[who], FolderStore(tmp_path / "photos")
    return take(out.getvalue(), uuid=str(uuid4()), owner_id=owner_id, store=store).uuid


def joined(world: World, number: str, who: str = "inspector", **changes: Any) -> dict[str, Any]:
    uuid = changes.pop("request_uuid", str(uuid4()))
    given = replace(given_report(), **changes)
    return join(number, given=given, actor=world.actor(who), request_uuid=uuid)


def last_event(number: str) -> TaskEvent:
    return task(number).events[-1]


def test_words_and_photos_become_a_comment_and_no_task_is_made(both: Flask, tmp_path: Any):
    world = make_world()
    number = make_task(world)
    photo = photo_of(world, tmp_path)
    outcome = joined(world, number, description="又堆了三袋", before_photos=(photo,))
    event = last_event(number)
    assert (outcome["number"], outcome["state"]) == (number, "reported")
    assert event.action == Action.COMMENT
    assert event.payload["text"] == f"{PREFIX}又堆了三袋 （依云路口）"
    assert [(p.uuid, p.phase) for p in event.photos] == [(photo, Phase.BEFORE)]
    assert db.session.scalar(select(func.count()).select_from(Task)) == 1


def test_a_resend_gets_the_first_answer_also_when_the_task_was_closed_meanwhile(both: Flask):
    world = make_world()
    number, uuid = make_task(world), str(uuid4())
    first = joined(world, number, request_uuid=uuid)
    step(world, number, Action.REJECT, "dispatcher")
    assert joined(world, number, request_uuid=uuid) == first
    assert [e.action for e in task(number).events].count("comment") == 1
    with pytest.raises(Conflict) as other:
        joined(world, number, request_uuid=uuid, description="另一件")
    assert other.value.code == "request_reused"


def test_only_open_tasks_are_joined(app: Flask):
    world = make_world()
    for state in set(State) - OPEN:
        with pytest.raises(Conflict) as refusal:
            joined(world, task_in(world, state))
        assert refusal.value.code == "not_open"


def test_a_task_that_one_may_not_see_is_unknown(app: Flask):
    world = make_world()
    number = make_task(world, community=GUANGAN, reporter="inspector_b")
    with pytest.raises(NotFound):
        joined(world, number)
    assert len(task(number).events) == 1


def test_a_foreign_photo_is_refused_and_nothing_is_written(both: Flask, tmp_path: Any):
    world = make_world()
    number = make_task(world)
    foreign = photo_of(world, tmp_path, "inspector_b")
    with pytest.raises(Invalid):
        joined(world, number, before_photos=(foreign,))
    assert len(task(number).events) == 1
    assert db.session.get_one(Photo, foreign).task_id is None


def test_nothing_to_add_is_asked_for(app: Flask):
    world = make_world()
    with pytest.raises(Invalid):
        joined(world, make_task(world), description=" ")
