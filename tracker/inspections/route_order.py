"""Knows in which order points are visited: community by community, each the nearest next, then untangled."""

from collections.abc import Sequence
from math import cos, hypot, radians

#: Metres in one degree of latitude.
_DEGREE_M = 111_320.0
#: More points in one community are not untangled: the gain is small, the work grows with the square.
_MOST_UNTANGLED = 120
_PASSES = 12

#: (lon, lat) WGS-84 degrees, None for a point without a position.
Place = tuple[float, float] | None
_Metres = tuple[float, float]


def ordered(places: Sequence[tuple[str, Place]]) -> list[int]:
    """Indexes of `places` (community, place) in the order of a route.

    Communities follow each other by how near they are, beginning in the north-west; points
    without a position come last in their community.
    """
    metres = _in_metres([place for _, place in places])
    groups: dict[str, list[int]] = {}
    for index, (community, _) in enumerate(places):
        groups.setdefault(community, []).append(index)
    here: _Metres | None = None
    route: list[int] = []
    while groups:
        key = min(groups, key=lambda code: (_nearest(groups[code], metres, here), code))
        members = groups.pop(key)
        placed = [(i, at) for i in members if (at := metres[i]) is not None]
        found = _untangled(_nearest_next(placed, here), here)
        route += [i for i, _ in found] + [i for i in members if metres[i] is None]
        here = found[-1][1] if found else here
    return route


def length_m(places: Sequence[Place]) -> float:
    """Metres along the places in their order, as the crow flies; those without a position left out."""
    known = [one for one in _in_metres(places) if one is not None]
    return sum(_distance(a, b) for a, b in zip(known, known[1:], strict=False))


def _in_metres(places: Sequence[Place]) -> list[_Metres | None]:
    """Metres east and south of an origin; exact enough within a district."""
    known = [place for place in places if place is not None]
    if not known:
        return [None for _ in places]
    scale = cos(radians(sum(lat for _, lat in known) / len(known)))
    return [
        None if place is None else (place[0] * scale * _DEGREE_M, -place[1] * _DEGREE_M)
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


def _untangled(route: list[tuple[int, _Metres]], here: _Metres | None) -> list[tuple[int, _Metres]]:
    """2-opt: turn a stretch around wherever that shortens the way; the first point stays."""
    if len(route) > _MOST_UNTANGLED:
        return route
    stops = list(route)
    for _ in range(_PASSES):
        if not _improve(stops, here):
            break
    return stops


def _improve(stops: list[tuple[int, _Metres]], here: _Metres | None) -> bool:
    better = False
    count = len(stops)
    for first in range(0 if here else 1, count - 1):
        before = stops[first - 1][1] if first else here
        for last in range(first + 1, count):
            after = stops[last + 1][1] if last + 1 < count else None
            if _gain(before, stops[first][1], stops[last][1], after) > 1e-6:
                stops[first : last + 1] = stops[first : last + 1][::-1]
                better = True
    return better


def _gain(before: _Metres | None, first: _Metres, last: _Metres, after: _Metres | None) -> float:
    """Metres saved by going from `before` to `last` … `first` to `after`."""
    saved = (_distance(before, first) - _distance(before, last)) if before else 0.0
    return saved + ((_distance(last, after) - _distance(first, after)) if after else 0.0)
