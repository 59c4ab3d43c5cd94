"""Vector tiles say the same to three readers that know nothing of each other, and of how we write them."""

import base64
import os
import shutil
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, Route
from shapely.geometry import LineString, MultiPolygon, Polygon, box, shape
from shapely.geometry.polygon import orient

from gis.cells import box_of, encode, offsets, tile_range
from gis.tiles import EXTENT, Shape, Words, point_layer, shape_layer

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)

STATIC = Path(__file__).resolve().parents[2] / "static"
WORDS = ("", "整改中", "a", 'quoted "word"', "x" * 200)
#: id, x, y, number, words
Row = tuple[int, int, int, int, str]

ROWS = st.lists(
    st.tuples(
        st.integers(0, 2**53 - 1),
        st.integers(-EXTENT, 2 * EXTENT),
        st.integers(-EXTENT, 2 * EXTENT),
        st.integers(0, 300) | st.integers(0, 2**53 - 1),
        st.sampled_from(WORDS),
    ),
    max_size=60,
)


def layer_of(rows: list[Row], name: str = "tasks") -> bytes:
    ids, x, y, counts, words = zip(*rows, strict=True) if rows else [()] * 5
    codes = np.array([WORDS.index(word) for word in words], np.uint8)
    numbers = np.array(counts, np.int64)
    attributes: dict[str, Any] = {"number": numbers, "words": Words(codes, WORDS)}
    return point_layer(name, x, y, ids=ids, attributes=attributes)


def many(count: int) -> list[Row]:
    """As many rows as a full tile has, of all sizes."""
    chance = np.random.default_rng(count)
    columns = (
        chance.integers(0, 2 ** chance.integers(1, 53, count)),
        chance.integers(-500, EXTENT + 500, count),
        chance.integers(-500, EXTENT + 500, count),
        chance.integers(0, 2**31, count),
        chance.integers(0, len(WORDS), count),
    )
    return [
        (*numbers, WORDS[word])
        for *numbers, word in zip(*map(np.ndarray.tolist, columns), strict=True)
    ]


def read_by_python(tile: bytes, layer: str = "tasks") -> list[Row]:
    found = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return [
        (one["id"], *one["geometry"]["coordinates"], one["properties"]["number"], one["properties"]["words"])
        for one in found[layer]["features"]
    ]  # fmt: skip


def read_by_gdal(tile: bytes, folder: Path) -> list[Row]:
    file = folder / "tile.mvt"
    file.write_bytes(tile)
    # it leaves out what lies outside the tile unless told otherwise, and turns y upwards
    found = pyogrio.read_dataframe(file, layer="tasks", CLIP="NO")
    return [
        (int(row.mvt_id), round(row.geometry.x), round(EXTENT - row.geometry.y), int(row.number), row.words)
        for row in found.itertuples()
    ]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_a_tile_is_read_as_it_was_meant(rows: list[Row]) -> None:
    assert read_by_python(layer_of(rows)) == rows


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS)
def test_gdal_reads_the_same(tmp_path: Path, rows: list[Row]) -> None:
    assert read_by_gdal(layer_of(rows), tmp_path) == rows


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": program, "args": ["--no-sandbox"]}


READ = """async ([tiles]) => {
  const { VectorTile } = await import('/vendor/vector-tile/vector-tile.js');
  const { PbfReader } = await import('/vendor/pbf/pbf.js');
  return tiles.map((text) => {
    const { layers } = new VectorTile(new PbfReader(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))));
    const found = {};
    for (const layer of Object.values(layers)) {
      found[layer.name] = Array.from({ length: layer.length }, (_, index) => {
        const one = layer.feature(index);
        return { id: one.id, type: one.type, properties: { ...one.properties }, lines: one.loadGeometry().map((line) => line.map(({ x, y }) => [x, y])) };
      });
    }
    return found;
  });
}"""


