"""Knows the backgrounds that this installation's maps offer, with their names in the reader's language."""

from dataclasses import replace

from flask import current_app
from flask_babel import gettext as _

from gis.webmap.basemaps import BadBasemap, Basemap, parse_basemaps
from tracker.errors import Unavailable
from tracker.texts import N_

#: Backgrounds that the settings need not name.
_NAMED_HERE = {N_("无底图"), N_("本地底图"), N_("天地图 矢量"), N_("天地图 影像")}


def configured_basemaps() -> tuple[Basemap, ...]:
    """The backgrounds of the settings. Raises Unavailable, naming what is wrong with them."""
    try:
        found = parse_basemaps(current_app.config["SETTINGS"].basemaps)
    except BadBasemap as problem:
        raise Unavailable(
            N_("底图设置 TRACKER_BASEMAPS 有误：%(problem)s 请系统管理员更正。"),
            problem=str(problem),
        ) from problem
    return tuple(replace(basemap, name=_shown(basemap.name)) for basemap in found)


def _shown(name: str) -> str:
    """The name of a background; one that an office gave stays as it is."""
    return _(name) if name in _NAMED_HERE else name
