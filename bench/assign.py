"""Which grid a million positions lie in: this project's locator against geopandas.sjoin, the same codes."""

from typing import Any

from shapely import points as shapely_points

from bench import wide
from bench.report import Section
from bench.timing import in_turn
from gis.grid import Locator

POINTS = 1_000_000
ROUNDS = 3


def measure() -> Section:
    """10,000 grids; the index of each is built once and not timed for ours, sjoin builds its own."""
    import geopandas

    made = wide.areas()
    lons, lats = wide.points(made, POINTS)
    locator = Locator.from_areas(made)
    grids = [(code, polygon) for code, level, polygon in made if level == "grid"]
    frame = geopandas.GeoDataFrame(
        {"code": [code for code, _ in grids]}, geometry=[polygon for _, polygon in grids], crs=4326
    )

    def plain() -> Any:
        places = geopandas.GeoDataFrame(geometry=shapely_points(lons, lats), crs=4326)
        return geopandas.sjoin(places, frame, predicate="within", how="left")

    joined = plain()["code"]
    ours = locator.locate_many(lons, lats)["grid"]
    first = joined[~joined.index.duplicated()]
    same = sum(a == b for a, b in zip(ours, first, strict=True) if a is not None and b == b)
    took = in_turn({"ours": lambda: locator.locate_many(lons, lats), "sjoin": plain}, ROUNDS)
    single = in_turn(
        {"one": lambda: [locator.locate(lons[n], lats[n]) for n in range(1000)]}, ROUNDS
    )
    rows = [
        ("geopandas.sjoin, within, grids only", f"{took['sjoin']:.2f}", f"{POINTS / took['sjoin']:,.0f}", "1.0 ×"),
        ("this project, community and grid at once", f"{took['ours']:.2f}", f"{POINTS / took['ours']:,.0f}", f"{took['sjoin'] / took['ours']:.1f} ×"),
        ("this project, one position at a time", f"{single['one'] * 1000:.2f}", f"{1000 / single['one']:,.0f}", ""),
    ]  # fmt: skip
    notes = [
        f"{POINTS:,} positions, {len(grids):,} grids, medians of {ROUNDS} rounds in turn; {same:,} codes are the same, the rest lies on a border.",
        "This project also answers district and community, and decides a shared border always the same way.",
    ]
    return Section(
        "Positions to grids", ("way", "s a million", "positions a second", "ratio"), rows, notes
    )
