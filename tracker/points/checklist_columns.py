"""Knows the columns of a checklist in a table, under their Chinese and English headers."""

from collections.abc import Mapping, Sequence

from tracker.errors import Invalid
from tracker.points.checklist_models import DIMENSION_LABELS, METHOD_LABELS, Dimension, Method
from tracker.texts import N_

#: Column → its heading in our own files; message ids, as they name fields on pages too.
HEADINGS = {
    "code": N_("编号"),
    "site_types": N_("点位类型"),
    "dimension": N_("维度"),
    "text": N_("检查内容"),
    "standard": N_("达标标准"),
    "method": N_("检查方法"),
    "category_code": N_("问题类别代码"),
    "weight": N_("权重"),
    "is_critical": N_("关键项"),
}
#: Other headings by which offices call them, best first.
_ALIASES = {
    "code": ("code", "序号", "检查项编号", "代码"),
    "site_types": ("site_types", "site_type", "类型", "适用点位类型"),
    "dimension": ("dimension", "类别维度", "方面"),
    "text": ("text", "item", "检查项", "测评内容", "检查项目"),
    "standard": ("standard", "标准", "测评标准", "要求"),
    "method": ("method", "方法", "测评方法"),
    "category_code": ("category_codes", "category_code", "category", "问题类别", "类别代码"),
    "weight": ("weight", "分值"),
    "is_critical": ("critical", "is_critical", "一票否决"),
}
#: Without these a table is no checklist.
_NEEDED = ("code", "site_types", "dimension", "text", "category_code")

#: What stands in 点位类型 for the common block.
COMMON = N_("通用")
COMMON_WORDS = frozenset({"通用", "全部", "所有", "common", "all"})

DIMENSIONS = {
    **{one.value: one for one in Dimension},
    **{label: one for one, label in DIMENSION_LABELS.items()},
    "公益宣传": Dimension.PUBLICITY,
    "消防": Dimension.FIRE_SAFETY,
}
METHODS = {
    **{one.value: one for one in Method},
    **{label: one for one, label in METHOD_LABELS.items()},
    "查看": Method.LOOK,
    "查阅记录": Method.RECORDS,
    "实测": Method.MEASURE,
}


def choose_columns(fields: Sequence[str]) -> Mapping[str, str]:
    """Column → the header of the file. Raises Invalid that says which are missing."""
    by_key = {field.casefold(): field for field in reversed(fields)}
    found = {
        column: by_key[key]
        for column, heading in HEADINGS.items()
        for key in reversed((heading, *_ALIASES[column]))
        if key in by_key
    }
    missing = [HEADINGS[column] for column in _NEEDED if column not in found]
    if missing:
        raise Invalid(
            N_("文件中没有“%(missing)s”列。现有的列：%(columns)s。请下载模板对照修改表头。"),
            field="file",
            missing="、".join(missing),
            columns="、".join(fields[:20]),
        )
    return found
