import hashlib
import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops

from tracker.catalogue.data import load_categories
from tracker.demo.pictures import KINDS, draw, kind_for


def opened(kind, *, after, seed=7):
    return Image.open(io.BytesIO(draw(kind, seed, after=after)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_place_stays_and_the_problem_goes(kind):
    before, after = opened(kind, after=False), opened(kind, after=True)
    assert before.format == "JPEG"
    assert before.size == after.size == (800, 600)
    gap = ImageChops.difference(before.convert("L"), after.convert("L"))
    changed = sum(gap.point(lambda value: value > 24).histogram()[1:]) / (800 * 600)
    assert 0.01 < changed < 0.5


def test_every_kind_looks_different():
    prints = {opened(kind, after=False).resize((16, 12)).tobytes() for kind in KINDS}
    assert len(prints) == len(KINDS)


def test_another_seed_is_another_place():
    assert draw("bins", 1, after=False) != draw("bins", 2, after=False)


def test_the_same_seed_gives_the_same_bytes_in_another_process():
    code = (
        "import hashlib; from tracker.demo.pictures import draw;"
        "print(hashlib.sha256(draw('parking', 5, after=False)).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "99", "TZ": "America/Lima"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = hashlib.sha256(draw("parking", 5, after=False)).hexdigest()
    assert run.stdout.strip() == here


def test_pictures_stay_small():
    assert all(len(draw(kind, 3, after=False)) < 80_000 for kind in KINDS)


def test_time_and_position_are_written_as_a_phone_writes_them():
    taken = datetime(2026, 9, 18, 16, 5, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    data = draw("road", 1, after=False, taken_at=taken, position=(113.350125, 22.055))
    exif = Image.open(io.BytesIO(data)).getexif()
    details, place = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    assert details[0x9003] == "2026:09:18 16:05:09"
    assert details[0x9011] == "+08:00"
    assert (place[1], place[3]) == ("N", "E")
    lat, lon = (sum(float(part) / 60**n for n, part in enumerate(place[tag])) for tag in (2, 4))
    assert (lon, lat) == pytest.approx((113.350125, 22.055), abs=3e-6)


def test_without_time_and_position_there_is_no_metadata():
    assert dict(opened("road", after=False).getexif()) == {}


def test_a_kind_nobody_can_draw_and_a_time_without_zone_are_refused():
    with pytest.raises(ValueError, match="no picture of 'dragon'"):
        draw("dragon", 1, after=False)
    naive = datetime.now(UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        draw("road", 1, after=False, taken_at=naive)


def test_every_category_has_a_picture_and_the_common_ones_the_fitting_one():
    assert {kind_for(row.code) for row in load_categories()} == set(KINDS)
    fitting = {
        "06042": "bins",
        "09009": "parking",
        "07001": "bills",
        "08004": "site",
        "07008": "notice",
        "X1001": "wires",
        "01002": "cover",
        "06010": "refuse",
    }
    assert {code: kind_for(code) for code in fitting} == fitting
