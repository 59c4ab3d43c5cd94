"""Knows the fields of a report, how typed text becomes a place, and who may name which source."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, ValidationError

from gis.coordinates import CoordSys, to_wgs84
from gis.positions import parse_position
from tracker import clock
from tracker.access.actor import Actor
from tracker.access.roles import Role
from tracker.tasks.given import Given, Place
from tracker.tasks.intake import MAX_DESCRIPTION
from tracker.tasks.states import SOURCE_LABELS, Action, Source
from tracker.web.forms import SelectField, storable

COORD_SYSTEMS = (
    SelectChoice(CoordSys.WGS84.value, _l("WGS-84（GPS、手机定位）")),
    SelectChoice(CoordSys.CGCS2000.value, _l("CGCS2000（天地图）")),
    SelectChoice(CoordSys.GCJ02.value, _l("GCJ-02（高德、腾讯、微信）")),
    SelectChoice(CoordSys.BD09.value, _l("BD-09（百度）")),
)
#: Nothing found before this year is reported now; databases and calendars end somewhere too.
EARLIEST_YEAR = 2000
#: How the position of the hidden fields came about.
_METHODS = ("pin", "gps", "photo", "point")

#: The sources each role may name, its usual one first.
SOURCES_OF: dict[Role, tuple[Source, ...]] = {
    Role.INSPECTOR: (Source.INSPECTION, Source.LIAISON, Source.COVERT),
    Role.GRID_WORKER: (Source.GRID_PATROL,),
    Role.GRID_LEAD: (Source.GRID_PATROL, Source.SELF_INSPECTION),
    Role.UNIT_CLERK: (Source.SELF_INSPECTION, Source.LIAISON),
    Role.UNIT_HEAD: (Source.SELF_INSPECTION, Source.LIAISON),
    Role.DISPATCHER: (
        Source.INSPECTION, Source.HOTLINE, Source.CITIZEN_SNAP, Source.COVERT, Source.MEDIA,
        Source.LEADER, Source.LIAISON,
    ),
    Role.VERIFIER: (Source.INSPECTION,),
}  # fmt: skip


def sources_for(actor: Actor) -> list[Source]:
    """The sources a person may name, the default first."""
    held = (source for role, many in SOURCES_OF.items() if actor.has(role) for source in many)
    return list(dict.fromkeys(held)) or [Source.INSPECTION]


def may_self_handle(actor: Actor) -> bool:
    """Whether the form offers 即时处置; the policy decides by the place."""
    return actor.has(Role.GRID_WORKER, Role.GRID_LEAD)


@dataclass(frozen=True)
class Position:
    """Degrees WGS-84, with the pair as given and its coordinate system."""

    lon: float
    lat: float
    raw_x: float
    raw_y: float
    coord_sys: str


def typed_position(text: str, coord_sys: str) -> Position:
    """The position a person typed. Raises ValidationError saying how to write it."""
    try:
        raw = parse_position(text)
        # of the systems on offer only: to_wgs84 would also read a whole definition
        lon, lat = to_wgs84(raw.lon, raw.lat, CoordSys(coord_sys))
    except ValueError:  # what gis raises is one
        raise ValidationError(
            _("看不懂这个坐标。请先写经度再写纬度，如 113.3550, 22.0450，或 22°03′N 113°21′E。")
        ) from None
    return Position(lon, lat, raw.lon, raw.lat, coord_sys)


class ReportForm(FlaskForm):
    """Everything on /tasks/new; photos travel beside it as repeated hidden fields."""

    lon = HiddenField(_l("位置"))
    lat = HiddenField()
    accuracy_m = HiddenField()
    pos_method = HiddenField()
    point_code = HiddenField()
    coords = StringField(_l("输入坐标"), [Length(max=120, message=_l("坐标不能超过 120 字。"))])
    coord_sys = SelectField(_l("坐标系"), choices=list(COORD_SYSTEMS), default=CoordSys.WGS84.value)
    address = StringField(
        _l("地址或位置描述"), [Length(max=256, message=_l("地址不能超过 256 字。")), storable]
    )
    community_code = SelectField(_l("所在社区"), validate_choice=False)
    confirm_far = BooleanField(_l("位置确实在辖区以外，仍要上报"))
    category_id = SelectField(_l("问题类别"), validate_choice=False)
    description = TextAreaField(
        _l("问题描述"),
        [Length(max=MAX_DESCRIPTION, message=_l("问题描述不能超过 %(max)d 字。")), storable],
    )
    source = SelectField(_l("问题来源"))
    found_at = StringField(_l("发现时间"))
    is_urgent = BooleanField(_l("紧急"))
    no_photo_reason = StringField(
        _l("没有照片的原因"), [Length(max=200, message=_l("原因不能超过 200 字。")), storable]
    )
    mode = RadioField(
        _l("办理方式"),
        choices=[
            SelectChoice(Action.REPORT.value, _l("上报，由有关单位整改")),
            SelectChoice(Action.SELF_HANDLE.value, _l("即时处置，现场已解决")),
        ],
        default=Action.REPORT.value,
    )
    measures = TextAreaField(
        _l("整改措施"), [Length(max=500, message=_l("整改措施不能超过 500 字。"))]
    )

    def offer(self, actor: Actor, communities: list[tuple[str, str]]) -> None:
        """Fill the choices that depend on the person."""
        self.source.choices = [
            SelectChoice(source.value, _(SOURCE_LABELS[source])) for source in sources_for(actor)
        ]
        self.source.default = sources_for(actor)[0].value
        self.community_code.choices = [
            SelectChoice("", _("不确定，由派遣员判断")),
            *(SelectChoice(code, name) for code, name in communities),
        ]

    def validate_coords(self, field: Any) -> None:
        if (field.data or "").strip():
            typed_position(field.data, self.coord_sys.data)

    def validate_lon(self, field: Any) -> None:
        if (field.data or self.lat.data) and not (self.coords.data or "").strip():
            _degrees(field.data, 180.0)
            _degrees(self.lat.data, 90.0)

    def validate_found_at(self, field: Any) -> None:
        found = self.found_moment
        if found is not None and found > clock.now():
            raise ValidationError(_("发现时间不能晚于现在。"))
        if found is not None and found.year < EARLIEST_YEAR:
            raise ValidationError(_("发现时间太早，请核对年份。"))

    def validate_mode(self, field: Any) -> None:
        if self.is_self_handled and not (self.measures.data or "").strip():
            raise ValidationError(_("即时处置须填写整改措施。"))

    @property
    def is_self_handled(self) -> bool:
        """The problem was settled on the spot."""
        return self.mode.data == Action.SELF_HANDLE.value

    @property
    def found_moment(self) -> datetime | None:
        """When it was found, aware; None is now. Raises ValidationError."""
        text = (self.found_at.data or "").strip()
        if not text:
            return None
        try:
            return datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=clock.CITY_ZONE)
        except ValueError:
            raise ValidationError(
                _("发现时间请写成 2026-11-22T14:30 的样子，或用日历选择。")
            ) from None

    @property
    def position(self) -> Position | None:
        """The position in force: typed coordinates before the pin. Raises ValidationError."""
        if (self.coords.data or "").strip():
            return typed_position(self.coords.data or "", self.coord_sys.data)
        if not self.lon.data or not self.lat.data:
            return None
        lon, lat = _degrees(self.lon.data, 180.0), _degrees(self.lat.data, 90.0)
        return Position(lon, lat, lon, lat, CoordSys.WGS84.value)

    def place(self) -> Place | None:
        """Where it is, None when nothing was said. Raises ValidationError."""
        position = self.position
        address = (self.address.data or "").strip()
        community = self.community_code.data or None
        if position is None:
            place = Place(address=address, community_code=community, method="address")
            return place if place else None
        typed = bool((self.coords.data or "").strip())
        method = self.pos_method.data if self.pos_method.data in _METHODS else "pin"
        return Place(
            lon=position.lon,
            lat=position.lat,
            raw_x=position.raw_x,
            raw_y=position.raw_y,
            coord_sys=position.coord_sys,
            accuracy_m=None if typed else _metres(self.accuracy_m.data),
            method="typed" if typed else method,
            address=address,
        )

    def given(self, before: list[str], after: list[str], *, point_id: int | None = None) -> Given:
        """The whole report, typed; call after validate(). Raises ValidationError."""
        return Given(
            place=self.place(),
            point_id=point_id,
            category_id=self.chosen_category,
            description=(self.description.data or "").strip(),
            source=Source(self.source.data),
            found_at=self.found_moment,
            before_photos=tuple(before),
            after_photos=tuple(after) if self.is_self_handled else (),
            no_photo_reason=(self.no_photo_reason.data or "").strip(),
            is_urgent=self.is_urgent.data,
            measures=(self.measures.data or "").strip() if self.is_self_handled else "",
        )

    @property
    def chosen_category(self) -> int | None:
        """The id of the chosen category, None when there is none."""
        text = self.category_id.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _degrees(text: str | None, most: float) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise ValidationError(_("地图上的位置无效，请重新选点。"))
    return value


def _metres(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < 1e7 else None
