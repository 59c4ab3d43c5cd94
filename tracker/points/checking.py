"""Knows what a point may be called, and which codes of a given row stand for something."""

import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from tracker.errors import Invalid
from tracker.places import locating
from tracker.places.locating import Located
from tracker.places.models import Area, Level, Organization
from tracker.points.campaign import ACTIONS
from tracker.points.given import PointGiven
from tracker.points.models import SiteType
from tracker.points.shapes import check_geometry, check_position
from tracker.texts import N_
from tracker.web.forms import without_controls

MAX_CODE, MAX_NAME, MAX_ADDRESS, MAX_PERSON = 32, 100, 256, 50
#: Days between two visits.
MAX_CYCLE = 366
#: Words of the register's own addresses: a point of that code could not be opened.
RESERVED = frozenset({"new", "import", "imports", "export", "sheet", "frame", "edit", "rivers"})
#: letters of any script and digits first; it stands in addresses and on printed labels
_CODE = re.compile(r"\w[\w.\-]*", re.UNICODE)
_PHONE = re.compile(r"\d{7,}")


@dataclass(frozen=True)
class Checked:
    """A row whose every value can be stored, and the areas it lies in."""

    given: PointGiven
    located: Located


def check(work: Session, row: PointGiven) -> Checked:
    """The row cleaned and completed: texts, codes, shape, areas. Raises Invalid with `field`."""
    row = replace(
        row,
        code=checked_code(row.code),
        name=checked_text(
            row.name, "name", MAX_NAME, N_("请填写名称，不超过 100 字。"), needed=True
        ),
        address=checked_text(row.address, "address", MAX_ADDRESS, N_("地址不能超过 256 字。")),
        person=checked_person(row.person),
        actions=_actions(row.actions),
        cycle_days=_cycle(row.cycle_days),
        site_type_code=_site_type(work, row.site_type_code),
        unit_id=checked_unit(work, row.unit_id),
        raw_x=_finite(row.raw_x),
        raw_y=_finite(row.raw_y),
        coord_sys=(row.coord_sys or None) and str(row.coord_sys)[:16],
    )
    return _placed(work, row)


def _placed(work: Session, row: PointGiven) -> Checked:
    """With its shape checked and its areas found: by position, else by the chosen community."""
    shape = check_geometry(row.geometry)
    if shape is not None:
        place: tuple[float, float] | None = (shape.lon, shape.lat)
        row = replace(row, geometry=shape.geometry)
    else:
        place = check_position(row.lon, row.lat)
        row = replace(row, geometry=None)
    lon, lat = place or (None, None)
    row = replace(row, lon=lon, lat=lat)
    chosen = checked_community(work, row.community_code)
    located = locating.locate(work, *place) if place else locating.NOWHERE
    if located.community_code is None and chosen:
        located = locating.of_area(work, chosen)
    if place is None and located.community_code is None:
        raise Invalid(
            N_("请在地图上标出位置，或填写坐标，或至少选择所在社区。"), field="community_code"
        )
    return Checked(replace(row, community_code=located.community_code), located)


def checked_text(
    value: Any, field: str, longest: int, refusal: str, *, needed: bool = False
) -> str:
    """Typed text cleaned. Raises Invalid with `refusal` when it is too long, or needed and empty."""
    text = without_controls(str(value or ""))
    if len(text) > longest or (needed and not text):
        raise Invalid(refusal, field=field)
    return text


def checked_code(value: Any) -> str:
    """A code that can stand in an address, empty for none. Raises Invalid."""
    text = without_controls(str(value or ""))
    if text and (len(text) > MAX_CODE or not _CODE.fullmatch(text) or text.casefold() in RESERVED):
        raise Invalid(
            N_("编号只能用文字、数字、短横线、点和下划线，不超过 32 个字，且不能是“new”等页面用词。"),
            field="code",
        )  # fmt: skip
    return text


def checked_person(value: Any) -> str:
    """A name without a phone number in it. Raises Invalid."""
    text = checked_text(value, "person", MAX_PERSON, N_("责任人不能超过 50 字。"))
    if _PHONE.search(re.sub(r"[\s-]", "", text)):
        raise Invalid(N_("责任人只填姓名和岗位，不要填写电话号码。"), field="person")
    return text


def _actions(codes: Any) -> tuple[str, ...]:
    unknown = [code for code in codes if code not in ACTIONS]
    if unknown:
        raise Invalid(
            N_("没有编号为“%(given)s”的行动，请填 1 至 15。"),
            field="actions",
            given=str(unknown[0])[:20],
        )
    return tuple(code for code in ACTIONS if code in codes)


def _cycle(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_CYCLE:
        raise Invalid(
            N_("检查周期请填 1 至 %(n)d 之间的整数（天）。"), field="cycle_days", n=MAX_CYCLE
        )
    return value


def _site_type(work: Session, code: str) -> str:
    found = work.get(SiteType, code) if code and "\0" not in code else None
    if found is None:
        raise Invalid(N_("请选择点位类型。"), field="site_type_code")
    if found.is_channel:
        raise Invalid(
            N_("“%(name)s”按渠道测评，没有实地点位，请选择其他类型。"),
            field="site_type_code",
            name=found.name,
        )
    return code


def checked_unit(work: Session, unit_id: int | None) -> int | None:
    """The id of a unit, None for none. Raises Invalid."""
    if unit_id is None:
        return None
    if not 0 < unit_id < 2**31 or work.get(Organization, unit_id) is None:
        raise Invalid(N_("没有这个责任单位，请重新选择。"), field="unit_id")
    return unit_id


def checked_community(work: Session, code: str | None) -> str | None:
    """The code of a community or grid, None for none. Raises Invalid."""
    if not code:
        return None
    area = work.get(Area, code) if "\0" not in code else None
    if area is None or area.level not in (Level.COMMUNITY, Level.GRID):
        raise Invalid(N_("没有这个社区，请重新选择。"), field="community_code")
    return area.code


def _finite(value: float | None) -> float | None:
    return value if value is not None and abs(value) < 1e12 else None
