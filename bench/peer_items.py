"""The tasks of a small piece of ground, 100 and 1,000 of them, against the peers' pages of GeoJSON."""

import json
import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from sqlalchemy import func, select

from bench import peers
from bench.installations import LARGE, installation
from bench.load import CONNECTIONS, ask, has_wrk, rate, settle
from bench.peer_environment import versions
from bench.peer_process import started
from bench.peer_servers import Server, cookie_of, mapserver, ours_granian, pygeoapi, tipg
from bench.peers import Box
from bench.report import Section
from tracker.places.models import Area, Level
from tracker.storage.db import db
from tracker.tasks.models import Task

#: How many are asked for, the level of areas that hold about as many, and the target.
SIZES = ((100, Level.GRID, 5.0), (1_000, Level.COMMUNITY, 3.0))
ROUNDS = 3
SECONDS = 3
#: So many pieces of ground in turn.
PLACES = 20
OURS = "ours"


def measure() -> Section:
    """Grids and communities whose number of tasks is nearest to what the peers are asked for."""
    cookie = cookie_of(LARGE)
    with ExitStack() as stack:
        servers, notes = started(
            stack,
            {
                OURS: lambda: ours_granian(LARGE, cookie),
                "tipg": lambda: tipg(peers.database(LARGE)),
                "pygeoapi": lambda: pygeoapi(peers.database(LARGE)),
                "MapServer": lambda: mapserver(peers.database(LARGE)),
            },
        )
        rows = [_row(servers, *size) for size in SIZES]
    columns = ("tasks", *(f"{name}, tasks/s" for name in servers), "to the best peer")
    return Section(f"Tasks of a piece of ground, {LARGE:,} tasks", columns, rows, [*_words(), *notes])  # fmt: skip


def _row(servers: dict[str, Server], limit: int, level: Level, goal: float) -> tuple[str, ...]:
    places = _places(limit, level)
    rates = _rates(servers, places, limit)
    ours, others = rates[OURS], [one for name, one in rates.items() if name != OURS]
    ratio = ours / max(others) if others else 0.0
    shown = f"{ratio:.1f} ×{'' if ratio >= goal else ' !'}" if others else ""
    return (f"{limit:,}", *(f"{one:,.0f}" for one in rates.values()), shown)


def _places(limit: int, level: Level) -> list[Box]:
    """The boxes around the tasks of areas."""
    column = {Level.GRID: Task.grid_code, Level.COMMUNITY: Task.community_code}[level]
    distance = func.abs(func.count() - limit)
    box = (func.min(Task.lon), func.min(Task.lat), func.max(Task.lon), func.max(Task.lat))
    query = (
        select(*box)
        .join(Area, Area.code == column)
        .group_by(column)
        .order_by(distance, column)
        .limit(PLACES)
    )
    with installation(LARGE) as app, app.app_context():
        found = [
            (west, south, east, north) for west, south, east, north in db.session.execute(query)
        ]
        db.session.remove()
    return found


def _rates(servers: dict[str, Server], places: Sequence[Box], limit: int) -> dict[str, float]:
    """Tasks a second, medians."""
    loads, size = {}, {}
    for name, server in servers.items():
        assert server.items is not None, "all of these have pages of GeoJSON"
        paths = [server.items(box, limit) for box in places]
        loads[name] = server.load(paths)
        size[name] = statistics.mean(_many(ask(loads[name], path)) for path in paths)
    seen: dict[str, list[float]] = {name: [] for name in loads}
    for _ in range(ROUNDS):
        for name, load in loads.items():
            seen[name].append(rate(load, SECONDS) * size[name])
            settle(load)
    return {name: statistics.median(rates) for name, rates in seen.items()}


def _many(body: bytes) -> int:
    return len(json.loads(body)["features"])


def _words() -> list[str]:
    known = versions()
    goals = ", ".join(f"{goal:g} × the best peer at {limit:,}" for limit, _, goal in SIZES)
    return [
        f"Medians of {ROUNDS} rounds of {SECONDS} s in turn, {CONNECTIONS} connections{'' if has_wrk() else ', an own client (no wrk here, Debian package wrk)'}; {PLACES} places in turn. Answers a second times the tasks in an answer. Targets: {goals}; `!` marks what is missed.",
        "All are asked by the same box: the one around the tasks of a grid or a community that has about as many of them. This project gives number, category, state, times, area and place as GeoJSON (`/ogc/collections/tasks/items`), only of tasks that the person who is signed in may see, and the key of the next page.",
        f"The peers give id, category, state and place as GeoJSON, nobody signed in: tipg {known.get('tipg', 'missing')} and pygeoapi {known.get('pygeoapi', 'missing')} also count what matches the box.",
    ]
