"""Knows what is asked of the analysis of hot spots: an area, a method, its length, as the address bar says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.errors import Invalid
from tracker.maps.queries import visible_area
from tracker.places.models import Area
from tracker.progress.chosen import Chosen, from_request
from tracker.progress.scope import roots
from tracker.tasks.lifecycle import RECURRENCE_WITHIN_M
from tracker.texts import N_
from tracker.web.arguments import one_of


class Method(StrEnum):
    """How hot spots are looked for."""

    DENSITY = "density"  #: 哪里密集: reports per square kilometre
    GI = "gi"  #: 明显偏多: Getis-Ord Gi* of hexagons
    CLUSTER = "cluster"  #: 成片多发: DBSCAN
    RECURRENCE = "recurrence"  #: 反复发生: closed, and reported again


METHOD_LABELS = {
    Method.DENSITY: N_("哪里密集"),
    Method.GI: N_("明显偏多"),
    Method.CLUSTER: N_("成片多发"),
    Method.RECURRENCE: N_("反复发生"),
}
#: What a specialist calls the method.
METHOD_NAMES = {
    Method.DENSITY: N_("核密度"),
    Method.GI: "Gi*",
    Method.CLUSTER: "DBSCAN",
    Method.RECURRENCE: "",
}
#: Metres that may be chosen: of a hexagon, or the reach of a cluster.
SIZES: dict[Method, tuple[int, ...]] = {
    Method.DENSITY: (100, 200, 500, 1000),
    Method.GI: (100, 200, 500, 1000),
    Method.CLUSTER: (50, 100, 200),
    Method.RECURRENCE: (int(RECURRENCE_WITHIN_M),),
}
#: What is chosen when nothing is said.
USUAL = {
    Method.DENSITY: 200, Method.GI: 200, Method.CLUSTER: 100, Method.RECURRENCE: SIZES[Method.RECURRENCE][0],
}  # fmt: skip
#: Reports that make a cluster at least.
LEAST = 5


@dataclass(frozen=True)
class Wanted:
    """One analysis; `to_args` makes the address of an equal one."""

    chosen: Chosen
    #: None where the actor sees no area at all
    area: Area | None
    method: Method
    size_m: int
    #: Gi* of reports per visit instead of reports
    per_visit: bool = False

    def to_args(self, **changed: Any) -> dict[str, Any]:
        """Query-string arguments; a method of another kind loses the length."""
        args: dict[str, Any] = dict(self.chosen.to_args())
        args["area"] = self.area.code if self.area else None
        args["method"] = changed.get("method", self.method)
        if args["method"] == self.method and self.size_m != USUAL[self.method]:
            args["size"] = self.size_m
        if args["method"] == Method.GI and self.per_visit:
            args["by"] = "visits"
        return {name: value for name, value in args.items() if value}


def read(session: Session, args: Mapping[str, Any], actor: Actor, at: datetime) -> Wanted:
    """What an address asks for. Raises Invalid with the argument's name, NotFound for a foreign area."""
    chosen = from_request(args, at)
    code = args.get("area", "")
    own = [] if code else roots(session, actor)
    area = visible_area(session, code[:40], actor) if code else (own[0] if own else None)
    method = one_of(args, "method", Method, Method.DENSITY)
    size = one_of(args, "size", int, USUAL[method])
    if size not in SIZES[method]:
        raise Invalid(N_("请从列出的距离中选择。"), field="size")
    by = args.get("by", "")
    if by not in ("", "visits"):
        raise Invalid(N_("请从列出的统计办法中选择。"), field="by")
    return Wanted(chosen, area, method, size, per_visit=method is Method.GI and by == "visits")
