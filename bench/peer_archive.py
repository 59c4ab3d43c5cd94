"""All tiles of zooms 8 to 14 into one file: this project's cells in one process against tippecanoe on the same tasks."""

import gzip
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from flask.testing import FlaskClient

from bench import peers
from bench.district import signed_in_cookie
from bench.installations import LARGE, installation
from bench.peer_environment import Missing, packaged, versions
from bench.peer_servers import tile_path
from bench.peer_tiles import tasks_in
from bench.report import Section
from bench.timing import in_turn
from tracker.maps.tile_queries import CELL_ZOOMS, Tile
from tracker.tasks.states import OPEN, VOID

FIRST, LAST = 8, 14
ROUNDS = 3
GOAL = 10.0
#: tippecanoe joins what lies nearer than so many of 256 units of a tile: as wide as one of our cells.
_NEAR = 256 >> CELL_ZOOMS


def measure() -> Section:
    """Ours a few times, tippecanoe once: it takes much longer."""
    tasks = peers.tasks_of(LARGE)
    wanted = [tile for z in range(FIRST, LAST + 1) for tile in tasks.tiles(z)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = _ours(folder / "ours.mbtiles", wanted, tasks)
        rows = [("this project, one process", f"{len(wanted):,}", f"{ours:.2f}", "")]
        try:
            took, tiles = _tippecanoe(folder, tasks)
        except Missing as missing:
            notes = [f"Left out: tippecanoe. {missing}."]
        else:
            missed = "" if took / ours >= GOAL else " !"
            rows.append(("tippecanoe", f"{tiles:,}", f"{took:.1f}", f"{took / ours:.0f} ×{missed}"))
            notes = [
                f"tippecanoe {versions()['tippecanoe']} with `{' '.join(_OPTIONS)}`: points that lie as near as a cell is wide become one, it reads a file of GeoJSON lines (not timed) and uses every core.",
            ]
    return Section(
        f"All tiles of zooms {FIRST} to {LAST}, {LARGE:,} tasks",
        ("way", "tiles", "s", "ratio"),
        rows,
        [
            f"Wall time, median of {ROUNDS} rounds for ours and one of tippecanoe; target {GOAL:g} ×. Both write an MBTiles file of compressed tiles.",
            f"Ours asks the application for each tile, somebody signed in, and writes how many tasks and how many open ones each of {1 << CELL_ZOOMS} × {1 << CELL_ZOOMS} cells of a tile holds, every valid task counted at every zoom (compared with the tasks before it was timed). The content differs, the purpose is the same.",
            *notes,
        ],
    )


def _ours(path: Path, wanted: list[Tile], tasks: peers.Tasks) -> float:
    valid = sum(state not in VOID for state in tasks.states)
    with installation(LARGE) as app:
        client = app.test_client()
        with app.app_context():
            client.set_cookie(*signed_in_cookie(app))
        counted: Counter[int] = Counter()
        for tile in wanted:
            counted[tile.z] += tasks_in(client.get(tile_path(tile)).data)
        if set(counted.values()) != {valid}:
            raise RuntimeError(f"cells count {dict(counted)} of {valid:,} tasks")
        return in_turn({"ours": lambda: _write(path, wanted, client)}, ROUNDS)["ours"]


def _write(path: Path, wanted: list[Tile], client: FlaskClient) -> None:
    path.unlink(missing_ok=True)
    archive = sqlite3.connect(path)
    with archive:
        archive.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        archive.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)",
            (
                (tile.z, tile.x, (1 << tile.z) - 1 - tile.y, gzip.compress(client.get(tile_path(tile)).data, 6))
                for tile in wanted
            ),
        )  # fmt: skip
        archive.execute("CREATE UNIQUE INDEX tile ON tiles (zoom_level, tile_column, tile_row)")
    archive.close()


_OPTIONS = (
    f"-Z{FIRST}", f"-z{LAST}", "-r1", f"--cluster-distance={_NEAR}", "--accumulate-attribute=open:sum",
    "--no-feature-limit", "--no-tile-size-limit",
)  # fmt: skip


def _tippecanoe(folder: Path, tasks: peers.Tasks) -> tuple[float, int]:
    """Seconds and number of tiles. Raises Missing."""
    made, given = folder / "peer.mbtiles", folder / "tasks.geojsonl"
    with given.open("w", encoding="utf-8") as lines:
        lines.writelines(_features(tasks))
    command = [str(packaged("tippecanoe")), "-q", "-f", "-P", *_OPTIONS, "-t", str(folder), "-l", "tasks", "-o", str(made), str(given)]  # fmt: skip
    start = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if run.returncode:
        raise Missing(f"it failed: {run.stderr.strip()[-300:]}")
    archive = sqlite3.connect(made)
    tiles: int = archive.execute("SELECT count(*) FROM tiles").fetchone()[0]
    archive.close()
    return took, tiles


def _features(tasks: peers.Tasks) -> Iterator[str]:
    for lon, lat, state in zip(tasks.lons, tasks.lats, tasks.states, strict=True):
        yield (
            f'{{"type":"Feature","properties":{{"open":{int(state in OPEN)}}},'
            f'"geometry":{{"type":"Point","coordinates":[{lon:.7f},{lat:.7f}]}}}}\n'
        )
