"""Near copies: quarters of the hash in an index find every photo at most seven bits away."""

import io
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps
from sqlalchemy import delete, func, insert, select, text

from tests.factories.steps import step
from tests.factories.world import make_task, make_world, task
from tests.tracker.evidence.conftest import REAL_PHOTOS, encoded, scene
from tracker import clock
from tracker.evidence import bands
from tracker.evidence.filling import fill_missing
from tracker.evidence.likeness import MIN_AMPLITUDE, difference, likeness
from tracker.evidence.models import Photo, PhotoBand
from tracker.evidence.near_copies import MAX_CANDIDATES, candidates, copies_of
from tracker.storage.db import db
from tracker.storage.schema import upgrade_schema
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import Action

HASH = st.integers(-(2**63), 2**63 - 1)
FLIPS = st.sets(st.integers(0, 63), max_size=10)


def signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def flipped(phash: int, places: set[int]) -> int:
    return signed(phash ^ sum(1 << place for place in places))


def photo(phash: int | None, **changes: Any) -> Photo:
    fields: dict[str, Any] = {
        "uuid": str(uuid4()), "sha256": uuid4().hex * 2, "mime": "image/jpeg", "width": 4,
        "height": 3, "phash": phash, "received_at": clock.now(),
    }  # fmt: skip
    return Photo(**{**fields, **changes})


@given(HASH, FLIPS)
def test_whatever_is_seven_bits_away_or_less_shares_a_probed_quarter(phash: int, places: set[int]):
    other = flipped(phash, places)
    found = bool(set(bands.probes_of(phash)) & set(bands.keys_of(other)))
    assert difference(phash, other) == len(places)
    assert found or len(places) > bands.LIMIT


@given(HASH)
def test_there_are_sixty_eight_different_probes_and_the_keys_are_among_them(phash: int):
    probes = bands.probes_of(phash)
    assert len(set(probes)) == len(probes) == 68
    assert set(bands.keys_of(phash)) <= set(probes)
    assert all(0 <= key < 4 << 16 for key in probes)


def test_a_photo_row_and_its_quarters_are_written_together(both: Flask):
    with unit_of_work() as session:
        kept, blank = photo(-2), photo(None)
        session.add_all([kept, blank])
    rows = db.session.execute(select(PhotoBand.photo_uuid, PhotoBand.key)).all()
    assert sorted(key for uuid, key in rows if uuid == kept.uuid) == [65534, 131071, 196607, 262143]
    assert len(rows) == 4
    with unit_of_work() as session:
        session.delete(session.get_one(Photo, kept.uuid))
    assert db.session.scalar(select(func.count()).select_from(PhotoBand)) == 0


def test_a_database_from_before_the_quarters_is_brought_up_to_date_once(both: Flask):
    rng = random.Random(7)  # noqa: S311 - no secret
    hashes = [signed(sum(1 << n for n in rng.sample(range(64), 32))) for _ in range(1500)]
    with unit_of_work() as session:
        session.add_all([photo(phash) for phash in (*hashes, 0, None)])
        session.flush()
        session.execute(delete(PhotoBand))
    upgrade_schema()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(PhotoBand)) == 6000
    assert db.session.scalar(select(func.count()).where(Photo.phash.is_(None))) == 2
    assert fill_missing() == 0


def test_only_earlier_photos_in_use_and_of_other_steps_are_copies(both: Flask):
    world = make_world()
    number, other = make_task(world), make_task(world)
    step(world, number, Action.COMMENT, "inspector")
    first, second = task(number).events
    now, phash = clock.now(), 0x0F0F_1234_5678_9ABC
    mine = {"task_id": first.task_id, "event_id": second.id}
    probe = photo(phash, received_at=now, **mine)
    rows = {
        "other task": photo(flipped(phash, {0, 16, 32, 48}), received_at=now, task_id=task(other).id),
        "seven away": photo(
            flipped(phash, {0, 1, 16, 17, 32, 33, 48}), received_at=now, task_id=first.task_id,
            event_id=first.id,
        ),
        "same file": photo(phash, sha256=probe.sha256, received_at=now, task_id=task(other).id),
        "eight away": photo(flipped(phash, set(range(8))), received_at=now, task_id=task(other).id),
        "same step": photo(phash, received_at=now, **mine),
        "in a tray": photo(phash, received_at=now),
        "later": photo(phash, received_at=now + timedelta(seconds=1), task_id=task(other).id),
        "a drawing": photo(
            None, sha256=probe.sha256, received_at=now, taken_at=now, task_id=task(other).id
        ),
    }  # fmt: skip
    with unit_of_work() as session:
        session.add_all([probe, *rows.values()])
    names = {row.uuid: name for name, row in rows.items()}
    found = copies_of(db.session(), db.session.get_one(Photo, probe.uuid))
    assert [(names[copy.uuid], copy.bits, copy.is_same_file) for copy in found] == [
        ("same file", 0, True), ("other task", 4, False), ("seven away", 7, False),
    ]  # fmt: skip


