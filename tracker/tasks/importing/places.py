"""Knows where the rows of a batch lie: all points at once, names and codes one by one."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.cells import encode
from gis.coordinates import to_wgs84
from tracker.places.locating import epoch, locator
from tracker.places.models import LEVELS, Area, Level
from tracker.tasks.given import Place
from tracker.tasks.importing.mapping import Record
from tracker.tasks.importing.names import NameIndex
from tracker.tasks.importing.profile import Profile
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.texts import N_

Codes = tuple[str | None, str | None, str | None, str | None]

_FINE_FIRST = tuple(reversed(LEVELS))


class Places:
    """Turns records into places, by the areas in force; read anew when they change."""

    def __init__(self, profile: Profile, crs: str) -> None:
        self._profile, self._crs = profile, crs
        self._epoch: int | None = None

    def found(self, session: Session, records: Sequence[Record]) -> list[Place | RowRejected]:
        """The place of each record, or why it has none."""
        self._refresh(session)
        lons, lats = self._converted(records)
        by_level = locator(session).locate_many(lons, lats)
        codes = zip(*(by_level[level] for level in _FINE_FIRST), strict=True)
        found = zip(records, lons.tolist(), lats.tolist(), codes, _cells(lons, lats), strict=True)
        return [self._place(*one) for one in found]

    def _refresh(self, session: Session) -> None:
        now = epoch(session)
        if now == self._epoch:
            return
        rows = session.execute(
            select(Area.code, Area.name, Area.level, Area.path).where(Area.valid_to.is_(None))
        ).all()
        levels = {code: level for code, _, level, _ in rows}
        self._areas = {code: _codes(path, levels) for code, _, _, path in rows}
        districts = [code for code, level in levels.items() if level == Level.DISTRICT]
        self._queue: Codes = (districts[0] if len(districts) == 1 else None, None, None, None)
        self._communities = {c for c, level in levels.items() if level == Level.COMMUNITY}
        self._names = NameIndex(
            [(code, name) for code, name, level, _ in rows if level == Level.COMMUNITY],
            self._profile.communities,
        )
        self._epoch = now

    def _converted(self, records: Sequence[Record]) -> tuple[np.ndarray, np.ndarray]:
        nowhere = float("nan")
        xs = np.array([nowhere if r.x is None else r.x for r in records], np.float64)
        ys = np.array([nowhere if r.y is None else r.y for r in records], np.float64)
        return to_wgs84(xs, ys, self._crs)

    def _place(
        self, record: Record, lon: float, lat: float, codes: Sequence[str | None], cell: int
    ) -> Place | RowRejected:
        if record.x is None:
            return self._without_position(record)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            return RowRejected(
                Reason.POSITION, N_("位置 %(x)s, %(y)s 不在地球上，请核对经纬度顺序和坐标系 %(crs)s"),
                x=record.x, y=record.y, crs=self._crs,
            )  # fmt: skip
        deepest = next((code for code in codes if code), None)
        return Place(
            lon=lon, lat=lat, raw_x=record.x, raw_y=record.y, coord_sys=self._crs, method="import",
            address=record.address, areas=self._areas.get(deepest or "", self._queue), cell=cell,
        )  # fmt: skip

    def _without_position(self, record: Record) -> Place | RowRejected:
        """Its community, by code or name, as far as the profile allows; else the queue."""
        rule = self._profile.on_missing_place
        if rule == "reject":
            return RowRejected(Reason.PLACE, N_("没有经纬度"))
        code = self._community(record) if rule == "community" else None
        if code is None and rule == "community" and self._profile.on_unknown_community == "reject":
            return RowRejected(
                Reason.PLACE, N_("没有经纬度，社区“%(name)s”也不在系统中"),
                name=record.community_code or record.community,
            )  # fmt: skip
        address = record.address or record.community or "（原记录没有位置）"
        return Place(
            address=address,
            community_code=code,
            method="import",
            areas=self._areas[code] if code else self._queue,
        )

    def _community(self, record: Record) -> str | None:
        if record.community_code in self._communities:
            return record.community_code
        return self._names.code(record.community) if record.community else None


def _cells(lons: np.ndarray, lats: np.ndarray) -> list[int]:
    """The cells of the positions; 0 for what is not on the earth."""
    found = np.zeros(len(lons), np.int64)
    real = (np.abs(lons) <= 180) & (np.abs(lats) <= 90)
    found[real] = encode(lons[real], lats[real])
    return [int(cell) for cell in found.tolist()]


def _codes(path: str, levels: dict[str, str]) -> Codes:
    found: dict[str, str] = {levels[code]: code for code in path.split("/") if code in levels}
    district, town, community, grid = (found.get(level) for level in LEVELS)
    return district, town, community, grid
