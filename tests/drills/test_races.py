"""Sixteen clients take the same step a hundred times over: one wins each time, the others are told."""

import json
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.racing import RACED, race
from tests.factories.world import make_world
from tracker.tasks.states import Action

ROUNDS = 100


@pytest.mark.parametrize("action", RACED, ids=str)
def test_of_sixteen_exactly_one_wins_a_hundred_times(both: Flask, action: Action, tmp_path: Path):
    world, told = make_world(), Counter[str]()
    for _ in range(ROUNDS):
        told += race(both, world, action)
    assert told["won"] == ROUNDS
    (tmp_path / "told.json").write_text(json.dumps(told), encoding="utf-8")
