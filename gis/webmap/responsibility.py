"""Draws the page of the responsibility map: a bare ground on which a script draws who answers where."""

from typing import Any

from gis.webmap.page import MapPage


def responsibility_map(**page: Any) -> str:
    """The page of the responsibility map: complete HTML of a few kB, no data inside.

    `page` are the fields of MapPage. Raises gis.webmap.shell.ExternalAsset.
    """
    return MapPage(kind="responsibility", **page).render()
