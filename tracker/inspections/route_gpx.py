"""Writes routes as GPX 1.1 for navigation devices: a way-point and a route point for each stop, WGS-84."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response


@dataclass(frozen=True)
class GpxStop:
    """One stop of the file, in the order of the route; `lon`, `lat` in WGS-84 degrees."""

    name: str
    code: str
    lon: float
    lat: float


def answer(title: str, stops: Iterable[GpxStop], *, filename: str) -> Response:
    """The file as a download; `filename` in ASCII without its ending."""
    response = Response(written(title, stops), content_type="application/gpx+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.gpx"'
    return response


def written(title: str, stops: Iterable[GpxStop]) -> str:
    """The text of the file; characters that XML cannot hold are taken out of the words."""
    from gpxpy import gpx

    file = gpx.GPX()
    file.creator = "civic-grid-tracker"
    file.name = _plain(title)
    line = gpx.GPXRoute(name=_plain(title))
    for stop in stops:
        name, code = _plain(stop.name), _plain(stop.code)
        lon, lat = round(stop.lon, 6), round(stop.lat, 6)
        file.waypoints.append(gpx.GPXWaypoint(lat, lon, name=name, description=code))
        line.points.append(gpx.GPXRoutePoint(lat, lon, name=name, description=code))
    file.routes.append(line)
    text: str = file.to_xml(version="1.1")
    return text


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
