"""Knows the figures of the district's map and of the table beside it: both are told them once, in one piece."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.maps import queries, shading
from tracker.maps.queries import CommunityCount
from tracker.tasks.filters import TaskFilter
from tracker.web.filters import number


def told(
    session: Session, actor: Actor, wanted: TaskFilter, communities: Sequence[Any]
) -> dict[str, Any]:
    """Open, overdue and due soon by community, and the classes of the first two.

    `communities` are queries.community_rows; one that never had a task has no data.
    """
    codes = [row.code for row in communities]
    found = queries.counts_by_community(session, actor, wanted, codes, clock.now())
    counts = {code: found.get(code, CommunityCount()) for code in codes}
    quiet = [code for code, count in counts.items() if not count.open]
    without = set(quiet) - queries.recorded(session, quiet)
    figures = {
        code: None if code in without else [count.open, count.overdue, count.due_soon]
        for code, count in counts.items()
    }
    outside = found.get(None, CommunityCount()).open
    known = [figure for figure in figures.values() if figure is not None]
    shades = {
        name: [
            shade.for_script(number) for shade in shading.rising([one[n] for one in known], ramp)
        ]
        for n, (name, ramp) in enumerate((("open", shading.BLUES), ("overdue", shading.REDS)))
    }
    return {"communities": figures, "outside": outside, "shades": shades}


def by_town(
    communities: Sequence[Any], names: Mapping[str, str], figures: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The towns in the order of their communities: name, the three sums, and the communities for the script."""
    towns: dict[str, dict[str, Any]] = {}
    for row in communities:
        town = towns.setdefault(
            row.parent_code or "",
            {"code": row.parent_code or "", "name": names.get(row.parent_code, ""),
             "sums": [0, 0, 0], "communities": []},
        )  # fmt: skip
        town["communities"].append([row.code, row.name, *([1] if row.is_pilot else [])])
        for n, value in enumerate(figures[row.code] or ()):
            town["sums"][n] += value
    return list(towns.values())


def texts() -> dict[str, str]:
    """Words of the table; {…} is filled in by the script."""
    return {
        "pilot": _("试点"),
        "more": _("再显示 {n} 项"),
        "none_found": _("没有名称相符的社区。"),
    }
