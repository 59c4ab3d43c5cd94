"""Files of areas, written as offices and other software write them."""

import json
from pathlib import Path

import pytest
import shapely

#: Two neighbours inside the square of 三灶镇 of the small world, free of its communities.
WEST = shapely.box(113.34, 22.055, 113.365, 22.07)
EAST = shapely.box(113.365, 22.055, 113.39, 22.07)


@pytest.fixture
def geojson(tmp_path):
    """Write (properties, shapely geometry) pairs to a GeoJSON file."""

    def write(*features, name="areas.geojson") -> Path:
        path = tmp_path / name
        content = {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": properties,
                    "geometry": json.loads(shapely.to_geojson(polygon)) if polygon else None,
                }
                for properties, polygon in features
            ],
        }
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return path

    return write


@pytest.fixture
def table(tmp_path):
    """Write lines to a CSV file."""

    def write(*lines, name="areas.csv", encoding="utf-8") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines), encoding=encoding)
        return path

    return write
