"""What is said of an after-photo: too early, too far, without time or place, seen before; never a refusal."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, current_app
from PIL import ExifTags, Image, ImageEnhance
from sqlalchemy import select, update

from tests.factories.client import OfficeClient, open_session
from tests.factories.steps import step
from tests.factories.world import GUANGAN, INSIDE, SANZAO, World, make_task, make_world, task
from tests.tracker.evidence.conftest import encoded, scene
from tracker import clock
from tracker.evidence.exif import Position
from tracker.evidence.models import Photo
from tracker.evidence.operations import take
from tracker.evidence.store import FolderStore
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import evidence_checks as rules
from tracker.tasks.after_photos import checked
from tracker.tasks.evidence_checks import Facts, Level, Relation, Repeat, check
from tracker.tasks.models import TaskEvent
from tracker.tasks.states import Action, State

LON, LAT = INSIDE[SANZAO]
METRE = 1 / 111_195
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def facts(**changes: Any) -> Facts:
    """A photo against which nothing speaks."""
    fields: dict[str, Any] = {
        "taken_at": NOW, "received_at": NOW, "position": Position(LON, LAT),
        "task_position": Position(LON, LAT), "since": NOW - timedelta(hours=1), "since_what": "派遣",
    }  # fmt: skip
    return Facts(**{**fields, **changes})


def away(metres: float) -> Position:
    return Position(LON, LAT + metres * METRE)


@pytest.mark.parametrize(
    ("changes", "level", "told"),
    [
        ({}, Level.GREEN, []),
        ({"taken_at": NOW - timedelta(hours=2)}, Level.RED, ["早于"]),
        ({"taken_at": NOW - timedelta(hours=1) - rules.CLOCK_SLACK}, Level.GREEN, []),
        ({"taken_at": NOW + timedelta(hours=1)}, Level.AMBER, ["时钟不准"]),
        ({"taken_at": None}, Level.AMBER, ["没有拍摄时间"]),
        ({"since": None, "taken_at": NOW - timedelta(days=9)}, Level.GREEN, []),
        ({"position": away(90)}, Level.GREEN, []),
        ({"position": away(150)}, Level.AMBER, ["距任务约"]),
        ({"position": away(350)}, Level.RED, ["距任务约"]),
        ({"position": away(150), "accuracy_m": 60}, Level.GREEN, []),
        ({"position": away(550), "accuracy_m": 5000}, Level.RED, ["距任务约"]),
        ({"position": None}, Level.GREY, ["没有位置信息"]),
        ({"task_position": None}, Level.GREY, ["任务没有坐标"]),
        ({"position": None, "taken_at": None}, Level.AMBER, ["没有拍摄时间", "没有位置信息"]),
    ],
)  # fmt: skip
def test_each_rule_says_its_sentence_and_the_weightiest_counts(
    changes: dict[str, Any], level: Level, told: list[str]
) -> None:
    verdict = check(facts(**changes))
    assert verdict.level is level
    assert len(verdict.findings) == len(told)
    assert all(word in one.words for word, one in zip(told, verdict.findings, strict=True))


@pytest.mark.parametrize("relation", Relation)
@pytest.mark.parametrize("is_same_file", [True, False])
def test_every_repetition_has_its_sentence(relation: Relation, is_same_file: bool) -> None:
    (finding,) = check(facts(repeats=(Repeat(relation, is_same_file),))).findings
    only_alike = relation is Relation.OWN_BEFORE and not is_same_file
    assert finding.level is (Level.AMBER if only_alike else Level.RED)
    assert ("同一个文件" in finding.words) == is_same_file


def test_at_most_three_tasks_are_named_and_another_task_weighs_more_than_ones_own() -> None:
    others = [Repeat(Relation.OTHER_TASK, False, f"JW-{n}") for n in range(5)]
    verdict = check(facts(repeats=(Repeat(Relation.OWN_BEFORE, False), *others)))
    assert verdict.level is Level.RED
    assert verdict.findings[0].values == {"where": ("JW-0", "JW-1", "JW-2")}


# With rows and files


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def jpeg(
    image: Image.Image, *, taken: datetime | None = None, at: tuple[float, float] | None = None
) -> bytes:
    """A photo as a phone writes it: the time in the city's zone, the place in degrees."""
    exif = Image.Exif()
    if taken is not None:
        said = exif.get_ifd(ExifTags.IFD.Exif)
        said[ExifTags.Base.DateTimeOriginal] = f"{clock.in_city(taken):%Y:%m:%d %H:%M:%S}"
        said[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    if at is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (at[1], 0.0, 0.0),
                ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: (at[0], 0.0, 0.0),
            }
        )  # fmt: skip
    return encoded(image, exif=exif)


def kept(world: World, tmp_path: Path, data: bytes, who: str = "clerk") -> str:
    store = FolderStore(tmp_path / "photos")
    return take(data, uuid=str(uuid4()), owner_id=world.users[who], store=store).uuid


def said(world: World, number: str, who: str = "verifier") -> list[tuple[Level, tuple[str, ...]]]:
    found = task(number)
    photos = db.session.scalars(
        select(Photo).where(Photo.task_id == found.id).order_by(Photo.received_at)
    ).all()
    with current_app.test_request_context():
        with_words = checked(
            db.session(), found, photos, events=found.events, actor=world.actor(who)
        )
    return [(one.level, one.reasons) for one in with_words]


