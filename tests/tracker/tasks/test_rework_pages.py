"""A rework with a drawing: seen first, acknowledged before the work is submitted, taken along."""

import json

import pytest
from flask import Flask

from tests.factories.client import open_session
from tests.factories.task_pages import LIMIT, done, page_of, photo_in_tray, send
from tests.factories.world import World, make_task, make_world, task
from tracker.tasks.states import State


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def drawing_on(sha256: str, text: str = "这里还有垃圾") -> str:
    shapes = [
        {"kind": "ring", "points": [[0.2, 0.2], [0.5, 0.6]]},
        {"kind": "arrow", "points": [[0.9, 0.9], [0.5, 0.5]]},
        {"kind": "text", "points": [[0.1, 0.95]], "text": text},
    ]
    return json.dumps({"on": sha256, "shapes": shapes})


def submitted_with_photo(app: Flask, world: World) -> tuple[str, str]:
    """A submitted task and the SHA-256 of its after-photo."""
    number = make_task(world, State.HANDLING)
    photo = photo_in_tray(app, "clerk")
    done(open_session(app, "clerk"), number, "submit", measures="已清运", after_photos=photo)
    return number, task(number).photos[0].sha256


def test_a_drawn_rework_is_seen_first_and_acknowledged_before_the_work_is_submitted(
    app: Flask, world: World
) -> None:
    number, sha256 = submitted_with_photo(app, world)
    hostile = "<script>alert(1)</script>${7*7}"
    verifier = open_session(app, "verifier")
    assert f'data-photo="{sha256}"' in verifier.get(f"/tasks/{number}").text
    done(
        verifier,
        number,
        "rework",
        reason_code="unfinished",
        reason="只清了一半",
        drawing=drawing_on(sha256, hostile),
        **LIMIT,
    )
    clerk = open_session(app, "clerk")
    page = clerk.get(f"/tasks/{number}").text
    assert page.index('id="rework"') < page.index("task-photos")
    assert "<ellipse" in page
    assert "<strong>问题没有整改到位</strong> 只清了一半" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;${7*7}" in page
    assert 'id="do-submit"' not in page
    refused = send(clerk, number, "submit", measures="已清运", no_photo_reason="夜间")
    assert refused.status_code == 409
    assert "知悉返工要求" in refused.text
    done(clerk, number, "acknowledge_rework")
    page = clerk.get(f"/tasks/{number}").text
    assert "已知悉" in page
    assert "<ellipse" in page
    done(clerk, number, "submit", measures="全部清完", no_photo_reason="夜间")
    assert "查看返工标注" in page_of(app, "verifier", number)


@pytest.mark.parametrize("drawing", ["{", "[]", '{"on":"map"}', '{"on":"map","shapes":[{"kind":"bomb","points":[[1,1]]}]}', '{"on":"' + "0" * 64 + '","shapes":[{"kind":"line","points":[[0.1,0.1],[0.2,0.2]]}]}', '{"on":"map","shapes":[{"kind":"line","points":[[1e999,1]]}]}'])  # fmt: skip
def test_a_drawing_that_is_none_comes_back_with_the_reason_kept(
    app: Flask, world: World, drawing: str
) -> None:
    number, _sha256 = submitted_with_photo(app, world)
    answer = send(
        open_session(app, "verifier"),
        number,
        "rework",
        reason_code="unfinished",
        reason="只清了一半",
        drawing=drawing,
        **LIMIT,
    )
    assert answer.status_code == 422
    assert "只清了一半" in answer.text
    assert task(number).state == State.SUBMITTED


def test_a_phone_takes_the_words_of_the_drawing_along(app: Flask, world: World) -> None:
    number, sha256 = submitted_with_photo(app, world)
    done(
        open_session(app, "verifier"),
        number,
        "rework",
        reason_code="unfinished",
        reason="只清了一半",
        drawing=drawing_on(sha256),
        **LIMIT,
    )
    found = open_session(app, "clerk").get("/inspect/package").json["tasks"]
    assert "问题没有整改到位：只清了一半（标注：这里还有垃圾" in found[0]["rework_reason"]
