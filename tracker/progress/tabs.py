"""Lists the pages of progress, in the order of the tabs above each."""

from dataclasses import dataclass

from flask import Flask, current_app

from tracker.access.gate import current_actor
from tracker.places.levels import levels_of
from tracker.places.models import Level
from tracker.progress.scope import is_watched
from tracker.storage.db import db
from tracker.texts import N_


@dataclass(frozen=True)
class Tab:
    """One page: endpoint and words."""

    endpoint: str
    label: str
    #: days are kept of areas that a person sees by area, down to communities
    needs_days: bool = False


TABS = (
    Tab("progress.index", N_("看板")),
    Tab("progress.review", N_("进度地图")),
    Tab("progress.timeline", N_("时间轴"), needs_days=True),
    Tab("progress.hotspots", N_("热点分析")),
    Tab("progress.wall", N_("前后对比墙")),
)


def tabs(area: str | None) -> list[tuple[Tab, dict[str, str]]]:
    """The tabs that lead somewhere in this installation, with the area that is looked at."""
    level = levels_of([area]).get(area) if area else None
    args = {"area": area} if area and level else {}
    has_days = level not in (None, Level.GRID) and is_watched(
        db.session(), current_actor(), args.values()
    )
    return [
        (tab, args if has_days or not tab.needs_days else {})
        for tab in TABS
        if tab.endpoint in current_app.view_functions
    ]


def install(app: Flask) -> None:
    """Give the templates the tabs."""
    app.jinja_env.globals.update(progress_tabs=tabs)
