"""A meeting (调度会) of the district for tests."""

from datetime import timedelta
from uuid import uuid4

from tests.factories.world import DISTRICT, World
from tracker import clock
from tracker.progress import meetings


def make_meeting(world: World, *, days_ago: int = 15, title: str = "第三次调度会") -> int:
    """Note one as the district's leader; its id."""
    return meetings.add(
        DISTRICT, clock.today() - timedelta(days=days_ago), title,
        actor=world.actor("leader"), request_uuid=str(uuid4()),
    )  # fmt: skip
