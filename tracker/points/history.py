"""Knows how a change of a point is said: field by field, before and after, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tracker.places.models import Area, Organization
from tracker.points.campaign import action_name
from tracker.points.models import InspectionPoint, SiteType
from tracker.points.shapes import positions
from tracker.texts import N_

#: Columns that a form or a file can change, with their words; the order of the history.
FIELD_LABELS = {
    "name": N_("名称"),
    "site_type_code": N_("点位类型"),
    "address": N_("地址"),
    "position": N_("位置"),
    "geometry": N_("线或面"),
    "community_code": N_("社区"),
    "unit_id": N_("责任单位"),
    "person": N_("责任人"),
    "actions": N_("创文行动"),
    "is_model_point": N_("示范点位"),
    "cycle_days": N_("检查周期（天）"),
    "is_active": N_("在用"),
    "river_name": N_("河流"),
    "segment": N_("责任段"),
    "chief": N_("河长"),
    "chief_post": N_("河长职务"),
    "file_name": N_("方案文件"),
    "measure": N_("整改措施"),
}
KIND_LABELS = {
    "create": N_("新建"),
    "edit": N_("修改"),
    "move": N_("移动位置"),
    "deactivate": N_("停用"),
    "activate": N_("恢复使用"),
    "import": N_("导入"),
    "plan": N_("修改河流方案"),
}
#: Said by themselves, not by their column.
_PLAIN = ("name", "address", "person", "cycle_days")


@dataclass(frozen=True)
class Said:
    """A point as its history would tell it, and the values that decide whether it changed."""

    words: dict[str, str]
    values: dict[str, Any]


def said(work: Session, point: InspectionPoint) -> Said:
    """How the point is now."""
    words = {name: str(getattr(point, name) or "") for name in _PLAIN}
    words["site_type_code"] = named(work, SiteType, point.site_type_code)
    words["community_code"] = named(work, Area, point.community_code)
    words["unit_id"] = named(work, Organization, point.unit_id)
    words["position"] = _position(point)
    words["geometry"] = shape_words(point.geometry)
    words["actions"] = "、".join(action_name(code) for code in point.actions)
    for flag in ("is_model_point", "is_active"):
        words[flag] = N_("是") if getattr(point, flag) else N_("否")
    values = {name: getattr(point, name, None) for name in FIELD_LABELS}
    values |= {"position": (point.lon, point.lat), "actions": list(point.actions)}
    return Said(words, values)


def differences(
    before: Said | None, after: Said, labels: Mapping[str, str] = FIELD_LABELS
) -> dict[str, list[str]]:
    """field → [before, after] of what changed, in the order of `labels`; of a new row what it was given."""
    found: dict[str, list[str]] = {}
    for name, words in after.words.items():
        if before is None:
            if words and name not in ("is_active", "is_model_point"):
                found[name] = ["", words]
        elif before.values[name] != after.values[name]:
            found[name] = [before.words[name], words]
    return {name: found[name] for name in labels if name in found}


def kind_of(changes: dict[str, Any]) -> str:
    """The word for a change of a point that was there: what it mostly is."""
    if "is_active" in changes:
        return "activate" if changes["is_active"][1] == "是" else "deactivate"
    if set(changes) <= {"position", "geometry", "community_code"}:
        return "move"
    return "edit"


def named(work: Session, kind: type[Any], key: Any) -> str:
    """The name of a row, empty for none."""
    if key is None:
        return ""
    row = work.get(kind, key)
    return row.name if row is not None else str(key)


def _position(point: InspectionPoint) -> str:
    if point.lon is None or point.lat is None:
        return ""
    return f"{point.lon:.6f}, {point.lat:.6f}"


def shape_words(geometry: dict[str, Any] | None) -> str:
    """E.g. 线，12 个顶点."""
    if geometry is None:
        return ""
    kind = "线" if "Line" in geometry["type"] else "面"
    return f"{kind}，{sum(1 for _ in positions(geometry))} 个顶点"
