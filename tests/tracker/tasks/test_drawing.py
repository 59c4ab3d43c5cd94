"""What is missing is drawn; what is no drawing is refused politely, and the unit has to look."""

import json
from typing import Any

import pytest
from flask import Flask

from tests.factories.steps import step
from tests.factories.world import make_task, make_world, task
from tracker.errors import Conflict, Invalid
from tracker.tasks.drawing import MAX_LENGTH, MAX_SHAPES, read_drawing
from tracker.tasks.states import Action, State

PHOTO = "ab" * 32
LINE = {"kind": "line", "points": [[0.1, 0.2], [0.3, 0.4]]}
HUGE = "1" + "0" * 400


def drawn(on: Any = PHOTO, *shapes: Any) -> str:
    return json.dumps({"on": on, "shapes": list(shapes or (LINE,))})


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "null", "7", '"x"', "[" * 5000, "{}", '{"on": 1, "shapes": 5}',
        drawn([PHOTO]), drawn({}), drawn(None), drawn("cd" * 32), drawn("\ud800"),
        drawn(PHOTO, {"kind": ["line"], "points": [[0, 0]]}),
        drawn(PHOTO, {"kind": "line", "points": []}),
        drawn(PHOTO, {"kind": "line", "points": [[0, 0, 0]]}),
        drawn(PHOTO, {"kind": "line", "points": [[2, 0]]}),
        drawn(PHOTO, {"kind": "line", "points": [["x", None]]}),
        drawn(PHOTO, {"kind": "text", "points": [[0, 0]]}),
        drawn(PHOTO, {"kind": "text", "points": [[0, 0]], "text": "a\0b"}),
        drawn(PHOTO, {"kind": "text", "points": [[0, 0]], "text": "\ud800"}),
        drawn(PHOTO, {"kind": "text", "points": [[0, 0]], "text": "长" * 61}),
        drawn("map", {"kind": "line", "points": [[181, 0]]}),
        drawn(PHOTO, *[LINE] * (MAX_SHAPES + 1)),
        f'{{"on": "{PHOTO}", "shapes": [{{"kind": "line", "points": [[{HUGE}, 0]]}}]}}',
        f'{{"on": "{PHOTO}", "shapes": [{{"kind": "line", "points": [[NaN, 0]]}}]}}',
        drawn() + " " * MAX_LENGTH,
    ],
)  # fmt: skip
def test_what_is_no_drawing_is_refused_in_words(text: str):
    with pytest.raises(Invalid) as caught:
        read_drawing(text, frozenset({PHOTO}))
    assert caught.value.field == "drawing"


def test_a_drawing_keeps_only_what_is_known_of_it():
    shape = {"kind": "text", "points": [[0.12345678, 1]], "text": " 这里 ", "onload": "x"}
    assert read_drawing(drawn(PHOTO, shape), frozenset({PHOTO})) == {
        "on": PHOTO,
        "shapes": [{"kind": "text", "points": [[0.123457, 1.0]], "text": "这里"}],
    }
    assert read_drawing("", frozenset()) is None
    assert read_drawing('{"on": "map", "shapes": []}', frozenset()) is None


def test_a_drawn_rework_is_looked_at_before_the_unit_submits_again(both: Flask):
    world = make_world()
    number = make_task(world, State.SUBMITTED)
    step(world, number, Action.REWORK, "verifier", drawing=drawn("map"))
    assert task(number).events[-1].payload["drawing"]["on"] == "map"
    with pytest.raises(Conflict, match="知悉返工要求"):
        step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.ACKNOWLEDGE_REWORK, "clerk")
    step(world, number, Action.SUBMIT, "clerk")
    step(world, number, Action.REWORK, "verifier")
    step(world, number, Action.SUBMIT, "clerk")