def read_by_chromium(page: Page, *tiles: bytes) -> list[dict[str, Any]]:
    def serve(route: Route) -> None:
        path = STATIC / route.request.url.removeprefix("http://tiles.test/")
        if path.suffix == ".js":
            route.fulfill(body=path.read_text("utf-8"), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route("http://tiles.test/**", serve)
    page.goto("http://tiles.test/")
    found: list[dict[str, Any]] = page.evaluate(
        READ, [[base64.b64encode(tile).decode() for tile in tiles]]
    )
    return found


def test_a_full_tile_is_read_alike_by_python_gdal_and_the_browser(
    page: Page, tmp_path: Path
) -> None:
    tables = [many(count) for count in (0, 1, 2, 300, 5000)]
    in_browser = read_by_chromium(page, *map(layer_of, tables))
    for rows, tile, shown in zip(tables, map(layer_of, tables), in_browser, strict=True):
        assert read_by_python(tile) == rows
        assert read_by_gdal(tile, tmp_path) == rows
        assert [
            (one["id"], *one["lines"][0][0], one["properties"]["number"], one["properties"]["words"])
            for one in shown.get("tasks", [])
        ] == rows  # fmt: skip


def test_several_layers_follow_each_other() -> None:
    tile = layer_of(many(3)) + layer_of(many(5), "cells")
    assert {name: len(one["features"]) for name, one in mapbox_vector_tile.decode(tile).items()} == {
        "tasks": 3, "cells": 5,
    }  # fmt: skip


def test_words_of_one_length_are_read_whether_listed_or_as_bytes() -> None:
    numbers = [f"JW-20261122-{serial:04d}" for serial in range(300)]
    tables: list[Any] = [numbers, np.array(numbers, np.bytes_)]
    tiles = {
        point_layer("tasks", [1] * 300, [2] * 300, ids=range(300), attributes={"words": Words(np.arange(300), table)})
        for table in tables
    }  # fmt: skip
    [tile] = tiles
    found = mapbox_vector_tile.decode(tile)["tasks"]["features"]
    assert [one["properties"]["words"] for one in found] == numbers


def test_columns_of_other_lengths_and_numbers_below_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        point_layer("tasks", [1], [2, 3], ids=[1])
    with pytest.raises(ValueError, match="from 0 up"):
        point_layer("tasks", [1], [2], ids=[1], attributes={"due": np.array([-1])})


HOLED = Polygon(
    [(0, 0), (0, 100), (100, 100), (100, 0)], [[(20, 20), (40, 20), (40, 40), (20, 40)]]
)
DRAWN = [
    Shape(7, orient(HOLED, 1.0), {"code": "440404", "level": 2}),
    Shape(8, orient(HOLED, -1.0), {"code": "金湾", "level": 2}),
    Shape(9, MultiPolygon([box(-64, -64, 10, 10), box(200, 200, 4160, 4160)]), {"code": ""}),
    Shape(10, LineString([(0, 0), (5, 5), (5, 5.2), (-9, 60)]), {"code": "segment"}),
    Shape(11, box(5.1, 5.1, 5.3, 5.3), {"code": "less than a unit"}),
]


def test_shapes_are_read_as_they_were_drawn_with_their_holes(page: Page) -> None:
    tile = shape_layer("areas", DRAWN)
    found = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})["areas"]
    drawn = {one["id"]: one for one in found["features"]}
    assert list(drawn) == [7, 8, 9, 10]
    assert drawn[7]["properties"] == {"code": "440404", "level": 2}
    for one in DRAWN[:3]:
        assert shape(drawn[one.id]["geometry"]).equals(one.geometry)
    assert drawn[10]["geometry"]["coordinates"] == [[0, 0], [5, 5], [-9, 60]]
    [shown] = read_by_chromium(page, tile)
    assert [(one["id"], one["type"], len(one["lines"])) for one in shown["areas"]] == [
        (7, 3, 2), (8, 3, 2), (9, 3, 2), (10, 2, 1),
    ]  # fmt: skip
    assert mapbox_vector_tile.decode(shape_layer("areas", []))["areas"]["features"] == []


@given(st.integers(0, 22), st.floats(-179, 179), st.floats(-84, 84))
def test_a_position_lies_in_its_tile_where_the_tile_says(z: int, lon: float, lat: float) -> None:
    cell = encode(np.array([lon]), np.array([lat]))
    key = int(cell[0]) >> 2 * (31 - z)
    x, y = (sum((key >> 2 * bit + axis & 1) << bit for bit in range(z)) for axis in (0, 1))
    assert tile_range(z, x, y)[0] <= cell[0] <= tile_range(z, x, y)[1]
    west, south, east, north = box_of(z, x, y)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    right, down = offsets(cell, z, x, y, extent=EXTENT)
    assert 0 <= right[0] < EXTENT
    assert 0 <= down[0] < EXTENT
    # below zoom 19 a cell is wider than a unit of the tile
    coarse = 1.1 * 2 ** max(0, z - 19)
    assert (lon - west) / (east - west) * EXTENT == pytest.approx(right[0], abs=coarse)
