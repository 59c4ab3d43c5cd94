"""Knows what an address asks of a day's route: whose points, how many, how far, from where, in which order.

All of it stands in the address, so that list, map, print and file show the same; nothing is kept.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gis.coordinates import LonLat
from gis.errors import OutsideWorld
from gis.route import MOST_STOPS
from tracker.errors import Invalid
from tracker.texts import N_

#: `of` in an address: the points longest without a visit, also where there is a round.
DEBT = "debt"
USUAL_STOPS, MOST_KM = 20, 100
#: Decimals of a start: about a hundred metres, enough for an order and too coarse for a trace.
_START_DECIMALS = 3
_MOVES = ("up", "down", "skip", "add")


@dataclass(frozen=True)
class Asked:
    """A route as it is asked for; `order` are ids of points as put in order by hand or before."""

    #: "" the person's open rounds, else DEBT or the number of a round
    of: str = ""
    #: a community, for DEBT
    area: str = ""
    stops: int = USUAL_STOPS
    #: at most so many kilometres as the crow flies; None: all stops
    km: float | None = None
    start: LonLat | None = None
    closed: bool = False
    order: tuple[int, ...] | None = None

    @property
    def round_id(self) -> int | None:
        """The one round that is asked for."""
        return int(self.of) if self.of.isdecimal() else None

    def to_args(self) -> dict[str, str]:
        """Query-string arguments from which `read` makes an equal one."""
        found = {
            "of": self.of, "area": self.area, "n": "" if self.stops == USUAL_STOPS else str(self.stops),
            "km": "" if self.km is None else f"{self.km:g}",
            "at": f"{self.start.lon:.{_START_DECIMALS}f},{self.start.lat:.{_START_DECIMALS}f}" if self.start else "",
            "closed": "1" if self.closed else "",
        }  # fmt: skip
        if self.order is not None:
            found["order"] = ".".join(map(str, self.order))
        return {name: text for name, text in found.items() if text or name == "order"}

    def moved(self, args: Mapping[str, str]) -> "Asked | None":
        """The route after the one move that an address names, its order known; None if it names none.

        Raises Invalid for a move that is none.
        """
        order = list(self.order or ())
        if args.get("sort") == "1":
            return self
        for name in _MOVES:
            if name in args:
                return replace(self, order=tuple(_after(order, name, _identity(args[name]))))
        return None


def read(args: Mapping[str, str]) -> Asked:
    """What an address asks for. Raises Invalid, naming the field."""
    of = args.get("of", "")
    if of not in ("", DEBT):
        of = str(_identity(of))
    area = args.get("area", "")
    return Asked(
        of=of,
        area=area[:40] if area.isprintable() else "",
        stops=_count(args.get("n", "")),
        km=_kilometres(args.get("km", "")),
        start=_place(args.get("at", "")),
        closed=args.get("closed") == "1",
        order=_order(args["order"]) if "order" in args else None,
    )


def _after(order: list[int], move: str, stop: int) -> list[int]:
    """The order after one move; what cannot be moved stays."""
    if move == "add":
        return order if stop in order else [*order, stop]
    if stop not in order:
        return order
    at = order.index(stop)
    order.pop(at)
    if move != "skip":
        order.insert(max(at + (1 if move == "down" else -1), 0), stop)
    return order


def _identity(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(N_("路线地址中的编号无效，请从“今日检查路线”重新打开。"), field="order")
    return int(text)


def _count(text: str) -> int:
    if not text:
        return USUAL_STOPS
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
        raise Invalid(N_("点位数请填 1 到 %(most)d 的整数。"), field="n", most=MOST_STOPS)
    if int(text) > MOST_STOPS:
        raise _too_many()
    return int(text)


def _too_many() -> Invalid:
    return Invalid(N_("一条路线最多 %(most)d 个点位，请减少点位数，或分几条路线走。"), field="n", most=MOST_STOPS)  # fmt: skip


def _kilometres(text: str) -> float | None:
    if not text:
        return None
    try:
        km = float(text) if len(text) < 10 and text.isascii() else math.nan
    except ValueError:
        km = math.nan
    if not 0 < km <= MOST_KM:
        raise Invalid(
            N_("里程请填 0 到 %(most)d 公里之间的数，留空表示不限。"), field="km", most=MOST_KM
        )
    return km


def _place(text: str) -> LonLat | None:
    if not text:
        return None
    try:
        lon, lat = (round(float(part), _START_DECIMALS) for part in text[:40].split(","))
        return LonLat(lon, lat)
    except (ValueError, OutsideWorld) as error:
        raise Invalid(N_("出发位置无效，请重新定位，或不用我的位置。"), field="at") from error


def _order(text: str) -> tuple[int, ...]:
    if len(text) > MOST_STOPS * 10:
        raise _too_many()
    found = tuple(dict.fromkeys(_identity(part) for part in text.split(".") if part))
    if len(found) > MOST_STOPS:
        raise _too_many()
    return found
