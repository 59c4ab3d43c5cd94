"""Knows when a boundary that a file brings is another than the one in force."""

from typing import Any

import shapely

#: Two boundaries whose points differ by less are the same, degrees (about a tenth of a millimetre).
_SAME = 1e-9


def differs(polygon: Any, stored: Any) -> bool:
    """Whether a row brings a boundary other than the one in force; none given changes nothing."""
    if polygon is None:
        return False
    if stored is None:
        return True
    pair = shapely.normalize([polygon, shapely.multipolygons(shapely.get_parts(stored))])
    return not shapely.equals_exact(pair[0], pair[1], tolerance=_SAME)
