"""Cells that no border crosses."""

import numpy as np
import shapely

from gis.raster import CROSSED, Raster


def held(polygons):
    """An answer as the raster wants one: which polygons hold each place."""

    def answer(lons, lats):
        return np.stack([shapely.intersects_xy(it, lons, lats) for it in polygons], axis=1).astype(
            int
        )

    return answer


def test_no_border_touches_a_whole_cell_and_most_cells_are_whole(councils):
    polygons = np.array([feature.polygon for feature in councils[:30]], dtype=object)
    raster = Raster.of_borders(polygons, held(polygons))
    whole = np.flatnonzero(raster.kinds != CROSSED)
    size = 1 / raster.lattice.scale
    lon, lat = raster.lattice.middles(whole)
    west, south = lon - size / 2, lat - size / 2
    borders = shapely.STRtree(shapely.get_parts(shapely.boundary(polygons)))
    boxes = shapely.box(west, south, west + size, south + size)
    assert borders.query(boxes, predicate="intersects").size == 0
    assert len(whole) > 0.9 * len(raster.kinds)
    # and what the raster says of them is so
    seen = held(polygons)(west + size, south + size)
    assert (raster.answers[raster.kinds[whole]] == seen).all()


def test_a_sliver_and_a_speck_cost_no_memory():
    sliver = shapely.Polygon([(0.0, 0.0), (90.0, 0.0), (90.0, 1e-12)])
    speck = shapely.box(1.0, 1.0, 1.0 + 1e-10, 1.0 + 1e-10)
    for polygon in (sliver, speck):
        raster = Raster.of_borders(np.array([polygon]), held([polygon]))
        assert len(raster.kinds) < 200_000
    assert Raster.of_borders(np.array([shapely.Polygon()]), held([])) is None
