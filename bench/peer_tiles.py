"""Tiles a second, made anew for somebody who is signed in, against the peers on the same tasks, zoom by zoom."""

import random
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlencode

import mapbox_vector_tile

from bench import peers
from bench.installations import LARGE
from bench.load import CONNECTIONS, Refused, ask, has_wrk, rate
from bench.peer_environment import versions
from bench.peer_process import rest, started
from bench.peer_servers import (
    Server,
    cookie_of,
    flask_st_asmvt,
    mapserver,
    ours_granian,
    ours_waitress,
    tipg,
)
from bench.report import Section
from tracker.maps.tile_queries import TASKS_FROM, Tile
from tracker.tasks.states import VOID, State

ZOOMS = (9, 10, 12, 14, 15, 16)
ROUNDS = 3
SECONDS = 3
#: At most so many different tiles of a zoom are asked for.
TILES = 60
OURS, PRODUCT = "ours, granian", "ours, waitress"
TIPG, MAPSERVER, FLASK = "tipg", "MapServer", "Flask + ST_AsMVT"
#: So many times the tiles of a peer at least: peer, first and last zoom, ratio.
_GOALS = (
    (TIPG, 9, 12, 30.0), (MAPSERVER, 9, 12, 30.0), (TIPG, 14, 16, 4.0), (MAPSERVER, 14, 16, 4.0),
    (FLASK, 9, 16, 0.8),
)  # fmt: skip
# tags of a tile's layer and of a layer's feature; the wire type of a message
_LAYER, _FEATURE, _MESSAGE = 0x1A, 0x12, 2
#: Every task, as the peers draw them: without it a tile of single tasks holds the open ones alone.
_EVERY = "?" + urlencode({"state": [state.value for state in State]}, doseq=True)


def measure() -> Section:
    """All servers run; at each zoom they are asked in turn for the same tiles."""
    cookie, tasks = cookie_of(LARGE), peers.tasks_of(LARGE)
    with ExitStack() as stack:
        servers, notes = started(
            stack,
            {
                OURS: lambda: ours_granian(LARGE, cookie),
                PRODUCT: lambda: ours_waitress(LARGE, cookie),
                TIPG: lambda: tipg(peers.database(LARGE)),
                FLASK: lambda: flask_st_asmvt(peers.database(LARGE)),
                MAPSERVER: lambda: mapserver(peers.database(LARGE)),
            },
        )
        rows, drawn = [], []
        for z in ZOOMS:
            tiles = _chosen(tasks, z)
            drawn.append(_drawn(tasks, servers, tiles))
            rows.append(_row(z, _rates(servers, tiles)))
    against = [name for name in servers if name not in (OURS, PRODUCT)]
    columns = ("zoom", *(f"{name}, /s" for name in servers), *(f"to {name}" for name in against))
    return Section(
        f"Tiles a second, {LARGE:,} tasks", columns, rows, [*_words(), *drawn, *notes]
    )  # fmt: skip


def _chosen(tasks: peers.Tasks, z: int) -> list[Tile]:
    tiles = tasks.tiles(z)
    return random.Random(z).sample(tiles, min(TILES, len(tiles)))


def _paths(name: str, server: Server, tiles: list[Tile]) -> list[str]:
    assert server.tile is not None
    own = name in (OURS, PRODUCT) and tiles[0].z >= TASKS_FROM
    return [server.tile(tile) + (_EVERY if own else "") for tile in tiles]


def _rates(servers: dict[str, Server], tiles: list[Tile]) -> dict[str, float]:
    """Medians; before each turn nobody else is still at work."""
    loads = {name: server.load(_paths(name, server, tiles)) for name, server in servers.items()}
    seen: dict[str, list[float]] = {name: [] for name in loads}
    for _ in range(ROUNDS):
        for name, load in loads.items():
            seen[name].append(rate(load, SECONDS))
            rest()
    return {name: statistics.median(rates) for name, rates in seen.items()}


def _row(z: int, rates: dict[str, float]) -> tuple[str, ...]:
    ours = rates.get(OURS) or rates[PRODUCT]
    ratios = [_ratio(z, name, ours, other) for name, other in rates.items() if name not in (OURS, PRODUCT)]  # fmt: skip
    return (str(z), *(f"{one:,.0f}" if one >= 10 else f"{one:.1f}" for one in rates.values()), *ratios)  # fmt: skip


