"""Tasks by the hundred, where a test wants them: rows as an import leaves them, without a history."""

from datetime import timedelta
from random import Random

from sqlalchemy import insert, text

from gis.cells import encode
from tests.factories.world import DISTRICT, GUANGAN, HAIAN, INSIDE, SANZAO, TOWN_A, TOWN_B, category
from tracker import clock
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task

NOW = clock.now()
TOWNS = {SANZAO: TOWN_A, HAIAN: TOWN_A, GUANGAN: TOWN_B}


def spread(chance: Random, community: str, n: int, metres: float, x: float = 0, y: float = 0) -> list[tuple[float, float]]:  # fmt: skip
    """Places around (x, y) metres from the middle of a community."""
    lon, lat = INSIDE[community]
    return [
        (lon + (x + chance.gauss(0, metres)) / 103_000, lat + (y + chance.gauss(0, metres)) / 110_700)
        for _ in range(n)
    ]  # fmt: skip


def put(community: str, places: list[tuple[float, float]], code: str = "06010", state: str = "handling", **more: object) -> None:  # fmt: skip
    """Rows as an import leaves them: only where and when matters to hot spots."""
    kind = category(code)
    with unit_of_work() as work:
        start = work.scalar(text("select coalesce(max(id), 0) from task")) or 0
        work.execute(
            insert(Task),
            [
                {
                    "number": f"T-{start + n:05d}", "uuid": f"u-{start + n}", "source": "inspection",
                    "state": state, "category_id": kind, "title": "暴露垃圾", "description": "x",
                    "lon": lon, "lat": lat, "cell": encode(lon, lat), "district_code": DISTRICT,
                    "town_code": TOWNS[community], "community_code": community,
                    "found_at": NOW, "reported_at": NOW - timedelta(hours=n % 400), "updated_at": NOW,
                    **more,
                }
                for n, (lon, lat) in enumerate(places)
            ],
        )  # fmt: skip