@pytest.fixture
def crowded(both: Flask) -> int:
    """20,000 photos of random pictures and one picture sent 2,500 times; its hash."""
    rng = random.Random(3)  # noqa: S311 - no secret
    now, flood = clock.now(), signed(0xDEAD_BEEF_0BAD_F00D)
    with unit_of_work() as session:
        for hashes in ([rng.randrange(-(2**63), 2**63) for _ in range(20_000)], [flood] * 2500):
            rows = [
                {"uuid": str(uuid4()), "sha256": f"{n:064x}", "mime": "image/jpeg", "width": 4,
                 "height": 3, "phash": phash, "received_at": now}
                for n, phash in enumerate(hashes)
            ]  # fmt: skip
            session.execute(insert(Photo), rows)
            quarters = [
                {"photo_uuid": row["uuid"], "key": key}
                for row in rows
                for key in bands.keys_of(row["phash"])
            ]
            session.execute(insert(PhotoBand), quarters)
    return flood


def test_a_look_up_reads_an_index_and_a_bounded_number_of_photos(crowded: int):
    session = db.session()
    found = session.execute(candidates(crowded)).all()
    assert len(found) == MAX_CANDIDATES
    stranger = session.execute(candidates(signed(0x0123_4567_89AB_CDEF))).all()
    assert 5 < len(stranger) < 100
    query = candidates(crowded).compile(db.engine, compile_kwargs={"literal_binds": True})
    if db.engine.dialect.name == "postgresql":
        session.execute(text("ANALYZE photo_band"))
        plan = session.execute(text(f"EXPLAIN {query}")).scalars().all()
        assert not any("Seq Scan on photo_band" in line for line in plan), plan
    else:
        plan = [row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
        assert any("COVERING INDEX ix_photo_band_key_photo_uuid (key=?)" in line for line in plan)
        assert not any(line.startswith("SCAN photo") for line in plan), plan


ALTERED: dict[str, Callable[[Image.Image], bytes]] = {
    "quality 60": lambda image: encoded(image, quality=60),
    "1080 pixels": lambda image: encoded(ImageOps.contain(image, (1080, 1080)), quality=75),
    "320 pixels": lambda image: encoded(ImageOps.contain(image, (320, 320)), quality=70),
    "webp": lambda image: encoded(image, "WEBP", quality=60),
    "darker": lambda image: encoded(ImageEnhance.Brightness(image).enhance(0.8)),
    "contrast": lambda image: encoded(ImageEnhance.Contrast(image).enhance(1.2)),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_photo_sent_on_is_a_near_copy_of_itself(name: str):
    for seed in range(5):
        image = scene(seed=seed)
        known, again = likeness(image), likeness(Image.open(io.BytesIO(ALTERED[name](image))))
        assert known is not None
        assert again is not None
        assert difference(known, again) <= bands.LIMIT


@pytest.mark.skipif(not REAL_PHOTOS.is_dir(), reason="the real photos are not on this machine")
def test_real_photos_of_different_places_are_far_apart():
    known = []
    for path in sorted((REAL_PHOTOS / "fixmystreet").iterdir()):
        if "sample-with-gps" in path.name:  # the same picture as photo_with_gps.jpeg
            continue
        with Image.open(path) as image:
            known.append(likeness(ImageOps.exif_transpose(image)))
    assert len(known) > 8
    assert None not in known
    assert min(difference(one, other) for one, other in combinations(known, 2)) > 2 * bands.LIMIT


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (800, 600)),
        Image.new("RGB", (800, 600), "white"),
        Image.new("RGB", (800, 600), (120, 130, 90)),
        Image.linear_gradient("L").resize((800, 600)),
        Image.effect_noise((800, 600), 20),
    ],
    ids=["black", "white", "one colour", "even gradient", "noise"],
)
def test_a_picture_that_shows_nothing_has_no_hash(image: Image.Image):
    assert likeness(image) is None
    assert likeness(Image.open(io.BytesIO(encoded(image.convert("RGB"), quality=50)))) is None
    assert MIN_AMPLITUDE > 0
