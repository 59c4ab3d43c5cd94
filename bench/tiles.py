"""The encoder of vector tiles against mapbox-vector-tile and vt2pbf, decoded and compared."""

import subprocess
from typing import Any

import numpy as np

from bench.peer_environment import Missing, packaged
from bench.report import Section
from bench.timing import in_turn

SIZES = (500, 5_000, 50_000)
ROUNDS = 3
#: So many times mapbox-vector-tile and vt2pbf at 5,000 points.
GOALS = (100, 40)
_WORDS = ("reported", "filed", "dispatched", "handling", "submitted", "closed")
_TITLE = "The encoder of vector tiles"


def measure() -> Section:
    """Points with an id, a word and a number; each result is decoded by mapbox-vector-tile and must be equal."""
    try:
        from gis import tiles
    except ImportError:
        return Section(_TITLE, ("what", "figure"), [("skipped", "this checkout has no gis.tiles")])
    import mapbox_vector_tile

    rows: list[tuple[str, ...]] = []
    for size in SIZES:
        rng = np.random.default_rng(size)
        x, y = rng.integers(0, tiles.EXTENT, size), rng.integers(0, tiles.EXTENT, size)
        state, age = rng.integers(0, len(_WORDS), size), rng.integers(0, 400, size)
        ids = np.arange(1, size + 1)

        def ours(
            x: Any = x, y: Any = y, state: Any = state, age: Any = age, ids: Any = ids
        ) -> bytes:
            return tiles.point_layer(
                "tasks", x, y, ids=ids, attributes={"state": tiles.Words(state, _WORDS), "age": age}
            )

        features = [
            {"geometry": f"POINT({x[n]} {tiles.EXTENT - y[n]})", "id": n + 1,
             "properties": {"state": _WORDS[state[n]], "age": int(age[n])}}
            for n in range(size)
        ]  # fmt: skip

        def plain(features: Any = features) -> bytes:
            encoded: bytes = mapbox_vector_tile.encode({"name": "tasks", "features": features})
            return encoded

        _same(mapbox_vector_tile, ours(), plain())
        took = in_turn({"ours": ours, "plain": plain}, ROUNDS)
        peer = _vt2pbf(size)
        rows.append(
            (f"{size:,}", f"{took['ours'] * 1000:.2f}", f"{took['plain'] * 1000:.1f}", _ratio(size, took["plain"] / took["ours"], GOALS[0]),
             f"{peer * 1000:.1f}" if peer else "not installed", _ratio(size, peer / took["ours"], GOALS[1]) if peer else "")
        )  # fmt: skip
    notes = [
        f"Medians of {ROUNDS} rounds; decoded by mapbox-vector-tile the two are equal in ids, places and attributes.",
        "vt2pbf cannot share a process with mapbox-vector-tile: it is timed in one of its own right after, on tiles with the same number of points.",
        f"Targets at 5,000 points: {GOALS[0]} × mapbox-vector-tile, {GOALS[1]} × vt2pbf; `!` marks what is missed.",
    ]
    columns = (
        "points",
        "this project, ms",
        "mapbox-vector-tile, ms",
        "ratio",
        "vt2pbf, ms",
        "ratio",
    )
    return Section(_TITLE, columns, rows, notes)


def _ratio(size: int, ratio: float, goal: int) -> str:
    return f"{ratio:.0f} ×{' !' if size == 5_000 and ratio < goal else ''}"


def _same(decoder: Any, ours: bytes, plain: bytes) -> None:
    def facts(tile: bytes) -> list[Any]:
        features = decoder.decode(tile)["tasks"]["features"]
        return sorted(
            (one["id"], tuple(one["geometry"]["coordinates"]), sorted(one["properties"].items()))
            for one in features
        )

    if facts(ours) != facts(plain):
        raise RuntimeError("the tiles differ")


_PEER = """
import statistics, sys, time
from vt2pbf import vt2pbf
size = int(sys.argv[1])
tile = {"features": [{"geometry": [[n % 4096, n * 7 % 4096]], "type": 1, "id": n + 1,
        "tags": {"state": "handling", "age": n % 400}} for n in range(size)]}
seen = []
for _ in range(4):
    start = time.perf_counter(); vt2pbf(tile, "tasks"); seen.append(time.perf_counter() - start)
print(statistics.median(seen[1:]))
"""


def _vt2pbf(size: int) -> float | None:
    """Seconds, by a process of the peers' environment; None where there is none."""
    try:
        python = str(packaged("python"))
    except Missing:
        return None
    run = subprocess.run(
        [python, "-c", _PEER, str(size)], capture_output=True, text=True, check=False
    )
    return float(run.stdout) if run.returncode == 0 else None
