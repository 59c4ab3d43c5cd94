"""Lists the pages of progress, in the order of the tabs above each."""

from dataclasses import dataclass

from flask import Flask, current_app

from tracker.texts import N_


@dataclass(frozen=True)
class Tab:
    """One page: endpoint and words."""

    endpoint: str
    label: str


TABS = (
    Tab("progress.index", N_("看板")),
    Tab("progress.review", N_("评议地图")),
    Tab("progress.timeline", N_("时间轴")),
    Tab("progress.hotspots", N_("热点分析")),
    Tab("progress.wall", N_("前后对比墙")),
)


def tabs() -> list[Tab]:
    """The tabs that lead somewhere in this installation."""
    return [tab for tab in TABS if tab.endpoint in current_app.view_functions]


def install(app: Flask) -> None:
    """Give the templates the tabs."""
    app.jinja_env.globals.update(progress_tabs=tabs)
