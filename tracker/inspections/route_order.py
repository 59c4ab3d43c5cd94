"""Knows in which order the points of a round stand: a first order when it is drawn, a short one when asked for."""

from collections.abc import Sequence
from math import cos, hypot, radians

from gis import route
from gis.coordinates import LonLat
from gis.projection import DEGREE_M

#: Stops of one stretch where there are too many for one walk: thirty of these take about ten seconds.
_STRETCH = 100

#: (lon, lat) WGS-84 degrees, None for a point without a position.
Place = tuple[float, float] | None
_Metres = tuple[float, float]


def ordered(places: Sequence[tuple[str, Place]]) -> list[int]:
    """Indexes of `places` (community, place) in a first order, quickly: in each the nearest is next.

    Communities follow each other by how near they are, beginning in the north-west; points
    without a position come last in their community.
    """
    metres = _in_metres([place for _, place in places])
    groups: dict[str, list[int]] = {}
    for index, (community, _) in enumerate(places):
        groups.setdefault(community, []).append(index)
    here: _Metres | None = None
    found: list[int] = []
    while groups:
        key = min(groups, key=lambda code: (_nearest(groups[code], metres, here), code))
        members = groups.pop(key)
        placed = [(i, at) for i in members if (at := metres[i]) is not None]
        line = _nearest_next(placed, here)
        found += [i for i, _ in line] + [i for i in members if metres[i] is None]
        here = line[-1][1] if line else here
    return found


def shortest(places: Sequence[tuple[str, Place]]) -> list[int]:
    """Indexes of `places` along a short walk (gis.route), those without a position last.

    More than a walk may have are walked stretch by stretch of the first order, each from the end of
    the one before.
    """
    rough = ordered(places)
    placed = [i for i in rough if places[i][1] is not None]
    size = route.MOST_STOPS if len(placed) <= route.MOST_STOPS else _STRETCH
    here: LonLat | None = None
    found: list[int] = []
    for first in range(0, len(placed), size):
        part = placed[first : first + size]
        stops = [_lon_lat(places[i][1]) for i in part]
        found += [part[step] for step in route.walk(stops, start=here).order]
        here = _lon_lat(places[found[-1]][1])
    return found + [i for i in rough if places[i][1] is None]


def _lon_lat(place: Place) -> LonLat:
    assert place is not None
    return LonLat(*place)


def length_m(places: Sequence[Place]) -> float:
    """Metres along the places in their order, as the crow flies; those without a position left out."""
    return sum(route.legs_m([LonLat(*place) for place in places if place is not None]))


def _in_metres(places: Sequence[Place]) -> list[_Metres | None]:
    """Metres east and south of an origin; exact enough within a district."""
    known = [place for place in places if place is not None]
    if not known:
        return [None for _ in places]
    scale = cos(radians(sum(lat for _, lat in known) / len(known)))
    return [
        None if place is None else (place[0] * scale * DEGREE_M, -place[1] * DEGREE_M)
        for place in places
    ]


def _distance(a: _Metres, b: _Metres) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _nearest(members: list[int], metres: list[_Metres | None], here: _Metres | None) -> float:
    known = [at for i in members if (at := metres[i]) is not None]
    if not known:
        return float("inf")
    return min(_distance(at, here) if here else at[0] + at[1] for at in known)


def _nearest_next(
    placed: list[tuple[int, _Metres]], here: _Metres | None
) -> list[tuple[int, _Metres]]:
    left, found = list(placed), []
    while left:
        position = here
        nearest = min(
            left, key=lambda one: (_distance(one[1], position) if position else sum(one[1]), one[0])
        )
        left.remove(nearest)
        found.append(nearest)
        here = nearest[1]
    return found
