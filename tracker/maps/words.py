"""Knows every word that the scripts of a map show, in the reader's language."""

from typing import Any

from flask_babel import gettext as _

from tracker.responsibility.models import KIND_LABELS, Kind
from tracker.tasks.states import STATE_LABELS, VOID, State


def states() -> list[dict[str, Any]]:
    """The legend: each state's key and words; those that never became a case start switched off."""
    return [
        {"key": state.value, "label": _(STATE_LABELS[state]), "shown": state not in VOID}
        for state in State
    ]


def flags() -> list[dict[str, str]]:
    """How a task stands to its deadline, by the words of the filter's argument `due`."""
    return [
        {"key": "overdue", "label": _("超期")},
        {"key": "due_soon", "label": _("临期")},
    ]


def area_texts() -> dict[str, str]:
    """Words of one area's map; {…} is filled in by the script."""
    return {
        "left": _("还剩 {span}"),
        "late": _("超期 {span}"),
        "minutes": _("{n} 分钟"),
        "hours": _("{n} 小时"),
        "days": _("{n} 天"),
        "no_due": _("无时限"),
        "no_unit": _("未派遣"),
        "no_position": _("无坐标"),
        "due_soon": _("临期"),
        "overdue": _("超期"),
        "open_task": _("查看任务"),
        "photo_before": _("整改前照片"),
        "photo_after": _("整改后照片"),
        "no_photo": _("没有照片"),
        "loading": _("正在载入…"),
        "failed": _("数据没有载入，请检查网络后重试。"),
        "in_view": _("图上范围内 {n} 项"),
        "all_of": _("符合条件 {n} 项"),
        "unplaced": _("其中 {n} 项无坐标，只在列表中"),
        "cut": _("符合条件的共 {total} 项，图上全部按位置显示，列表只有最急的 {n} 项。"),
        "more": _("再显示 {n} 项"),
        "nothing_here": _("图上这个范围内没有任务。移动或缩小地图，或放宽筛选。"),
        "nothing_at_all": _("没有符合条件的任务。"),
        "cluster": _("{n} 项任务，其中超期 {late} 项；按回车放大"),
        "no_border": _("这个区域还没有边界。"),
        "you_are_here": _("您的位置（误差约 {n} 米）"),
        "locate": _("定位到我的位置"),
        "no_position_allowed": _(
            "浏览器没有给出位置：请允许定位；非 https 访问时浏览器不提供定位。"
        ),
        "position_outside": _("您的位置不在本图范围内。"),
        "list_tab": _("列表 {n}"),
        "on_map": _("在地图上查看"),
        "middle": _("任务地图：方向键移动，回车键打开正中的任务"),
        "stacked": _("这里有 {n} 项任务，再次点击看下一项。"),
    }


def district_texts() -> dict[str, str]:
    """Words of the district's map."""
    return {
        "open": _("未办结"),
        "overdue": _("超期"),
        "legend_open": _("未办结任务（项）"),
        "legend_overdue": _("超期任务（项）"),
        "communities": _("{n} 个社区"),
        "no_data": _("无数据"),
        "no_data_hint": _("从未有任务记录"),
        "hover": _("未办结 {open} 项，超期 {overdue} 项，临期 {due_soon} 项"),
        "failed": _("数据没有载入，请检查网络后重试。"),
        "schematic": _("边界为示意"),
        "legend_tasks": _("圆圈内为任务数，点击放大"),
        "legend_places": _("点位与责任区域图例"),
        "legend_points": _("方框内为点位数，点击放大"),
        "visit_due": _("到期未查"),
        "posts_nearer": _("放大地图后显示责任区域。"),
        **{kind.value: _(KIND_LABELS[kind]) for kind in (Kind.SEGMENT, Kind.POLYGON)},
    }
