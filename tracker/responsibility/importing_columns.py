"""Knows which column of a file of posts means what, under Chinese, English and shortened headers."""

import re
from collections.abc import Sequence

from tracker.points.importing_columns import Column, PointColumns, choose_columns

COLUMNS = (
    Column("code", "编号", "code", ("岗位编号", "责任编号", "代码")),
    Column("name", "名称", "name", ("路段名称", "片区名称", "路段", "责任区域")),
    Column("community_code", "社区代码", "comm_code", ("社区编码",)),
    Column("reach_m", "两侧米数", "reach_m", ("两侧各（米）", "两侧各(米)", "宽度")),
    Column("scope", "负责事项", "scope", ("事项", "问题类别", "scopes")),
    Column("unit", "责任单位", "unit"),
    Column("post", "岗位", "post", ("岗位名称",)),
    Column("person", "责任人", "person", ("姓名",)),
    Column("phone", "电话", "phone", ("联系电话", "手机")),
    Column("hours", "作业时段", "hours", ("作业时间",)),
    Column("grade", "等级", "grade", ("保洁等级", "道路等级")),
    Column("valid_from", "生效日期", "valid_from", ("开始日期",)),
    Column("valid_to", "结束日期", "valid_to", ("截止日期",)),
    Column("wkt", "几何图形", "wkt", ("geometry", "geom", "the_geom", "几何")),
)
#: What our exports tell besides, for reading only: English, Chinese, short name.
TOLD = (
    ("kind", "类型", "kind"),
    ("town", "镇街", "town"),
    ("community", "社区", "community"),
)
#: A day as offices write it: 2026-11-22, 2026/11/22, 2026年11月22日, or as a workbook keeps it.
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00:00(?:\.0+)?)?")


def choose_post_columns(fields: Sequence[str]) -> PointColumns:
    """The headers of a file of posts. Raises Invalid when there is no code."""
    return choose_columns(fields, COLUMNS, TOLD)
