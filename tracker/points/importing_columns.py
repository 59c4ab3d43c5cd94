"""Knows which column of a file of points means what, under Chinese, English and shortened headers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.errors import Invalid
from tracker.texts import N_


@dataclass(frozen=True)
class Column:
    """A native column: its names, as files from elsewhere call it, and within ten characters."""

    name: str
    chinese: str
    #: of a shapefile, whose field names are cut at ten (dBASE)
    short: str
    others: tuple[str, ...] = ()


COLUMNS = (
    Column("code", "点位代码", "code", ("point_code", "点位编号", "编号", "代码")),
    Column("name", "点位名称", "name", ("名称",)),
    Column("site_type", "点位类型", "site_type", ("site_type_code", "类型")),
    Column("lon", "经度", "lon", ("lng", "longitude")),
    Column("lat", "纬度", "lat", ("latitude",)),
    Column("community_code", "社区代码", "comm_code", ("社区编码",)),
    Column("unit", "责任单位", "unit"),
    Column("person", "责任人", "person"),
    Column("actions", "行动", "actions", ("创文行动", "所属行动")),
    Column("address", "地址", "address", ("详细地址",)),
    Column("model_point", "示范点位", "model_pt", ("is_model_point", "示范")),
    Column("cycle_days", "检查周期", "cycle_days", ("检查周期（天）", "检查周期(天)")),
    Column("active", "启用", "active", ("is_active", "在用")),
    Column("wkt", "几何图形", "wkt", ("geometry", "geom", "the_geom", "几何")),
)
#: What our own files of rejected rows have besides.
ADDED = ("row", "reason")
#: What our exports tell besides, for reading only: English, Chinese, short name.
TOLD = (
    ("town", "镇街", "town"),
    ("community", "社区", "community"),
    ("last_visit_at", "最近检查时间", "last_visit"),
    ("last_score", "最近得分", "last_score"),
)
_PASSED_OVER = {*ADDED, "fid", "id", *(name for names in TOLD for name in names)}
_BY_HEADER = {
    header.casefold(): column.name
    for column in COLUMNS
    for header in (column.name, column.chinese, column.short, *column.others)
}
#: The rest of a text that was too long for one field of a shapefile: name, name_2, name_3 …
_PART = re.compile(r"(.+)_(\d)")


@dataclass(frozen=True)
class PointColumns:
    """The headers of each native column of a file, in the order their cells are joined."""

    headers: Mapping[str, tuple[str, ...]]
    #: columns of the file that mean nothing here
    ignored: tuple[str, ...]

    def cells(self, values: Mapping[str, str]) -> dict[str, str]:
        """The cells of one row by native column."""
        return {
            name: "".join(values.get(header) or "" for header in headers)
            for name, headers in self.headers.items()
        }


def choose_columns(fields: Sequence[str]) -> PointColumns:
    """Match the headers of a file. Raises Invalid that lists them when there is no code."""
    found: dict[str, list[str]] = {}
    ignored: list[str] = []
    for field in fields:
        key = field.strip().lstrip("\ufeff").casefold()
        name, part = _BY_HEADER.get(key), _PART.fullmatch(key)
        if name is not None and name not in found:
            found[name] = [field]
        elif name is None and part and _BY_HEADER.get(part[1]) in found:
            found[_BY_HEADER[part[1]]].append(field)
        elif key not in _PASSED_OVER:
            ignored.append(field)
    if "code" not in found:
        raise Invalid(
            N_("文件中没有“点位代码”（code）列。现有的列：%(columns)s。请改列名后重试。"),
            field="file",
            columns="、".join(fields[:20]),
        )
    return PointColumns({name: tuple(found[name]) for name in found}, tuple(ignored))
