"""The boards: how an area or a unit stands, fit for the role of the person who looks."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.clock import in_city
from tracker.maps.queries import visible_codes
from tracker.places.models import LEVEL_LABELS, Area, Level
from tracker.places.queries import ancestors
from tracker.progress import board_figures, board_scope, board_tables, holders, periods
from tracker.progress.board_parts import Part, boards_of
from tracker.progress.board_scope import Scope
from tracker.progress.chosen import Chosen
from tracker.progress.review_choices import panel
from tracker.progress.trend import Trend, trend
from tracker.storage.db import db
from tracker.web.forgiving import forgiving
from tracker.web.map_answers import settings_block, static_url


@requires(Permission.PROGRESS_VIEW)
@forgiving
def index() -> str:
    """The board of the person's first role, or the one that `board` names."""
    session, actor, at = db.session(), current_actor(), clock.now()
    scope = board_scope.from_request(session, actor, request.args)
    chosen = periods.from_request(request.args, at, of_unit=scope.board.of_unit)
    scope = scope.narrowed_to(chosen)
    page: dict[str, Any] = {
        "scope": scope, "chosen": chosen, "boards": boards_of(actor),
        "before": board_figures.before(chosen.days), "quick": periods.quick(in_city(at).date()),
        "address": lambda **changes: _address(scope, chosen, **changes),
        # the unit of an area's board is a filter, that of a unit's board is what it stands on
        "elsewhere": replace(chosen, wanted=replace(chosen.wanted, unit_id=None)).to_args(),
    }  # fmt: skip
    if not scope.is_empty:
        first = board_tables.first_day(chosen.days, in_city(at).date())
        page |= _filled(scope, chosen, trend(session, scope, first, at))
        page["choices"] = panel(session, chosen, lambda one: {**scope.args(), **one.to_args()})
    return render_template("progress/index.html", **page)


def _address(scope: Scope, chosen: Chosen, **changes: Any) -> str:
    """The address of this board with something changed."""
    args = {**scope.args(), **chosen.to_args(), **changes}
    return url_for("progress.index", **args)


def _filled(scope: Scope, chosen: Chosen, found: Trend) -> dict[str, Any]:
    """What the parts of this board show; a part that it has not is not asked for."""
    session, days, at = db.session(), chosen.days, chosen.at
    makers = {
        Part.HEADLINES: lambda: board_figures.headlines(scope, found, days),
        Part.FUNNEL: lambda: board_tables.funnel(scope, found, days),
        Part.TREND: lambda: board_tables.spans(scope, found, days),
        Part.AGEING: lambda: board_tables.ageing(scope, found),
        Part.HOLDERS: lambda: holders.holders(session, scope, found, days, at),
        Part.SENT_BACK: lambda: board_tables.sent_back(found, days),
        Part.CHILDREN: lambda: holders.below(
            session, scope, board_scope.children(session, scope), days, chosen.asked()
        ),
        Part.PLACES: lambda: holders.lying(session, scope, days, at),
    }
    filled: dict[str, Any] = {part.value: makers[part]() for part in scope.board.parts}
    filled["stages"] = board_tables.funnel(scope, found, days)
    filled["has_reasons"], filled["limit"] = found.has_reasons, _limit(scope, found)
    filled["chart_settings"] = settings_block(_charts(filled))
    if scope.area is not None:
        filled["trail"] = _trail(scope, scope.area, chosen)
        filled["level"] = _(LEVEL_LABELS[Level(scope.area.level)])
    return filled


def _limit(scope: Scope, found: Trend) -> str:
    """Why the past of what is open is not known, in words; empty when it is."""
    if found.evening is not None:
        return ""
    words: str = (
        _("按“工程与行动”筛选时，未办结和超期只有现在的数：每天的数字没有按行动分开留存，因此没有曲线和较前期的变化。")
        if scope.wanted.action
        else _("网格的未办结和超期只有现在的数：每天的数字只留存到社区，因此没有曲线和较前期的变化。")
    )  # fmt: skip
    return words


def _trail(scope: Scope, area: Area, chosen: Chosen) -> list[tuple[str, str | None]]:
    """The areas above, those outside the jurisdiction without an address, and the area itself."""
    above = ancestors(db.session(), area) if area.parent_code else []
    if not above:
        return []
    allowed = visible_codes(db.session(), [one.code for one in above], scope.actor)
    return [
        (
            one.name,
            _address(scope, chosen, area=one.code) if one.code in allowed else None,
        )
        for one in above
        if one.code != area.code
    ] + [(area.name, None)]


def _charts(filled: dict[str, Any]) -> dict[str, Any]:
    """Plain values of the charts, and their words."""
    spans, ages = filled.get(Part.TREND.value, []), filled.get(Part.AGEING.value, [])
    found = filled.get(Part.HOLDERS.value)
    return {
        "library": static_url("vendor/echarts/echarts.js"),
        "trend": {
            "days": [f"{one.days.first:%m-%d}" for one in spans],
            "found": [one.found for one in spans],
            "closed": [one.closed for one in spans],
            "open": [one.open for one in spans],
        },
        "ageing": {
            "bands": [age_words(one) for one in ages],
            "count": [one.count for one in ages],
        },
        "holders": {
            "units": [one.name for one in found.units] if found else [],
            "dispatched": [one.dispatched for one in found.units] if found else [],
            "handling": [one.handling for one in found.units] if found else [],
            "overdue": [one.overdue for one in found.units] if found else [],
        },
        "words": {
            "found": _("发现"), "closed": _("结案"), "open": _("未办结"), "tasks": _("件数"),
            "dispatched": _("待签收"), "handling": _("整改中"), "overdue": _("其中超期"),
        },
    }  # fmt: skip


def age_words(age: board_tables.Age) -> str:
    """E.g. 4–7 天."""
    if age.most is None:
        return _("%(n)d 天以上", n=age.least - 1)
    return _("%(least)d–%(most)d 天", least=age.least, most=age.most)


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/", "index", index)
    blueprint.app_template_global("age_words")(age_words)