def _ratio(z: int, name: str, ours: float, other: float) -> str:
    """With `!` where a target is missed; a peer that finished no tile in time counts as one in that time."""
    ratio = ours / max(other, 1 / SECONDS)
    missed = any(
        name == peer and first <= z <= last and ratio < goal for peer, first, last, goal in _GOALS
    )
    return f"{ratio:,.1f} ×{' !' if missed else ''}"


def _drawn(tasks: peers.Tasks, servers: dict[str, Server], tiles: list[Tile]) -> str:
    """How many tasks each draws of the fullest tile."""
    tile = max(tiles, key=lambda one: _many(tasks, one))
    void = sum(state in VOID for state in tasks.states[tasks.within(tile)])
    found = []
    for name, server in servers.items():
        if name != PRODUCT:
            path = _paths(name, server, [tile])[0]
            try:
                body = ask(server.load([path]), path)
            except TimeoutError:
                found.append(f"{name} does not answer in time")
            else:
                found.append(f"{name} {_counted(body, is_ours=name == OURS):,}")
    return (
        f"Zoom {tile.z}: the fullest tile holds {_many(tasks, tile):,} tasks ({void:,} of them rejected or cancelled);"
        f" drawn or counted: {', '.join(found)}."
    )


def _many(tasks: peers.Tasks, tile: Tile) -> int:
    found = tasks.within(tile)
    return found.stop - found.start


def _counted(body: bytes, *, is_ours: bool) -> int:
    """The tasks of a tile: what its cells count, else its features."""
    if not is_ours:
        # an error of MapServer comes as a page that says it went well
        if body[:1] not in (b"", bytes([_LAYER])):
            raise Refused(f"no tile: {body[:300]!r}")
        return features(body)
    return tasks_in(body)


def tasks_in(body: bytes) -> int:
    """The tasks that a tile of this project counts or holds."""
    layers = mapbox_vector_tile.decode(body)
    if "cells" in layers:
        return sum(one["properties"]["valid"] for one in layers["cells"]["features"])
    return len(layers["tasks"]["features"])


def features(body: bytes) -> int:
    """The features of a vector tile, counted and not read: a million take a second or two."""
    return sum(
        sum(tag == _FEATURE for tag, _, _ in _fields(body, first, end))
        for tag, first, end in _fields(body, 0, len(body))
        if tag == _LAYER
    )


def _fields(body: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, begin and end of each field; beside messages there are only numbers in a tile and a layer."""
    while at < end:
        tag, at = _varint(body, at)
        size, at = _varint(body, at)
        if tag & 7 == _MESSAGE:
            yield tag, at, at + size
            at += size


def _varint(body: bytes, at: int) -> tuple[int, int]:
    found = shift = 0
    while body[at] & 0x80:
        found |= (body[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return found | body[at] << shift, at + 1


def _words() -> list[str]:
    known = versions()
    goals = ", ".join(f"{goal:g} × {peer} at z{first}-{last}" for peer, first, last, goal in _GOALS)
    return [
        f"Medians of {ROUNDS} rounds of {SECONDS} s in turn, {'wrk -t1' if has_wrk() else 'an own client (no wrk here, Debian package wrk)'}, {CONNECTIONS} connections, at most {TILES} tiles of a zoom in one order; nothing is kept, no ETag is sent.",
        f"Ratios are {OURS} over the peer; targets: {goals}. `!` marks what is missed.",
        f"Ours on SQLite, signed in, a person who sees the whole district: up to z{TASKS_FROM - 1} cells that count every task, from z{TASKS_FROM} on all tasks themselves (all states asked for; the map asks for the open ones). The peers on PostGIS draw each task, nobody signed in.",
        f"granian {known.get('granian', 'missing')}, two processes of two threads, serves ours and Flask; waitress is what `tracker run` starts: one process. tipg {known.get('tipg', 'missing')} with two processes of uvicorn; MapServer with two of FastCGI; Flask asks a table that is in EPSG:3857 already.",
    ]
