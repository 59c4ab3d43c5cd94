"""The demo's drawn photos: a few variants of each kind, drawn and kept once, used by many tasks."""

from datetime import datetime
from functools import cache, cached_property
from itertools import product

from sqlalchemy.orm import Session

from tracker.demo.pictures import KINDS, draw, kind_for
from tracker.evidence.images import Picture, decode
from tracker.evidence.models import Photo
from tracker.evidence.store import PhotoStore

#: Different drawings of each kind of problem.
VARIANTS = 3


@cache
def _drawings() -> dict[tuple[str, int, bool], tuple[bytes, Picture]]:
    """Every drawing, decoded as if a phone had sent it."""
    drawn = {}
    for key in product(KINDS, range(VARIANTS), (False, True)):
        kind, variant, after = key
        data = draw(kind, variant, after=after)
        drawn[key] = (data, decode(data))
    return drawn


class Album:
    """Draws on first use; the files are durable before any row names them."""

    def __init__(self, store: PhotoStore) -> None:
        self.store = store

    @cached_property
    def pages(self) -> dict[tuple[str, int, bool], Picture]:
        """Every drawing by kind, variant and after, kept in the store."""
        for data, picture in _drawings().values():
            self.store.keep(picture, data)
        return {key: picture for key, (_, picture) in _drawings().items()}

    def photo(
        self,
        session: Session,
        category_code: str,
        variant: int,
        *,
        after: bool,
        owner_id: int | None,
        at: datetime,
        uuid: str,
        spot: tuple[float | None, float | None] | None = None,
    ) -> str:
        """Add a photo row, not yet attached; returns its UUID."""
        picture = self.pages[kind_for(category_code), variant, after]
        session.add(
            Photo(
                uuid=uuid,
                sha256=picture.sha256,
                owner_id=owner_id,
                mime=picture.mime,
                width=picture.width,
                height=picture.height,
                # a drawing stands for many photos: it is no copy of one
                phash=None,
                taken_at=at,
                taken_lon=spot[0] if spot else None,
                taken_lat=spot[1] if spot else None,
                received_at=at,
            )
        )
        # a step looks its photos up by key; what waits in the session is not found there
        session.flush()
        return uuid

    def keep(self, data: bytes) -> Picture:
        """Keep a photo of its own, with the time and place in its bytes."""
        picture = decode(data)
        self.store.keep(picture, data)
        return picture

    def taken(
        self, session: Session, data: bytes, *, owner_id: int | None, at: datetime, uuid: str
    ) -> None:
        """Add a photo row as a camera made it, received at `at`, not yet attached."""
        picture = self.keep(data)
        session.add(
            Photo(
                uuid=uuid,
                sha256=picture.sha256,
                owner_id=owner_id,
                mime=picture.mime,
                width=picture.width,
                height=picture.height,
                phash=picture.phash,
                taken_at=picture.taken_at,
                taken_lon=picture.position.lon if picture.position else None,
                taken_lat=picture.position.lat if picture.position else None,
                received_at=at,
            )
        )
        session.flush()
