"""Lists the pages of progress, in the order of the tabs above each."""

from dataclasses import dataclass

from flask import Flask, current_app

from tracker.places.levels import levels_of
from tracker.places.models import Level
from tracker.texts import N_


@dataclass(frozen=True)
class Tab:
    """One page: endpoint and words."""

    endpoint: str
    label: str
    #: a grid has no days of its own to show
    is_for_grids: bool = True


TABS = (
    Tab("progress.index", N_("看板")),
    Tab("progress.review", N_("评议地图")),
    Tab("progress.timeline", N_("时间轴"), is_for_grids=False),
    Tab("progress.hotspots", N_("热点分析")),
    Tab("progress.wall", N_("前后对比墙")),
)


def tabs(area: str | None) -> list[tuple[Tab, dict[str, str]]]:
    """The tabs that lead somewhere in this installation, with the area that is looked at."""
    is_grid = area is not None and levels_of([area]).get(area) is Level.GRID
    return [
        (tab, {"area": area} if area and (tab.is_for_grids or not is_grid) else {})
        for tab in TABS
        if tab.endpoint in current_app.view_functions
    ]


def install(app: Flask) -> None:
    """Give the templates the tabs."""
    app.jinja_env.globals.update(progress_tabs=tabs)
