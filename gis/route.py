"""Know a short order in which to walk to places: found by a solver, measured as the crow flies.

Importing the solver takes about 0.2 s and 20 MB, so it is imported by the first call and not before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.coordinates import Floats, LonLat
from gis.errors import TooManyStops
from gis.projection import straight_m

#: A walk has no more stops: the time of the search grows with the third power (200 take about a second).
MOST_STOPS = 200
#: How much longer streets are than straight lines: an assumption for times, never in a distance.
DETOUR = 1.3
#: A brisk walk on pavements, kilometres an hour: an assumption as well.
WALKING_KMH = 4.0
#: Starts from which the search is repeated, fewer where it takes long: the budget of steps is shared.
_MOST_TRIES, _BUDGET = 8, 10_000
#: The solver holds the interpreter's lock, so it is asked for a few steps at a time and other threads
#: go on in between: counted in steps, not in time, so that the same walk comes out again.
_STEPS_AT_ONCE = 5

_Matrix = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Walk:
    """`order` are indexes of the places in walking order, `left` those that did not fit, ascending."""

    order: tuple[int, ...]
    left: tuple[int, ...]


def walk(
    places: Sequence[LonLat],
    *,
    start: LonLat | None = None,
    closed: bool = False,
    most_m: float | None = None,
) -> Walk:
    """Return a short walk to all places (WGS-84); the same places give the same walk every time.

    It begins at `start`, where one is given and not itself a stop, else at whichever place suits, and
    comes back to its beginning when `closed`. Without `most_m` it holds every place and is never longer
    than going to the nearest next; with it, as many places as were found within so many metres.
    Metres are straight lines. Up to a dozen places the walk without `most_m` is the shortest there is.
    Raises TooManyStops beyond MOST_STOPS; a LonLat is never NaN or off the earth.
    """
    if len(places) > MOST_STOPS:
        raise TooManyStops(
            f"{len(places)} stops; a walk has at most {MOST_STOPS}.", most=MOST_STOPS
        )
    if not places:
        return Walk((), ())
    legs = _Legs.between(places, start, closed=closed)
    if len(places) == 1 and most_m is None:
        return Walk((0,), ())
    best = min(_found(legs, most_m), key=lambda order: (-len(order), legs.length(order)))
    order = [stop - legs.first for stop in legs.whole(best)]
    if start is None and not closed and order and order[0] > order[-1]:
        order.reverse()
    return Walk(tuple(order), tuple(sorted(set(range(len(places))) - set(order))))


def legs_m(
    places: Sequence[LonLat], *, start: LonLat | None = None, closed: bool = False
) -> list[float]:
    """Return the straight metres to each place in turn, from `start` or from the first place (then 0).

    One more than there are places when `closed`: the way back to the beginning.
    """
    if not places:
        return []
    line = [start or places[0], *places]
    if closed:
        line.append(line[0])
    at = _degrees(line)
    return [float(metres) for metres in straight_m(at[:-1], at[1:])]


def walking_minutes(metres: float) -> float:
    """Return the minutes on foot for so many straight metres, by WALKING_KMH and DETOUR."""
    return metres * DETOUR / (WALKING_KMH * 1000) * 60


def _degrees(places: Sequence[LonLat]) -> Floats:
    return np.array([(one.lon, one.lat) for one in places], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Legs:
    """Centimetres between nodes: the start where there is one, then the places.

    `depot` begins and ends every route of the solver. In an open walk without a start it is one
    more node, as near to everything as to itself.
    """

    matrix: _Matrix
    depot: int
    #: node of places[0]
    first: int

    @classmethod
    def between(cls, places: Sequence[LonLat], start: LonLat | None, *, closed: bool) -> "_Legs":
        nodes = [start, *places] if start else list(places)
        at = _degrees(nodes)
        metres = straight_m(at[:, None], at[None, :])
        # upwards: what fits by the solver's whole numbers also fits in truth
        matrix = np.ceil(metres * 100).astype(np.int64)
        if start is None and not closed:
            return cls(np.pad(matrix, (0, 1)), len(nodes), 0)
        if not closed:
            matrix[:, 0] = 0
        return cls(matrix, 0, 1 if start else 0)

    @property
    def stops(self) -> list[int]:
        return [node for node in range(len(self.matrix)) if node != self.depot]

    def length(self, order: Sequence[int]) -> int:
        line = [self.depot, *order, self.depot]
        return int(self.matrix[line[:-1], line[1:]].sum())

    def whole(self, order: Sequence[int]) -> list[int]:
        """The order with the depot at its head, where that is one of the places (a round trip)."""
        return [self.depot, *order] if self.depot == self.first == 0 else list(order)

    def nearest_next(self, begin: int | None, most: int | None) -> list[int]:
        """From the depot to `begin`, or the nearest, then always the nearest, as far as `most` allows."""
        left = self.stops
        order: list[int] = []
        here, gone = self.depot, 0
        while left:
            there = begin if begin is not None and not order else None
            there = min(left, key=lambda stop: (self.matrix[here, stop], stop)) if there is None else there  # fmt: skip
            gone += int(self.matrix[here, there])
            if most is not None and gone + self.matrix[there, self.depot] > most:
                break
            left.remove(there)
            order.append(there)
            here = there
        return order


def _found(legs: _Legs, most_m: float | None) -> Iterator[list[int]]:
    """The nearest-next walk, and what the solver makes of it and of others that begin elsewhere."""
    most = None if most_m is None else int(most_m * 100)
    plain = legs.nearest_next(None, most)
    yield plain
    stops = legs.stops
    if not stops:
        return
    tries = max(1, min(_MOST_TRIES, len(stops), _BUDGET // len(stops) ** 2))
    begins = [None, *(stops[turn * len(stops) // tries] for turn in range(1, tries))]
    search = _Search(legs, most)
    for begin in begins:
        if (better := search.from_(legs.nearest_next(begin, most))) is not None:
            yield better


class _Search:
    """OR-Tools: a routing model of one walker, improved step by step until no step helps."""

    def __init__(self, legs: _Legs, most: int | None) -> None:
        from ortools.constraint_solver import pywrapcp
        from ortools.util.optional_boolean_pb2 import BOOL_TRUE

        self._manager: Any = pywrapcp.RoutingIndexManager(len(legs.matrix), 1, legs.depot)
        self._model: Any = pywrapcp.RoutingModel(self._manager)
        cost = self._model.RegisterTransitMatrix(legs.matrix.tolist())
        self._model.SetArcCostEvaluatorOfAllVehicles(cost)
        if most is not None:
            self._model.AddDimension(cost, 0, most, True, "length")
            # leaving a place out is dearer than any way to it
            penalty = int(legs.matrix.max()) * (len(legs.matrix) + 1) + 1
            for stop in legs.stops:
                self._model.AddDisjunction([self._manager.NodeToIndex(stop)], penalty)
        self._parameters: Any = pywrapcp.DefaultRoutingSearchParameters()
        self._parameters.solution_limit = _STEPS_AT_ONCE
        # stretches of a dozen stops are put in their best order, so short walks are the shortest
        self._parameters.local_search_operators.use_tsp_opt = BOOL_TRUE
        self._model.CloseModelWithParameters(self._parameters)

    def from_(self, order: Sequence[int]) -> list[int] | None:
        """A walk that no step of the search shortens, reached from `order`; None if it cannot be read."""
        begun = self._model.ReadAssignmentFromRoutes([list(order)], True)
        best = None
        while begun is not None:
            found = self._model.SolveFromAssignmentWithParameters(begun, self._parameters)
            if not found or (best is not None and found.ObjectiveValue() >= best):
                break
            begun, best = found, found.ObjectiveValue()
        return None if best is None else self._read(begun)

    def _read(self, found: Any) -> list[int]:
        order: list[int] = []
        index = self._model.Start(0)
        while True:
            index = found.Value(self._model.NextVar(index))
            if self._model.IsEnd(index):
                return order
            order.append(int(self._manager.IndexToNode(index)))
