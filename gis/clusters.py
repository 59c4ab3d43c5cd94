"""Know which points lie together: clusters by DBSCAN, and places where what was mended came back; in metres."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.coordinates import Floats

Indices = npt.NDArray[np.int64]
#: Above so many points positions are rounded to a tenth of the reach before neighbours are sought:
#: twenty thousand reports of one square would each list all others.
_EXACT = 3000
#: Pairs of neighbours that are compared at most for one kind.
_MOST_PAIRS = 4_000_000


@dataclass(frozen=True)
class Cluster:
    """Points that lie together."""

    members: Indices = field(repr=False)
    #: middle and radius, metres, of the smallest circle around them
    centre: tuple[float, float]
    radius_m: float
    #: corners of the convex hull, metres; fewer than three when they lie on a line or one place
    hull: Floats = field(repr=False)
    #: recurrence: how many of them came after one was closed
    again: int = 0


def clusters(places: Floats, *, within_m: float, least: int) -> list[Cluster]:
    """Return the DBSCAN clusters (metres), the largest first; a member's neighbourhood holds `least`.

    Of more than some thousand points each is first moved by at most a fourteenth of `within_m`.
    """
    if len(places) < least:
        return []
    from sklearn.cluster import DBSCAN

    step = 1.0 if len(places) <= _EXACT else within_m / 10
    spots, index, weights = np.unique(
        np.round(places / step) * step, axis=0, return_inverse=True, return_counts=True
    )
    labels = DBSCAN(eps=within_m, min_samples=least).fit(spots, sample_weight=weights).labels_
    labels = labels[index.ravel()]
    found = [
        _cluster(places, np.flatnonzero(labels == one)) for one in range(int(labels.max()) + 1)
    ]
    return sorted(found, key=lambda one: (-len(one.members), one.centre))


def recurring(
    places: Floats,
    kinds: Indices,
    reported: Floats,
    closed: Floats,
    earlier: Indices,
    *,
    within_m: float,
    within: float,
) -> list[Cluster]:
    """Return places where a closed problem was reported again, those with the most first.

    `reported` and `closed` are moments in one unit, `closed` NaN while open; `earlier` is the index of
    the problem that one was linked to as its recurrence, -1 for none. Without a link it is a recurrence
    when a problem of the same kind within `within_m` metres was closed at most `within` before it.
    """
    before, after = [], []
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        for first, second in _near_pairs(places, reported, members, within_m):
            waited = reported[second] - closed[first]
            again = (waited >= 0.0) & (waited <= within)
            before.append(first[again])
            after.append(second[again])
    linked = np.flatnonzero(earlier >= 0)
    before.append(earlier[linked])
    after.append(linked)
    return _joined(places, np.concatenate(before), np.concatenate(after))


def _near_pairs(places: Floats, reported: Floats, members: Indices, within_m: float) -> Any:
    """Pairs of near members both ways round; of a crowd the newest alone are compared."""
    from scipy.spatial import KDTree

    members = members[np.argsort(reported[members], kind="stable")]
    while len(members) > 1:
        tree = KDTree(places[members])
        if tree.count_neighbors(tree, within_m) <= _MOST_PAIRS:
            pairs = tree.query_pairs(within_m, output_type="ndarray")
            one, other = members[pairs[:, 0]], members[pairs[:, 1]]
            yield one, other
            yield other, one
            return
        members = members[len(members) // 2 :]


def _joined(places: Floats, before: Indices, after: Indices) -> list[Cluster]:
    """The places that pairs are joined to, with the number of recurrences at each."""
    if not len(before):
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    shape = (len(places), len(places))
    links = coo_array((np.ones(len(before)), (before, after)), shape=shape)
    _n, labels = connected_components(links, directed=False)
    came_back = np.unique(after)
    found = []
    for label in np.unique(labels[came_back]):
        again = int((labels[came_back] == label).sum())
        found.append(_cluster(places, np.flatnonzero(labels == label), again))
    return sorted(found, key=lambda one: (-one.again, -len(one.members), one.centre))


def _cluster(places: Floats, members: Indices, again: int = 0) -> Cluster:
    own = places[members]
    around = shapely.MultiPoint(own)
    circle = shapely.minimum_bounding_circle(around)
    # of one place there is no circle
    x, y = own[0] if circle.is_empty else shapely.get_coordinates(circle.centroid)[0]
    away = np.hypot(own[:, 0] - x, own[:, 1] - y)
    hull = around.convex_hull
    corners = shapely.get_coordinates(hull)[:-1] if hull.geom_type == "Polygon" else own[:0]
    return Cluster(members, (float(x), float(y)), float(away.max()), corners, again)
