"""Photos: evidence rows beside the files kept by content hash."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Connection, ForeignKey, Index, String, event, insert
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from tracker.evidence.bands import keys_of
from tracker.storage.db import Base
from tracker.storage.types import UTCDateTime


class Phase(StrEnum):
    """What a photo shows of the work."""

    BEFORE = "before"  #: 整改前
    DURING = "during"  #: 整改中
    AFTER = "after"  #: 整改后
    CHECK = "check"  #: 核查现场


class Photo(Base):
    """One photo. Without a task it waits in its owner's tray until a form attaches it."""

    __tablename__ = "photo"
    __table_args__ = (Index("ix_photo_task_id_phase", "task_id", "phase"),)

    #: made by the client, so that a resend finds the first row
    uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("task_event.id"))
    #: the answer of an inspection it shows; a failure's photo has the task besides
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id"), index=True)
    phase: Mapped[str | None] = mapped_column(String(8))
    mime: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    #: 64-bit perceptual hash, signed for BIGINT
    phash: Mapped[int | None] = mapped_column(BigInteger)
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: position by the camera, WGS-84 degrees
    taken_lon: Mapped[float | None]
    taken_lat: Mapped[float | None]
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class PhotoBand(Base):
    """A quarter of a photo's perceptual hash: near copies share a quarter that differs in few bits."""

    __tablename__ = "photo_band"
    __table_args__ = (Index("ix_photo_band_key_photo_uuid", "key", "photo_uuid"),)

    photo_uuid: Mapped[str] = mapped_column(
        ForeignKey("photo.uuid", ondelete="CASCADE"), primary_key=True
    )
    #: number of the quarter (0 to 3) in bits 16 and 17, its 16 bits below
    key: Mapped[int] = mapped_column(primary_key=True)


def quarters(uuid: str, phash: int | None) -> list[dict[str, str | int]]:
    """The rows of `PhotoBand` of a photo with this hash; none without one."""
    return [] if phash is None else [{"photo_uuid": uuid, "key": key} for key in keys_of(phash)]


@event.listens_for(Photo, "after_insert")
def _cut(mapper: Mapper[Photo], connection: Connection, photo: Photo) -> None:
    """Whoever makes a photo row makes its quarters, in the same transaction."""
    if rows := quarters(photo.uuid, photo.phash):
        connection.execute(insert(PhotoBand), rows)
