"""Which grid a million positions lie in: this project's locator, geopandas.sjoin, PostGIS, a bare tree; the same codes."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from bench import postgis, wide
from bench.report import Section
from bench.timing import in_turn
from gis.grid import Locator
from gis.projection import areas_m2

POINTS = 1_000_000
ROUNDS = 3
#: Corners of a grid in the two sets of borders: as drawn for a first plan, and as surveyed.
CORNERS = (40, 500)
SINGLES = 20_000
#: Two waves, degrees: how far they push a border and how long they are. Their slopes stay below 1, so nothing folds.
_WAVES = ((2e-4, 4e-3), (4e-5, 8e-4))


def measure() -> Section:
    """10,000 grids; every index is built before, every way is given positions as it likes them best."""
    rows: list[tuple[str, ...]] = []
    plain = wide.areas()
    lons, lats = wide.points(plain, POINTS)
    with postgis.cluster() as url:
        for corners in CORNERS:
            rows += _compared(bent(plain, corners), corners, lons, lats, url)
    notes = [
        f"{POINTS:,} positions, 10,000 grids, medians of {ROUNDS} rounds in turn. Before the clock runs the codes are compared: each way gives every position the same grid.",
        "This project answers community and district as well, in the same call, and decides a shared border always the same way; the others answer grids only.",
        "sjoin: `within`, the frame of points and the tree of the grids made before. PostGIS: `ST_Contains` with GiST, only counted, nothing sent. Bare tree: `STRtree.query(Point, predicate='intersects')` on grids.",
        "The locator is built whenever borders change; its raster only once 100,000 positions were asked for.",
    ]
    if url is None:
        notes.append(
            f"PostGIS is not installed here ({' '.join(postgis.PACKAGES)}): its rows are left out."
        )
    return Section(
        "Positions to grids", ("way", "s a million", "positions a second", "ratio"), rows, notes
    )


def bent(made: wide.Areas, corners: int) -> wide.Areas:
    """The areas with about so many corners a grid, bent alike so that neighbours still share their borders."""
    polygons = np.array([polygon for _, _, polygon in made], dtype=object)
    grids = [level == "grid" for _, level, _ in made]
    fine = shapely.segmentize(polygons, float(shapely.length(polygons[grids]).mean()) / corners)
    waved = shapely.transform(fine, _waved)
    assert shapely.is_valid(waved).all()
    return [(code, level, polygon) for (code, level, _), polygon in zip(made, waved, strict=True)]


def _waved(places: Any) -> Any:
    moved = places
    for far, long in _WAVES:
        moved = moved + far * np.sin(places[:, ::-1] * (2 * np.pi / long))
    return moved


def _compared(
    made: wide.Areas, corners: int, lons: Any, lats: Any, url: str | None
) -> list[tuple[str, ...]]:
    import geopandas

    grids = _ranked([(code, polygon) for code, level, polygon in made if level == "grid"])
    polygons = np.array([polygon for _, polygon in grids], dtype=object)
    frame = geopandas.GeoDataFrame(geometry=polygons, crs=4326)
    places = geopandas.GeoDataFrame(geometry=shapely.points(lons, lats), crs=4326)
    built, locator = _timed(lambda: Locator.from_areas(made))
    bare = Locator.from_areas(made)
    rastered, _ = _timed(locator.build_raster)
    codes = np.array([*(code for code, _ in grids), None], dtype=object)
    ours = locator.locate_many(lons, lats)["grid"]

    def same(points: Any, ranks: Any, way: str) -> None:
        first = np.full(POINTS, len(grids))
        np.minimum.at(first, points, ranks)
        differ = int((codes[first] != ours).sum())
        assert not differ, f"{way}: {differ} positions have another grid"

    pairs = geopandas.sjoin(places, frame, predicate="intersects")
    same(pairs.index.to_numpy(), pairs["index_right"].to_numpy(), "sjoin")
    ways: dict[str, Callable[[], Any]] = {
        "geopandas.sjoin, grids only": lambda: geopandas.sjoin(
            places, frame, predicate="within", how="left"
        ),
        "this project, all levels": lambda: locator.locate_many(lons, lats),
    }
    if url is not None:
        connection = _loaded(url, polygons, lons, lats)
        pairs = connection.execute(
            "SELECT p.id, g.id FROM p JOIN g ON ST_Intersects(g.geom, p.geom)"
        ).fetchall()
        same(*np.array(pairs).T, "PostGIS")
        ways["PostGIS join, grids only"] = lambda: connection.execute(
            "SELECT count(*) FROM p JOIN g ON ST_Contains(g.geom, p.geom)"
        ).fetchone()
    took = in_turn(ways, ROUNDS)
    if url is not None:
        connection.close()
    seconds = took["this project, all levels"]
    title = f"{corners} corners: "
    rows = [
        (title + name, f"{s:.2f}", f"{POINTS / s:,.0f}", f"{s / seconds:.1f} ×")
        for name, s in took.items()
    ]
    tree = shapely.STRtree(polygons)
    singles = _medians_us(
        {
            "bare tree": lambda lon, lat: tree.query(shapely.Point(lon, lat), predicate="intersects"),
            "this project": locator.locate,
            "this project before there is a raster": bare.locate,
        },
        lons[:SINGLES].tolist(), lats[:SINGLES].tolist(),
    )  # fmt: skip
    rows += [
        (
            f"{title}one position, {name}",
            f"{us:.1f}",
            f"{1e6 / us:,.0f}",
            f"{us / singles['bare tree']:.2f} × the tree",
        )
        for name, us in singles.items()
    ]
    rows.append(
        (f"{title}building the locator, its raster", f"{built:.2f} + {rastered:.2f} s", "", "")
    )
    return rows


def _ranked(grids: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Grids so that of several that hold a position the first is the answer, as documented of the locator."""
    sizes = np.rint(areas_m2(np.array([polygon for _, polygon in grids], dtype=object)))
    return [
        grid for _, grid in sorted(zip(sizes, grids, strict=True), key=lambda it: (it[0], it[1][0]))
    ]


def _loaded(url: str, polygons: Any, lons: Any, lats: Any) -> Any:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    tables = {
        "g": ("Geometry", shapely.to_wkb(polygons, hex=True)),
        "p": ("Point", shapely.to_wkb(shapely.points(lons, lats), hex=True)),
    }
    for table, (kind, shapes) in tables.items():
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, geom geometry({kind}))")
        with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for row in enumerate(shapes.tolist()):
                copy.write_row(row)
    connection.execute("CREATE INDEX ON g USING gist (geom)")
    connection.execute("VACUUM ANALYZE")
    return connection


def _timed(way: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    made = way()
    return time.process_time() - start, made


def _medians_us(
    ways: dict[str, Callable[[float, float], Any]], lons: list[float], lats: list[float]
) -> dict[str, float]:
    """Median microseconds of one question; the ways in turn, each over all positions so that none warms them for the next."""
    seen: dict[str, list[int]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            for lon, lat in zip(lons, lats, strict=True):
                start = time.perf_counter_ns()
                way(lon, lat)
                seen[name].append(time.perf_counter_ns() - start)
    return {name: statistics.median(taken) / 1000 for name, taken in seen.items()}
