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


def choose_columns(
    fields: Sequence[str],
    columns: Sequence[Column] = COLUMNS,
    told: Sequence[tuple[str, ...]] = TOLD,
) -> PointColumns:
    """Match the headers of a file to native columns, of which the first is the code.

    `told` are headers of our own exports that mean nothing here. Raises Invalid that lists the
    headers when there is no code.
    """
    by_header = {
        header.casefold(): column.name
        for column in columns
        for header in (column.name, column.chinese, column.short, *column.others)
    }
    passed_over = {*ADDED, "fid", "id", *(name for names in told for name in names)}
    found: dict[str, list[str]] = {}
    ignored: list[str] = []
    for field in fields:
        key = field.strip().lstrip("\ufeff").casefold()
        name, part = by_header.get(key), _PART.fullmatch(key)
        if name is not None and name not in found:
            found[name] = [field]
        elif name is None and part and by_header.get(part[1]) in found:
            found[by_header[part[1]]].append(field)
        elif key not in passed_over:
            ignored.append(field)
    if "code" not in found:
        raise Invalid(
            N_("文件中没有“%(heading)s”（code）列。现有的列：%(columns)s。请改列名后重试。"),
            field="file",
            heading=columns[0].chinese,
            columns="、".join(fields[:20]),
        )
    return PointColumns({name: tuple(found[name]) for name in found}, tuple(ignored))
