"""Knows the form of a point, and how what is typed in it becomes a point given."""

from typing import Any

import orjson
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, ValidationError

from gis.coordinates import CoordSys, to_wgs84
from gis.positions import parse_position
from tracker.points.given import PointGiven
from tracker.points.models import InspectionPoint

COORD_SYSTEMS = (
    SelectChoice(CoordSys.WGS84.value, _l("WGS-84（GPS、手机定位）")),
    SelectChoice(CoordSys.CGCS2000.value, _l("CGCS2000（天地图）")),
    SelectChoice(CoordSys.GCJ02.value, _l("GCJ-02（高德、腾讯、微信）")),
    SelectChoice(CoordSys.BD09.value, _l("BD-09（百度）")),
)
#: Characters of a drawn shape as JSON: far more than `shapes.MAX_VERTICES` need.
MAX_GEOMETRY = 400_000
#: Lists within lists: a feature with a MultiPolygon has six; a thousand would exhaust the stack.
MAX_DEPTH = 10


def typed_position(text: str, coord_sys: str) -> dict[str, Any]:
    """The position a person typed, as fields of PointGiven. Raises ValidationError."""
    try:
        raw = parse_position(text)
        # of the systems on offer only: to_wgs84 would also read a whole definition
        lon, lat = to_wgs84(raw.lon, raw.lat, CoordSys(coord_sys))
    except ValueError:  # what gis raises is one
        raise ValidationError(
            _("看不懂这个坐标。请先写经度再写纬度，如 113.3550, 22.0450，或 22°03′N 113°21′E。")
        ) from None
    return {"lon": lon, "lat": lat, "raw_x": raw.lon, "raw_y": raw.lat, "coord_sys": coord_sys}


class PointForm(FlaskForm):
    """Everything on /points/new and /points/<code>/edit."""

    code = StringField(_l("编号"), [Length(max=32, message=_l("编号不能超过 32 字。"))])
    name = StringField(_l("名称"), [Length(max=100, message=_l("名称不能超过 100 字。"))])
    site_type_code = SelectField(_l("点位类型"), validate_choice=False)
    address = StringField(_l("地址"), [Length(max=256, message=_l("地址不能超过 256 字。"))])
    lon = HiddenField(_l("位置"))
    lat = HiddenField()
    geometry = HiddenField(_l("线或面"))
    coords = StringField(_l("输入坐标"), [Length(max=120, message=_l("坐标不能超过 120 字。"))])
    coord_sys = SelectField(_l("坐标系"), choices=list(COORD_SYSTEMS), default=CoordSys.WGS84.value)
    community_code = SelectField(_l("所在社区"), validate_choice=False)
    unit_id = SelectField(_l("责任单位"), validate_choice=False)
    person = StringField(_l("责任人"), [Length(max=50, message=_l("责任人不能超过 50 字。"))])
    actions = SelectMultipleField(_l("创文行动"), validate_choice=False)
    is_model_point = BooleanField(_l("示范点位"))
    cycle_days = IntegerField(_l("检查周期（天）"), default=30)

    def validate_geometry(self, field: Any) -> None:
        if len(field.data or "") > MAX_GEOMETRY:
            raise ValidationError(_("图形过大，请先简化。"))

    def validate_coords(self, field: Any) -> None:
        if (field.data or "").strip():
            typed_position(field.data, self.coord_sys.data or "")

    def validate_cycle_days(self, field: Any) -> None:
        if field.data is None:
            field.errors = []
            raise ValidationError(_("检查周期请填 1 至 366 之间的整数（天）。"))

    def given(self, before: InspectionPoint | None) -> PointGiven:
        """What was typed; whether the point is in use stays as it was."""
        return PointGiven(
            code=before.code if before else (self.code.data or "").strip(),
            name=self.name.data or "",
            site_type_code=self.site_type_code.data or "",
            address=self.address.data or "",
            community_code=self.community_code.data or None,
            unit_id=number(self.unit_id.data),
            person=self.person.data or "",
            actions=tuple(self.actions.data or ()),
            is_model_point=bool(self.is_model_point.data),
            cycle_days=self.cycle_days.data or 0,
            is_active=before.is_active if before else True,
            **self._place(),
        )

    def _place(self) -> dict[str, Any]:
        """Typed coordinates come before the map; a drawn shape before a pin."""
        if (self.coords.data or "").strip():
            return typed_position(self.coords.data or "", self.coord_sys.data or "")
        lon, lat = _degrees(self.lon.data), _degrees(self.lat.data)
        return {
            "lon": lon, "lat": lat, "raw_x": lon, "raw_y": lat,
            "coord_sys": CoordSys.WGS84.value if lon is not None else None,
            "geometry": document(self.geometry.data),
        }  # fmt: skip


def as_typed(point: InspectionPoint) -> dict[str, Any]:
    """A point as the form shows it."""
    return {
        "code": point.code, "name": point.name, "site_type_code": point.site_type_code,
        "address": point.address,
        "lon": "" if point.lon is None else str(point.lon),
        "lat": "" if point.lat is None else str(point.lat),
        "geometry": orjson.dumps(point.geometry).decode() if point.geometry else "",
        "community_code": point.community_code or "",
        "unit_id": "" if point.unit_id is None else str(point.unit_id),
        "person": point.person, "actions": list(point.actions),
        "is_model_point": point.is_model_point, "cycle_days": point.cycle_days,
    }  # fmt: skip


def number(text: str | None) -> int | None:
    """None when nothing was chosen; what is no id names no unit, so 0."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def _degrees(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return float("nan")


def document(text: str | None) -> Any:
    """A drawn shape; what is no JSON is left as text, which the check refuses by name."""
    if not text:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return found if _is_flat(found, MAX_DEPTH) else text


def _is_flat(value: Any, left: int) -> bool:
    """Whether lists lie within lists so many times at most."""
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return left > 0 and all(_is_flat(part, left - 1) for part in parts)
