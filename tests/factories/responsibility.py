"""Posts of the responsibility map in the small world, made through the real operations."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from tests.factories.world import INSIDE, SANZAO, World
from tracker import clock
from tracker.responsibility.given import PostGiven
from tracker.responsibility.models import Responsibility
from tracker.responsibility.operations import put
from tracker.storage.unit_of_work import unit_of_work

#: About so many degrees are a metre at the latitude of the small world.
METRE_NORTH, METRE_EAST = 1 / 110_750, 1 / 103_150


def line_at(lon: float, lat: float, *, metres: float = 400) -> dict[str, Any]:
    """A road from west to east, its middle at (lon, lat)."""
    half = metres / 2 * METRE_EAST
    return {"type": "LineString", "coordinates": [[lon - half, lat], [lon + half, lat]]}


def square_at(lon: float, lat: float, *, metres: float = 400) -> dict[str, Any]:
    """A square of ground around (lon, lat)."""
    east, north = metres / 2 * METRE_EAST, metres / 2 * METRE_NORTH
    ring = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return {
        "type": "Polygon",
        "coordinates": [[[lon + x * east, lat + y * north] for x, y in ring]],
    }


def given_post(world: World, community: str = SANZAO, **changes: Any) -> PostGiven:
    """A cleaning post on a road in the middle of a community since the beginning of 2026."""
    given = PostGiven(
        name="依云路", geometry=line_at(*INSIDE[community]), unit_id=world.units["sanitation"],
        post="保洁一组", person="林志强", phone="13800001234", hours="06:00-22:00", grade="一级",
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    return replace(given, **changes)


def fallback(community: str = SANZAO, **changes: Any) -> dict[str, Any]:
    """What makes a post the fallback of a community."""
    return {"geometry": None, "community_code": community, "name": "社区兜底", **changes}


def make_posts(world: World, *wanted: dict[str, Any], on: date | None = None) -> list[str]:
    """Commit posts, each with its changes of `given_post`; returns their codes.

    `on` is the day on which somebody writes them down, today when not given.
    """
    actor = world.actor("dispatcher")
    at = datetime.combine(on, time(12), clock.CITY_ZONE) if on else clock.now()
    with unit_of_work() as work:
        rows: list[Responsibility] = []
        for changes in wanted:
            correct = bool(changes.pop("correct", False))
            given = given_post(world, **changes)
            rows.append(put(work, given, actor=actor, at=at, correct=correct)[0])
            work.flush()
        return [row.code for row in rows]
