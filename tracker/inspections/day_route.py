"""Knows a person's route of a day: its stops in walking order, their distances, what was left out.

Distances are straight lines; only an estimate of time allows for detours (gis.route).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from gis import route
from gis.coordinates import LonLat
from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.inspections import day_points, round_queries
from tracker.inspections.day_asked import DEBT, Asked
from tracker.inspections.day_points import Stop
from tracker.texts import N_
from tracker.web import crowding


@dataclass(frozen=True)
class DayRoute:
    """What was asked for, answered; `asked` has the order in it, so its address shows the same again."""

    asked: Asked
    stops: Sequence[Stop]
    #: straight metres to each stop, the way back last where it is a round trip
    legs: Sequence[float]
    #: to be visited and not on the route: for lack of room, or taken out by hand
    left: Sequence[Stop]
    #: of those, how many have no position and so cannot be on it
    unplaced: int
    #: whether the points come from rounds, or are those longest without a visit
    of_rounds: bool

    @property
    def metres(self) -> float:
        """Of the whole route, straight."""
        return sum(self.legs)

    @property
    def minutes(self) -> float:
        """On foot, without the time at the stops."""
        return route.walking_minutes(self.metres)


def of(session: Session, actor: Actor, asked: Asked, now: datetime) -> DayRoute:
    """The route that is asked for; the solver is only asked where no order is given.

    Raises NotFound for a foreign round, Busy.
    """
    found, of_rounds = _to_visit(session, actor, asked, now)
    placed = [stop for stop in found if stop.place]
    if asked.order is None:
        stops = _solved(_first(placed, asked), asked)
    else:
        stops = [s for s in day_points.by_ids(session, actor, asked.order, now) if s.place]
    on_it = {stop.id for stop in stops}
    return DayRoute(
        asked=replace(asked, order=tuple(stop.id for stop in stops)),
        stops=stops,
        legs=route.legs_m(_places(stops), start=asked.start, closed=asked.closed),
        left=[stop for stop in placed if stop.id not in on_it],
        unplaced=len(found) - len(placed),
        of_rounds=of_rounds,
    )  # fmt: skip


def sorted_anew(session: Session, actor: Actor, asked: Asked, now: datetime) -> Asked:
    """The same stops in the order that the solver finds."""
    stops = [s for s in day_points.by_ids(session, actor, asked.order or (), now) if s.place]
    order = _solved(stops, replace(asked, km=None))
    return replace(asked, order=tuple(stop.id for stop in order))


def _to_visit(
    session: Session, actor: Actor, asked: Asked, now: datetime
) -> tuple[list[Stop], bool]:
    """What is to be visited, and whether rounds say so; without any round, what owes the most."""
    if asked.round_id is not None:
        round_ = round_queries.find(session, asked.round_id, actor)
        return day_points.of_rounds(session, actor, round_.id, now), True
    if asked.of != DEBT:
        found = day_points.of_rounds(session, actor, None, now)
        if found:
            return found, True
    return day_points.longest_unvisited(session, actor, asked.area, asked.stops, now), False


def _first(placed: list[Stop], asked: Asked) -> list[Stop]:
    """As many as are wanted: the nearest to the start, without one the first of the rounds' order."""
    if asked.start is None or len(placed) <= asked.stops:
        return placed[: asked.stops]
    start = asked.start
    metres = {stop.id: route.legs_m([place], start=start)[0] for stop in placed if (place := stop.place)}  # fmt: skip
    near = sorted(placed, key=lambda stop: (metres[stop.id], stop.id))
    return near[: asked.stops]


def _solved(stops: list[Stop], asked: Asked) -> list[Stop]:
    most_m = None if asked.km is None else asked.km * 1000
    with crowding.a_place():
        found = route.walk(_places(stops), start=asked.start, closed=asked.closed, most_m=most_m)
    return [stops[index] for index in found.order]


def _places(stops: Sequence[Stop]) -> list[LonLat]:
    return [place for stop in stops if (place := stop.place)]


def demand_stops(found: DayRoute) -> None:
    """Raise Invalid for a route with nothing on it: there is nothing to print or to take along."""
    if not found.stops:
        raise Invalid(N_("路线上没有点位，请先在“今日检查路线”里排好。"), field="order")
