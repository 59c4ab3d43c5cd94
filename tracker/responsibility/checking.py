"""Knows what a post may be called and which ground it can have; every value that is stored passes here."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker.errors import Invalid
from tracker.places import locating
from tracker.places.locating import Located
from tracker.points.checking import (
    checked_code,
    checked_community,
    checked_person,
    checked_text,
    checked_unit,
)
from tracker.points.shapes import check_geometry
from tracker.responsibility import scopes
from tracker.responsibility.given import PostGiven
from tracker.responsibility.models import Kind
from tracker.responsibility.phones import checked_phone
from tracker.responsibility.scopes import Words
from tracker.texts import N_

MAX_NAME, MAX_POST, MAX_HOURS, MAX_GRADE = 100, 60, 60, 20
#: A road is at most so wide to either side, metres.
MAX_REACH_M = 200
#: Days that an office can mean.
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Checked:
    """A post whose every value can be stored, where it is marked, and the areas that lies in."""

    given: PostGiven
    located: Located
    lon: float | None = None
    lat: float | None = None


def check(work: Session, row: PostGiven, *, words: Words, stored_phone: str = "") -> Checked:
    """The row cleaned and completed. Raises Invalid with `field`."""
    row = replace(
        row,
        code=checked_code(row.code),
        name=checked_text(
            row.name, "name", MAX_NAME, N_("请填写路段或片区名称，不超过 100 字。"), needed=True
        ),
        unit_id=_unit(work, row.unit_id),
        post=checked_text(row.post, "post", MAX_POST, N_("岗位不能超过 60 字。")),
        person=checked_person(row.person),
        phone=checked_phone(row.phone, stored_phone),
        hours=checked_text(row.hours, "hours", MAX_HOURS, N_("作业时段不能超过 60 字。")),
        grade=checked_text(row.grade, "grade", MAX_GRADE, N_("等级不能超过 20 字。")),
        scopes=scopes.checked(words, row.scopes),
    )
    _check_days(row.valid_from, row.valid_to)
    return _placed(work, row)


def _placed(work: Session, row: PostGiven) -> Checked:
    shape = check_geometry(row.geometry)
    if shape is None:
        code = checked_community(work, row.community_code)
        if code is None:
            raise Invalid(
                N_("请在地图上画出路段（线）或片区（面）；社区兜底不画图，只选社区。"),
                field="geometry",
            )
        located = locating.of_area(work, code)
        row = replace(row, geometry=None, reach_m=0, community_code=located.community_code)
        return Checked(row, located)
    located = locating.locate(work, shape.lon, shape.lat)
    chosen = checked_community(work, row.community_code)
    if located.community_code is None and chosen:
        located = locating.of_area(work, chosen)
    row = replace(row, geometry=shape.geometry, community_code=located.community_code)
    reach = _reach(row.reach_m) if row.kind is Kind.SEGMENT else 0
    return Checked(replace(row, reach_m=reach), located, shape.lon, shape.lat)


def _unit(work: Session, unit_id: int | None) -> int:
    found = checked_unit(work, unit_id)
    if found is None:
        raise Invalid(N_("请选择责任单位。"), field="unit_id")
    return found


def _reach(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_REACH_M:
        raise Invalid(
            N_("路段两侧各负责多少米，请填 1 至 %(n)d 之间的整数。"),
            field="reach_m",
            n=MAX_REACH_M,
        )
    return value


def _check_days(first: date | None, last: date | None) -> None:
    for field, day in (("valid_from", first), ("valid_to", last)):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise Invalid(N_("日期不在合理范围内，请核对年份。"), field=field)
    if first is not None and last is not None and last < first:
        raise Invalid(N_("结束日期不能早于生效日期。"), field="valid_to")