def submitted(world: World, tmp_path: Path, data: bytes, number: str = "") -> str:
    number = number or make_task(world, State.HANDLING)
    photo = kept(world, tmp_path, data)
    step(world, number, Action.SUBMIT, "clerk", after_photos=(photo,))
    return number


def test_a_photo_taken_there_and_then_is_green(app: Flask, world: World, tmp_path: Path) -> None:
    number = submitted(world, tmp_path, jpeg(scene(), taken=clock.now(), at=(LON, LAT)))
    assert said(world, number) == [(Level.GREEN, ())]


def test_a_photo_older_than_the_dispatch_and_from_elsewhere_says_both(
    app: Flask, world: World, tmp_path: Path
) -> None:
    old = clock.now() - timedelta(days=3)
    number = submitted(world, tmp_path, jpeg(scene(), taken=old, at=(LON, LAT + 0.01)))
    ((level, reasons),) = said(world, number)
    assert level is Level.RED
    assert len(reasons) == 2
    assert "早于派遣" in reasons[0]
    assert "约 1112 米" in reasons[1]


def test_after_a_rework_the_photo_must_be_newer_than_the_rework(
    app: Flask, world: World, tmp_path: Path
) -> None:
    taken = clock.now() - timedelta(hours=1)
    number = make_task(world, State.HANDLING)
    with unit_of_work() as session:
        session.execute(update(TaskEvent).values(at=taken - timedelta(hours=1)))
    submitted(world, tmp_path, jpeg(scene(), taken=taken, at=(LON, LAT)), number)
    step(world, number, Action.REWORK, "verifier")
    submitted(world, tmp_path, jpeg(scene(seed=4), taken=taken, at=(LON, LAT)), number)
    levels = said(world, number)
    assert levels[0] == (Level.GREEN, ())
    assert "早于退回返工" in levels[1][1][0]


def test_a_smaller_copy_of_another_tasks_photo_is_red_and_names_only_what_one_may_see(
    app: Flask, world: World, tmp_path: Path
) -> None:
    image = scene(seed=6)
    seen = make_task(
        world, reporter="inspector",
        before_photos=(kept(world, tmp_path, encoded(image, quality=95), "inspector"),),
    )  # fmt: skip
    again = ImageEnhance.Brightness(image.resize((320, 240))).enhance(1.1)
    number = submitted(world, tmp_path, jpeg(again, taken=clock.now(), at=(LON, LAT)))
    assert said(world, number) == [(Level.RED, (f"与任务 {seen} 的照片几乎相同",))]
    assert said(world, number, "clerk") == [(Level.RED, ("与其他任务的照片几乎相同",))]


def test_the_same_file_in_another_area_is_red(app: Flask, world: World, tmp_path: Path) -> None:
    data = jpeg(scene(seed=2), taken=clock.now(), at=(LON, LAT))
    other = make_task(
        world, community=GUANGAN, reporter="inspector_b",
        before_photos=(kept(world, tmp_path, data, "inspector_b"),),
    )  # fmt: skip
    number = submitted(world, tmp_path, data)
    assert said(world, number) == [(Level.RED, (f"与任务 {other} 的照片是同一个文件",))]


def test_the_before_photo_handed_in_as_the_after_photo_is_noticed(
    app: Flask, world: World, tmp_path: Path
) -> None:
    image = scene(seed=3)
    before = kept(world, tmp_path, encoded(image), "inspector")
    number = make_task(world, State.HANDLING, before_photos=(before,))
    submitted(world, tmp_path, jpeg(image, taken=clock.now(), at=(LON, LAT)), number)
    ((level, reasons),) = said(world, number)
    assert (level, reasons) == (Level.AMBER, ("与本任务整改前的照片几乎相同，请确认是否已整改",))


def upload(client: OfficeClient, data: bytes, **more: str) -> Any:
    answer = client.post(
        "/photos/",
        data={"uuid": str(uuid4()), "photo": (io.BytesIO(data), "a.jpg"), **more},
        headers={"X-CSRFToken": client.csrf_token(), "X-Requested-With": "fetch"},
    )
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_the_answer_to_an_upload_says_it_at_once_and_takes_the_photo_all_the_same(
    app: Flask, world: World
) -> None:
    number = make_task(world, State.HANDLING)
    client, bare = open_session(app, "clerk"), encoded(scene())
    answer = upload(client, bare, task=number, phase="after")
    assert answer["evidence"]["level"] == "amber"
    assert answer["evidence"]["reasons"][0] == "照片没有拍摄时间，可能经微信转发"
    sent = client.post_form(
        f"/tasks/{number}/actions/submit",
        {"version": task(number).version, "measures": "已清运", "after_photos": answer["uuid"]},
    )
    assert sent.status_code == 303
    page = open_session(app, "verifier").get(f"/tasks/{number}").text
    assert 'class="evidence evidence-amber"' in page
    assert "可能经微信转发" in page


def test_a_foreign_task_and_a_before_photo_are_not_checked(app: Flask, world: World) -> None:
    number = make_task(world, State.HANDLING)
    assert upload(open_session(app, "clerk_police"), encoded(scene()), task=number, phase="after")["evidence"] is None  # fmt: skip
    clerk = open_session(app, "clerk")
    assert upload(clerk, encoded(scene()), task=number, phase="before")["evidence"] is None
    assert upload(clerk, encoded(scene()))["evidence"] is None
