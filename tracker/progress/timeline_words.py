"""Knows every word that the scripts of the time line show, in the reader's language."""

from flask_babel import gettext as _

from tracker.tasks.states import OPEN, STATE_LABELS, State


def measures() -> dict[str, str]:
    """What can shade the map."""
    states = {state.value: _(STATE_LABELS[state]) for state in State if state in OPEN}
    return {"open": _("未办结"), "overdue": _("超期"), **states}


def page_texts() -> dict[str, str]:
    """Words of the page; {…} is filled in by the script."""
    return {
        **{f"measure_{key}": words for key, words in measures().items()},
        **{f"state_{state.value}": _(STATE_LABELS[state]) for state in State},
        "play": _("播放"),
        "pause": _("暂停"),
        "change": _("未办结变化"),
        "since_meeting": _("较 {day} 调度会"),
        "since_first": _("较 {day}"),
        "legend": _("{measure}（件）"),
        "failed": _("数据没有载入，请检查网络后重试。"),
        "tasks_of": _("{day}未办结的任务 {n} 件"),
        "unplaced": _("其中 {n} 件无坐标或后来更正到别处，只在列表中"),
        "nothing": _("这一天没有未办结的任务。"),
        "overdue": _("超期"),
        "more": _("再显示 {n} 件"),
    }


def frame_texts() -> dict[str, str]:
    """Words of the map in the frame."""
    return {
        "communities": _("{n} 个区域"),
        "no_data": _("无数据"),
        "one_scale": _("各天同一分档"),
        "failed": _("地图数据没有载入，请刷新页面。"),
        "locate": _("定位到我的位置"),
        "no_position_allowed": _(
            "浏览器没有给出位置：请允许定位；非 https 访问时浏览器不提供定位。"
        ),
        "position_outside": _("您的位置不在本图范围内。"),
        "you_are_here": _("您的位置（误差约 {n} 米）"),
        "overdue": _("超期"),
        "open_task": _("查看任务"),
        "no_border": _("这个区域还没有边界。"),
        **{f"state_{state.value}": _(STATE_LABELS[state]) for state in State},
    }
