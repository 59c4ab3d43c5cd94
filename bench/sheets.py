"""Sheets of made-up tasks in the product's own columns, as an office would hand them in."""

import csv
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from uuid import UUID

from bench import wide
from bench.district import SPOTS, THINGS
from tracker import clock
from tracker.clock import CITY_ZONE, in_city

HEADING = (
    "external_id", "found_at", "reported_at", "submitted_at", "closed_at", "due_at", "lon", "lat",
    "address", "category", "title", "description", "source", "state", "unit",
)  # fmt: skip
#: State and weight, as a district lives: half settled on the spot, a third closed by a unit, the rest open.
_STATES = (
    ("on the spot", 50), ("closed", 34), ("handling", 5), ("reported", 3), ("dispatched", 3),
    ("filed", 2), ("submitted", 2), ("rejected", 1),
)  # fmt: skip
_WITH_UNIT = frozenset({"closed", "handling", "dispatched", "submitted"})
_PAST_DAYS = 730
_FORM = "%Y-%m-%d %H:%M:%S"


def write(
    path: Path,
    made: wide.Areas,
    count: int,
    *,
    categories: list[str],
    state: str = "",
    seed: int = 5,
) -> None:
    """`count` rows within the district, all in one state when it is given; the same for a seed."""
    rng = Random(seed)
    lons, lats = wide.points(made, count, seed)
    places = zip(lons.tolist(), lats.tolist(), strict=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADING)
        writer.writerows(_row(rng, lon, lat, categories, state) for lon, lat in places)


def _row(
    rng: Random, lon: float, lat: float, categories: list[str], state: str
) -> tuple[object, ...]:
    midnight = datetime.combine(in_city(clock.now()).date(), time(), CITY_ZONE)
    found = midnight - timedelta(days=rng.uniform(1, _PAST_DAYS))
    state = state or rng.choices([s for s, _ in _STATES], weights=[w for _, w in _STATES])[0]
    closed = min(found + timedelta(days=rng.expovariate(0.3)), midnight)
    is_closed = state in ("on the spot", "closed")
    due = found + timedelta(days=rng.choice((1, 3, 5, 10)))
    thing, spot = rng.choice(THINGS), rng.choice(SPOTS)
    return (
        UUID(int=rng.getrandbits(128), version=4).hex, f"{found:{_FORM}}", f"{found:{_FORM}}",
        f"{closed:{_FORM}}" if state == "submitted" else "", f"{closed:{_FORM}}" if is_closed else "",
        f"{due:{_FORM}}" if state in _WITH_UNIT else "", f"{lon:.6f}", f"{lat:.6f}",
        f"{spot}{rng.randrange(1, 200)}号", rng.choice(categories), f"{spot}{thing}",
        f"{spot}{thing}，影响市容，请及时处理。", rng.choice(("inspection", "grid_patrol", "hotline")),
        "closed" if is_closed else state, f"测量单位{rng.randrange(wide.UNITS)}" if state in _WITH_UNIT else "",
    )  # fmt: skip


def head(source: Path, target: Path, count: int) -> None:
    """The heading and the first `count` rows of a sheet."""
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as kept:
        kept.writelines(islice(lines, count + 1))
