"""Knows what a draw would give before it is saved: how many per site type and community."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.inspections import round_candidates, round_points, rounds, site_type_words
from tracker.inspections.round_candidates import Found
from tracker.inspections.round_given import RoundGiven
from tracker.inspections.round_models import Draw
from tracker.places.models import Area
from tracker.points.models import SiteType

#: More points than this are not offered for choosing by hand: narrow by type or community first.
MOST_OFFERED = 500


@dataclass(frozen=True)
class Preview:
    """A draw as two tables, and the points themselves by community (name, code, chosen)."""

    drawn: int
    of: int
    by_site_type: list[tuple[str, int, int]]
    by_community: list[tuple[str, int, int]]
    #: what can be chosen by hand; empty where nothing is chosen so
    offered: dict[str, list[Found]]
    chosen: frozenset[str]
    #: points that were not offered because there are too many
    unoffered: int = 0


def of(session: Session, given: RoundGiven, *, actor: Actor) -> Preview:
    """What `rounds.plan` would draw now. Raises Invalid, NotPermitted as it does."""
    now = clock.now()
    draft = rounds.drafted(session, given, actor=actor, uuid="", at=now)
    everything = round_candidates.all_of(session, draft, actor)
    drawn = round_points.drawn(session, draft, actor=actor, now=now, by_hand=given.point_codes)
    names = _names(session, everything.values())
    types, places = _type_names(session), {**names, "": "—"}
    offered: dict[str, list[Found]] = {}
    fitting = _fitting(given, everything) if given.draw is Draw.BY_HAND else []
    for one in fitting[:MOST_OFFERED]:
        offered.setdefault(places.get(one.candidate.community, ""), []).append(one)
    return Preview(
        drawn=len(drawn),
        of=len(everything),
        by_site_type=_counts(everything.values(), drawn, types, by="site_type"),
        by_community=_counts(everything.values(), drawn, places, by="community"),
        offered=offered,
        chosen=frozenset(given.point_codes),
        unoffered=max(len(fitting) - MOST_OFFERED, 0),
    )


def _fitting(given: RoundGiven, everything: dict[str, Found]) -> list[Found]:
    wanted = given.options
    return [
        one
        for _, one in sorted(
            everything.items(), key=lambda pair: (pair[1].candidate.community, pair[0])
        )
        if (not wanted.site_types or one.candidate.site_type in wanted.site_types)
        and (not wanted.communities or one.candidate.community in wanted.communities)
    ]


def _counts(
    everything: Collection[Found], drawn: Sequence[Found], names: dict[str, str], *, by: str
) -> list[tuple[str, int, int]]:
    """(name, drawn, of) for every value that occurs, in the order of the names' table."""
    totals: dict[str, int] = {}
    for one in everything:
        key = getattr(one.candidate, by)
        totals[key] = totals.get(key, 0) + 1
    found: dict[str, int] = {}
    for one in drawn:
        key = getattr(one.candidate, by)
        found[key] = found.get(key, 0) + 1
    order = {key: place for place, key in enumerate(names)}
    keys = sorted(totals, key=lambda key: (order.get(key, len(order)), key))
    return [(names.get(key, key), found.get(key, 0), totals[key]) for key in keys]


def _names(session: Session, everything: Collection[Found]) -> dict[str, str]:
    codes = sorted({one.candidate.community for one in everything} - {""})
    rows = session.execute(
        select(Area.code, Area.name).where(Area.code.in_(codes)).order_by(Area.code)
    )
    return {code: name for code, name in rows}  # noqa: C416 - rows are not pairs to dict()


def _type_names(session: Session) -> dict[str, str]:
    rows = session.execute(
        select(SiteType.code, site_type_words.column(SiteType)).order_by(SiteType.sort)
    )
    return {code: name for code, name in rows}  # noqa: C416 - rows are not pairs to dict()
