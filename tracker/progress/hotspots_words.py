"""Knows how findings are said in the office's words: what each means, what it does not, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.maps.queries import area_names
from tracker.progress.hotspots import Finding, Result
from tracker.progress.hotspots_asked import LEAST, Method, Wanted
from tracker.tasks import presenting
from tracker.tasks.lifecycle import RECURRENCE_WITHIN_DAYS, RECURRENCE_WITHIN_M
from tracker.tasks.states import VOID, State
from tracker.tasks.words import is_english
from tracker.web.filters import number

#: What is analysed, and so what the list behind a finding holds.
COUNTED = tuple(state for state in State if state not in VOID)
#: From this share on a category is said to dominate a place.
_DOMINATES = 1 / 3
_SURE = {3: "99%", 2: "95%", 1: "90%"}


@dataclass(frozen=True)
class Line:
    """One finding as a page lists it."""

    title: str
    facts: str
    #: what the method says of it
    said: str
    n: int
    #: the circle, as an address names it
    near: str
    list_url: str


def lines(session: Session, wanted: Wanted, result: Result) -> list[Line]:
    """The findings in words, each with the address of the list behind it."""
    ids = {one.category_id for one in result.findings if one.category_id is not None}
    columns: Any = (Category.id, Category.code, Category.kind, Category.name, Category.name_en)
    kinds = {row.id: row for row in session.execute(select(*columns).where(Category.id.in_(ids)))}
    places = area_names(session, {one.community for one in result.findings if one.community})
    return [_line(wanted, result, one, kinds, places) for one in result.findings]


def _line(
    wanted: Wanted, result: Result, one: Finding, kinds: dict[int, Any], places: dict[str, str]
) -> Line:
    kind = kinds.get(one.category_id or 0)
    near = _("%(place)s周边 %(m)d 米", place=_place(one, places), m=one.near.metres)
    return Line(
        near, _facts(one, kind), _said(wanted.method, one), one.n, str(one.near),
        _list_url(wanted, result, one, kind),
    )  # fmt: skip


def _place(one: Finding, places: dict[str, str]) -> str:
    where = places.get(one.community or "", "")
    if where and one.point and where not in one.point:
        return f"{where} {one.point}"
    return one.point or where or _("未落入社区的一处")


def _facts(one: Finding, kind: Any) -> str:
    if kind is None:
        return _("%(n)s 件", n=number(one.n))
    what = presenting.matter(kind.kind, kind.name, kind.name_en, english=is_english())
    if one.matched == 1 < one.n:
        return _("%(n)s 件，类别各不相同", n=number(one.n))
    if one.matched < one.n * _DOMINATES:
        return _(
            "%(n)s 件，类别分散，最多的是“%(what)s”%(k)s 件",
            n=number(one.n), k=number(one.matched), what=what,
        )  # fmt: skip
    return _(
        "%(n)s 件，其中 %(k)s 件为“%(what)s”", n=number(one.n), k=number(one.matched), what=what
    )


def _said(method: Method, one: Finding) -> str:
    if method is Method.GI:
        return _("明显比别处多（把握 %(sure)s）", sure=_SURE.get(one.level, ""))
    if method is Method.RECURRENCE:
        return _("结案后再次上报 %(n)s 次", n=number(one.again))
    return _("连成一片") if method is Method.CLUSTER else ""


def _list_url(wanted: Wanted, result: Result, one: Finding, kind: Any) -> str:
    narrowed: dict[str, Any] = {
        "states": COUNTED, "since": result.days.first, "until": result.days.last, "near": one.near,
    }  # fmt: skip
    if wanted.method is Method.RECURRENCE and one.matched == one.n and kind is not None:
        narrowed["category"] = kind.code
    code = wanted.area.code if wanted.area else ""
    return url_for("tasks.listing", **wanted.chosen.list_args(code, **narrowed))  # type: ignore[arg-type]


def meaning(wanted: Wanted) -> str:
    """What the method says, in one sentence."""
    if wanted.method is Method.GI and wanted.per_visit:
        return _(
            "把走访过的地方分成格子，算每次走访发现几件：一格连同周围两圈比别处多得不像巧合，就是明显偏多。"
        )
    return {
        Method.DENSITY: _("颜色越深，同样大的地方上报越多。"),
        Method.GI: _(
            "把有上报或有点位的地方分成格子：一格连同周围两圈的件数比别处多得不像巧合，就是明显偏多，反过来就是明显偏少。"
        ),
        Method.CLUSTER: _(
            "相距 %(m)d 米以内、至少 %(least)d 件的上报连成一片。", m=wanted.size_m, least=LEAST
        ),
        Method.RECURRENCE: _(
            "同类问题结案后 %(days)d 天内，在 %(m)d 米以内再次上报，或由人工关联为复发。",
            days=RECURRENCE_WITHIN_DAYS, m=RECURRENCE_WITHIN_M,
        ),
    }[wanted.method]  # fmt: skip


def limits(method: Method) -> str:
    """What the method does not say, in one sentence."""
    return {
        Method.DENSITY: _("不说明：上报多可能只是检查多，空白可能只是没有人去。"),
        Method.GI: _(
            "不说明：多可能是查得勤，少可能是没人去查；它不说明原因，不宜用来给单位或个人排名。"
        ),
        Method.CLUSTER: _("不说明：连成一片不等于比别处多，闹市本来就密。"),
        Method.RECURRENCE: _("不说明：同一处同类问题未必是同一件事没有改好。"),
    }[method]


def technique(wanted: Wanted) -> str:
    """For who wants to check it: the method by its name and its settings."""
    return {
        Method.DENSITY: _("算法：核密度（Epanechnikov 核，带宽 %(m)d 米）。", m=wanted.size_m),
        Method.GI: _(
            "算法：Gi*（Getis-Ord），双侧检验，错误发现率（FDR）校正；把握不到九成的不算。"
        ),
        Method.CLUSTER: _(
            "算法：DBSCAN，邻域 %(m)d 米，至少 %(least)d 件。", m=wanted.size_m, least=LEAST
        ),
        Method.RECURRENCE: _("没有坐标或没有类别的任务不在其中。"),
    }[wanted.method]


def advice(method: Method) -> str:
    """What to do with it."""
    return {
        Method.DENSITY: _("建议：先看前几处的清单和照片，再决定是否专项督查。"),
        Method.GI: _(
            "建议：打开清单看是哪类问题、归哪个单位，到现场看成因；明显偏少的地方先查走访次数。"
        ),
        Method.CLUSTER: _("建议：一片一次集中整治，避免逐件派遣；整治后用同一距离再看一次。"),
        Method.RECURRENCE: _(
            "建议：查看上次的整改措施和整改后照片，由责任单位说明为何又发生，考虑长效办法。"
        ),
    }[method]


def refusal(code: str) -> str:
    """Why nothing can be said; empty when something can."""
    return {
        "": "",
        "few_cells": _(
            "可比较的格子不足 30 个，分不清规律和偶然，所以不画图。请扩大区域、延长时段、改小格子，或改用“哪里密集”。"
        ),
        "all_equal": _("各格的件数都一样，没有高低可比。请延长时段，或改用“哪里密集”。"),
    }[code]


def texts() -> dict[str, str]:
    """Words of the map's script; {…} is filled in there."""
    return {
        "failed": _("地图数据没有载入，请刷新页面。"),
        "nothing": _("这里没有可以画的结果"),
        "hot": _("明显偏多（把握 {sure}）"), "cold": _("明显偏少（把握 {sure}）"), "none": _("与别处差不多"),
        "gi": _("与别处相比"), "density": _("件 / 平方公里"), "from": _("{n} 起"),
        "cells": _("{n} 格"), "value": _("{n} 件"), "rate": _("每次走访 {n} 件"),
        "locate": _("定位到我的位置"),
        "no_position_allowed": _("浏览器没有给出位置：请允许定位；非 https 访问时浏览器不提供定位。"),
        "position_outside": _("您的位置不在本图范围内。"),
        "you_are_here": _("您的位置（误差约 {n} 米）"),
    }  # fmt: skip


def spots(found: Sequence[Line], result: Result) -> list[dict[str, Any]]:
    """The findings for the map, in the order of the list."""
    return [
        {
            "lon": one.near.lon, "lat": one.near.lat, "metres": one.near.metres, "near": line.near,
            "title": line.title, "facts": line.facts, "said": line.said, "hull": one.hull,
        }
        for line, one in zip(found, result.findings, strict=True)
    ]  # fmt: skip
