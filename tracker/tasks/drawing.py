"""Knows what may be drawn on a photo or the map to show what is missing.

A drawing is JSON: {"on": SHA-256 of a photo of the task, or "map", "shapes": [{"kind": "line" |
"arrow" | "ring" | "text", "points": [[x, y], …], "text": "…"}]}. On a photo x and y are shares of
its width and height from the top left, 0 to 1; on the map they are WGS-84 lon, lat.
"""

import json
import math
from typing import Any

from tracker.errors import Invalid
from tracker.texts import N_

KINDS = frozenset({"line", "arrow", "ring", "text"})
MAX_SHAPES = 30
MAX_POINTS = 400
MAX_WORDS = 60
#: Longer JSON is no drawing of a finger.
MAX_LENGTH = 60_000


def read_drawing(text: str, photos: frozenset[str]) -> dict[str, Any] | None:
    """The drawing in `text`, None when nothing was drawn. `photos` are the SHA-256 of the task's.

    Raises Invalid when it is no drawing or lies on a photo of another task.
    """
    if not text:
        return None
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError
        given = json.loads(text)
        shapes = [_shape(row) for row in given["shapes"]]
        on = given["on"]
        if not isinstance(on, str):
            raise TypeError
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Invalid(N_("标注无法识别，请重新标注。"), field="drawing") from error
    if not shapes:
        return None
    if len(shapes) > MAX_SHAPES:
        raise Invalid(N_("标注最多 %(n)d 处。"), field="drawing", n=MAX_SHAPES)
    if on != "map" and on not in photos:
        raise Invalid(N_("被标注的照片不属于这项任务，请重新标注。"), field="drawing")
    if on != "map" and any(not 0 <= x <= 1 for s in shapes for point in s["points"] for x in point):
        raise Invalid(N_("标注无法识别，请重新标注。"), field="drawing")
    return {"on": on, "shapes": shapes}


def _shape(row: Any) -> dict[str, Any]:
    """One shape, only what is known of it. Raises ValueError, KeyError or TypeError."""
    kind, points = row["kind"], row["points"]
    if kind not in KINDS or not isinstance(points, list) or not 1 <= len(points) <= MAX_POINTS:
        raise ValueError
    words = str(row.get("text") or "").strip()
    words.encode()  # half a character from an escape cannot be stored
    if len(words) > MAX_WORDS or "\x00" in words or (kind == "text" and not words):
        raise ValueError
    found = {"kind": kind, "points": [_point(point) for point in points]}
    return found | ({"text": words} if words else {})


def _point(point: Any) -> list[float]:
    x, y = (float(part) for part in point)
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= 180 and abs(y) <= 90):
        raise ValueError
    return [round(x, 6), round(y, 6)]
