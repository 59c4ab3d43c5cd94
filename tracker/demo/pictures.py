"""Knows how to make the demo's photos: drawn by code, the same for the same seed, without text."""

import io
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import NamedTuple, Protocol

from PIL import Image

from tracker.demo import place_troubles, scenery, street_troubles
from tracker.demo.pen import Pen


class _Trouble(Protocol):
    def __call__(self, pen: Pen, chance: Random, *, after: bool) -> None: ...


class _Picture(NamedTuple):
    scene: Callable[[Pen, Random], None]
    trouble: _Trouble


_PICTURES: dict[str, _Picture] = {
    "refuse": _Picture(scenery.street, street_troubles.refuse),
    "bins": _Picture(scenery.street, street_troubles.bins),
    "parking": _Picture(scenery.street, street_troubles.parking),
    "bicycles": _Picture(scenery.street, street_troubles.bicycles),
    "bills": _Picture(scenery.lane, place_troubles.bills),
    "vending": _Picture(scenery.street, street_troubles.vending),
    "road": _Picture(scenery.street, street_troubles.pothole),
    "cover": _Picture(scenery.street, street_troubles.cover),
    "green": _Picture(scenery.park, place_troubles.bare_green),
    "water": _Picture(scenery.river, place_troubles.dirty_water),
    "site": _Picture(scenery.building_site, place_troubles.site),
    "stairs": _Picture(scenery.stairwell, place_troubles.clutter),
    "wires": _Picture(scenery.lane, place_troubles.wires),
    "notice": _Picture(scenery.lane, place_troubles.notice),
    "lamp": _Picture(scenery.street, street_troubles.dark_lamp),
    "laundry": _Picture(scenery.street, street_troubles.laundry),
    "bench": _Picture(scenery.park, place_troubles.broken_bench),
    "fire_lane": _Picture(scenery.street, street_troubles.fire_lane),
    "crossing": _Picture(scenery.street, street_troubles.crossing),
}

#: What can be drawn.
KINDS = tuple(_PICTURES)

#: Longest matching beginning of a category code decides; anything else is a matter of refuse.
_BY_CODE = {
    "01": "cover",
    "01013": "stairs",
    "01037": "lamp",
    "01038": "lamp",
    "01039": "lamp",
    "01046": "bench",
    "02": "road",
    "02004": "bench",
    "02010": "crossing",
    "02014": "crossing",
    "02025": "bicycles",
    "03": "refuse",
    "03005": "bins",
    "03006": "notice",
    "03008": "notice",
    "04": "green",
    "04007": "bench",
    "06001": "site",
    "06004": "bills",
    "06005": "laundry",
    "06007": "laundry",
    "06008": "wires",
    "06013": "road",
    "06016": "crossing",
    "06017": "green",
    "06018": "green",
    "06019": "laundry",
    "06023": "water",
    "06024": "water",
    "06025": "water",
    "06026": "water",
    "06029": "vending",
    "06034": "parking",
    "06036": "stairs",
    "06041": "bins",
    "06042": "bins",
    "06045": "green",
    "06046": "water",
    "06047": "bench",
    "06049": "road",
    "06050": "road",
    "06051": "road",
    "06052": "road",
    "07": "notice",
    "07001": "bills",
    "07002": "bills",
    "07007": "bills",
    "08": "site",
    "09": "vending",
    "09009": "parking",
    "09010": "bicycles",
    "09011": "bicycles",
    "09012": "fire_lane",
    "09016": "parking",
    "09019": "parking",
    "10002": "wires",
    "X1001": "wires",
    "X1002": "stairs",
    "X1003": "stairs",
    "X2": "crossing",
    "X2001": "green",
    "X2006": "stairs",
    "X3": "notice",
    "X4": "vending",
}


def kind_for(category_code: str) -> str:
    """The kind of picture that suits a category."""
    for length in (5, 2):
        kind = _BY_CODE.get(category_code[:length])
        if kind:
            return kind
    return "refuse"


def draw(
    kind: str,
    seed: int,
    *,
    after: bool,
    taken_at: datetime | None = None,
    position: tuple[float, float] | None = None,
) -> bytes:
    """A JPEG of 800 x 600: the problem, or with `after` the same place without it.

    Equal arguments give equal bytes with one version of Pillow. `taken_at` (aware) and
    `position` (lon, lat in WGS-84, north and east) go into the EXIF data. Raises ValueError for
    an unknown kind or a time without zone.
    """
    picture = _PICTURES.get(kind)
    if picture is None:
        raise ValueError(f"there is no picture of {kind!r}; there are {', '.join(KINDS)}")
    pen = Pen()
    picture.scene(pen, Random(f"{kind} scene {seed}"))
    picture.trouble(pen, Random(f"{kind} trouble {seed}"), after=after)
    out = io.BytesIO()
    exif = _exif(taken_at, position)
    pen.finished().save(out, "JPEG", quality=82, optimize=True, exif=exif.tobytes())
    return out.getvalue()


def _exif(taken_at: datetime | None, position: tuple[float, float] | None) -> Image.Exif:
    exif = Image.Exif()
    if taken_at is not None:
        if taken_at.tzinfo is None:
            raise ValueError("the time of a picture needs its zone")
        details = exif.get_ifd(0x8769)
        # DateTimeOriginal and OffsetTimeOriginal, as phones write them
        details[0x9003] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
        details[0x9011] = f"{taken_at:%z}"[:3] + ":" + f"{taken_at:%z}"[3:5]
    if position is not None:
        lon, lat = position
        # GPSLatitudeRef, GPSLatitude, GPSLongitudeRef, GPSLongitude
        exif.get_ifd(0x8825).update({1: "N", 2: _sexagesimal(lat), 3: "E", 4: _sexagesimal(lon)})
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds to a hundredth of a second (0.3 m)."""
    hundredths = round(degrees * 360_000)
    minutes, seconds = divmod(hundredths, 6_000)
    whole, minutes = divmod(minutes, 60)
    return float(whole), float(minutes), seconds / 100
