"""Knows how the photos that an item names become rows, from what its person brought before."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from tracker import clock
from tracker.errors import Conflict, Invalid
from tracker.evidence.models import Photo
from tracker.inspections.intake_reading import SentPhoto
from tracker.inspections.uploads import PhotoFacts
from tracker.texts import N_

#: What is known of a photo's content by its hash; None when its bytes are not here.
FactsOf = Callable[[str], PhotoFacts | None]


class PhotosMissing(Conflict):
    """The bytes of these hashes are not here yet."""

    code = "photos_missing"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(N_("还有照片没有上传完，请先上传照片。"))
        self.missing = list(missing)


def facts_for(
    session: Session, photos: Sequence[SentPhoto], facts_of: FactsOf, *, owner_id: int
) -> dict[str, PhotoFacts]:
    """The facts of every photo that has no row yet, by hash. Raises PhotosMissing."""
    found: dict[str, PhotoFacts] = {}
    missing: list[str] = []
    for photo in photos:
        row = session.get(Photo, photo.uuid)
        if row is not None and row.owner_id == owner_id and row.sha256 == photo.sha256:
            continue
        facts = facts_of(photo.sha256)
        if facts is None:
            missing.append(photo.sha256)
        else:
            found[photo.sha256] = facts
    if missing:
        raise PhotosMissing(list(dict.fromkeys(missing)))
    return found


def put_in_tray(
    session: Session,
    photos: Sequence[SentPhoto],
    facts: dict[str, PhotoFacts],
    *,
    owner_id: int,
) -> None:
    """Make the rows in the caller's unit of work; the files are kept already.

    Raises Invalid when a UUID stands for another photo or another owner.
    """
    for photo in photos:
        row = session.get(Photo, photo.uuid)
        if row is None:
            session.add(_row(photo.uuid, facts[photo.sha256], owner_id))
        elif row.sha256 != photo.sha256 or row.owner_id != owner_id:
            raise Invalid(N_("这个照片编号已用于另一张照片。请移除后重新添加。"), field="photos")
    session.flush()


def check_named(photos: Sequence[SentPhoto], used: Sequence[str]) -> None:
    """Every photo of an item is shown somewhere in it, once. Raises Invalid."""
    named = {photo.uuid for photo in photos}
    if set(used) - named:
        raise Invalid(N_("有一张照片没有列入照片清单，请重新添加。"), field="photos")
    if named - set(used) or len(set(used)) < len(used):
        raise Invalid(N_("每张照片须且只须用于一处，请核对。"), field="photos")


def _row(uuid: str, facts: PhotoFacts, owner_id: int) -> Photo:
    return Photo(
        uuid=uuid,
        sha256=facts.sha256,
        owner_id=owner_id,
        mime=facts.mime,
        width=facts.width,
        height=facts.height,
        phash=facts.phash,
        taken_at=facts.taken_moment,
        taken_lon=facts.taken_lon,
        taken_lat=facts.taken_lat,
        received_at=clock.now(),
    )
