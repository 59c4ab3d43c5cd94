"""A clock that can be moved, a small world of people."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.factories.world import World, make_world
from tracker import clock


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`later(minutes=31)` moves the only clock there is; without arguments it stands still."""
    moved = [clock.now()]

    def move(**by: float) -> None:
        moved[0] += timedelta(**by)

    def now() -> datetime:
        return moved[0]

    monkeypatch.setattr(clock, "now", now)
    return move
