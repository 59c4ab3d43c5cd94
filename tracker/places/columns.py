"""Knows which column of a file of areas means what, under Chinese, English and foreign headers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.errors import Invalid
from tracker.places.models import Level
from tracker.sheets import unguarded
from tracker.texts import N_

#: Headers, best first. A level's own headers come before the general ones.
_CODE = ("code", "代码", "编码", "区域代码", "区划代码", "行政区划代码", "adcode", "国标码", "gb")
_CODE_OF = {
    Level.DISTRICT: ("district_code", "区代码", "区县代码"),
    Level.TOWN: ("town_code", "street_code", "镇街代码", "镇代码", "街道代码"),
    Level.COMMUNITY: ("community_code", "社区代码", "社区编码"),
    Level.GRID: ("grid_code", "网格代码", "网格编码"),
}
_NAME = ("name", "名称", "区域名称")
_NAME_OF = {
    Level.DISTRICT: ("district_name", "区名称", "区县名称", "qh"),
    Level.TOWN: ("town_name", "town", "street_name", "镇街名称", "镇街", "镇"),
    Level.COMMUNITY: ("short_name", "community_name", "社区名称", "社区"),
    Level.GRID: ("grid_name", "网格名称", "网格"),
}
_LEVEL = ("level", "级别")
_PARENT = ("parent", "parent_code", "上级代码", "上级区域代码")
_PARENT_OF = {
    Level.DISTRICT: (),
    Level.TOWN: _CODE_OF[Level.DISTRICT],
    Level.COMMUNITY: _CODE_OF[Level.TOWN],
    Level.GRID: _CODE_OF[Level.COMMUNITY],
}
_PILOT = ("pilot", "试点", "is_pilot", "pilot_grid", "是否试点")

#: Columns that put the country (156) before the six digits of the district.
_WITH_COUNTRY = frozenset({"gb", "国标码"})

_LEVEL_WORDS = {
    Level.DISTRICT: ("district", "区", "区县", "县区", "县", "市辖区"),
    Level.TOWN: ("town", "street", "镇", "街道", "镇街", "乡", "乡镇", "乡镇街道"),
    Level.COMMUNITY: ("community", "village", "社区", "村", "行政村", "居委会", "村委会", "社区村"),
    Level.GRID: ("grid", "网格", "单元网格", "综合网格", "专属网格"),
}
_LEVELS = {word: level for level, words in _LEVEL_WORDS.items() for word in words}
#: Digits of a code of GB/T 2260 and GB/T 10114 by level; the grid adds three to its community.
LEVEL_OF_DIGITS = {6: Level.DISTRICT, 9: Level.TOWN, 12: Level.COMMUNITY, 15: Level.GRID}

_YES = frozenset({"1", "true", "yes", "y", "是", "试点", "√"})
_NO = frozenset({"0", "false", "no", "n", "否", "非试点", "×"})


@dataclass(frozen=True)
class AreaColumns:
    """The header of each value of an area; None where the file has no such column."""

    code: str
    name: str
    level: str | None = None
    parent: str | None = None
    pilot: str | None = None


@dataclass(frozen=True)
class GivenColumns:
    """What the person said of the columns of a foreign file; None leaves it to the headers."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None


def choose_columns(
    fields: Sequence[str], *, level: Level | None = None, given: GivenColumns | None = None
) -> AreaColumns:
    """Match the headers of a file. Raises Invalid that lists them when code or name is not found."""
    given = given or GivenColumns()
    by_key = {field.strip().lstrip("\ufeff").casefold(): field for field in reversed(fields)}

    def find(wanted: str | None, *known: str) -> str | None:
        if wanted is not None:
            return _said(by_key, wanted, fields)
        return next((by_key[key] for key in known if key in by_key), None)

    code_of = _CODE_OF[level] if level else ()
    name_of = _NAME_OF[level] if level else ()
    parent_of = _PARENT_OF[level] if level else ()
    code = find(given.code, *_CODE, *code_of)
    name = find(given.name, *_NAME, *name_of)
    for found, heading, field in (
        (code, N_("代码"), "code_field"),
        (name, N_("名称"), "name_field"),
    ):
        if found is None:
            raise Invalid(
                N_(
                    "文件中没有“%(heading)s”列。现有的列：%(columns)s。请改列名，或指明哪一列是%(heading)s。"
                ),
                field=field,
                heading=heading,
                columns="、".join(fields[:20]),
            )
    assert code is not None
    assert name is not None
    return AreaColumns(
        code,
        name,
        find(None, *_LEVEL),
        find(given.parent, *_PARENT, *parent_of),
        find(None, *_PILOT),
    )


def _said(by_key: Mapping[str, str], wanted: str, fields: Sequence[str]) -> str:
    found = by_key.get(wanted.strip().casefold())
    if found is None:
        raise Invalid(
            N_("文件中没有名为“%(column)s”的列。现有的列：%(columns)s。"),
            column=wanted[:40],
            columns="、".join(fields[:20]),
        )
    return found


def as_text(value: Any) -> str:
    """A cell as text: 440404.0 from a numeric column is the code 440404."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # our own files mark what a spreadsheet would take for a formula
    return unguarded(str(value).strip())


def as_code(value: Any, column: str | None) -> str:
    """A cell that holds a code; 156440404 in a column gb is 440404, {"adcode": 440400} is 440400."""
    text = as_text(value)
    if text.startswith("{"):
        try:
            text = as_text(json.loads(text).get("adcode"))
        except (ValueError, AttributeError):
            return text
    is_with_country = (column or "").strip().casefold() in _WITH_COUNTRY
    if is_with_country and len(text) == 9 and text.startswith("156"):
        return text[3:]
    return text


def parse_level(text: str) -> Level | None:
    """The level of a word of the office, None for an unknown one."""
    return _LEVELS.get(text.strip().casefold())


def parse_flag(text: str) -> bool | None:
    """是 / 否 in the usual spellings, None for an empty cell. Raises ValueError for anything else."""
    plain = text.strip().casefold()
    if not plain:
        return None
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise ValueError(text)
