"""Knows what an import of points would do: which rows are sound, what each changes, who may."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import Fault, Invalid, NotPermitted
from tracker.places.importing_report import Rejection, Remark
from tracker.places.locating import locator
from tracker.places.models import Area, Level
from tracker.points.checking import Checked, check
from tracker.points.given import PointGiven
from tracker.points.history import differences, said
from tracker.points.importing_files import PointFile, PointRecord, positions_of
from tracker.points.importing_report import PointReport, RowChange
from tracker.points.importing_rows import Words
from tracker.points.models import InspectionPoint
from tracker.texts import N_

#: Codes asked for in one statement: databases bound how many values one may carry.
_AT_ONCE = 500
#: Rows between two words about how far it is.
_STEP = 1000

#: Called with the rows judged so far and all of them.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PlannedPoint:
    """One row that will be stored."""

    stored: InspectionPoint | None
    checked: Checked
    change: RowChange


@dataclass(frozen=True)
class Plan:
    """Everything an import will do, and the rows it refuses."""

    read: int
    points: tuple[PlannedPoint, ...]
    unchanged: int
    rejections: tuple[Rejection, ...]
    remarks: tuple[Remark, ...]

    def report(self, file: PointFile, *, dry_run: bool = False) -> PointReport:
        """Count the plan; every row that was read is counted once."""
        created = sum(planned.change.is_new for planned in self.points)
        return PointReport(
            read=self.read,
            created=created,
            changed=len(self.points) - created,
            unchanged=self.unchanged,
            rejections=self.rejections,
            remarks=self.remarks,
            crs=file.crs,
            crs_source=file.crs_source,
            encoding=file.encoding,
            dry_run=dry_run,
            ignored=file.ignored,
            rows=[planned.change for planned in self.points],
        )


def plan_points(
    session: Session,
    file: PointFile,
    *,
    actor: Actor,
    progress: Progress | None = None,
    for_update: bool = False,
) -> Plan:
    """What storing the file would do now, in the actor's jurisdiction. Reads only.

    `for_update` holds the points that are stored until the unit of work ends.
    """
    planner = _Planner(session, actor, file.records, for_update)
    for place, record in enumerate(file.records, start=1):
        with planner.judging(record):
            planner.take(record)
        if progress is not None and place % _STEP == 0:
            progress(place, len(file.records))
    return Plan(
        len(file.records) + len(file.rejections),
        tuple(planner.planned),
        planner.unchanged,
        tuple(sorted([*file.rejections, *planner.rejections], key=lambda one: one.row)),
        tuple(sorted([*file.remarks, *planner.remarks], key=lambda one: one.row)),
    )


@dataclass(frozen=True)
class _Sketch:
    """A point as it would be, for the words of its history."""

    checked: Checked

    def __getattr__(self, name: str) -> Any:
        if name == "community_code":
            return self.checked.located.community_code
        return getattr(self.checked.given, name)


@dataclass
class _Planner:
    """Judges the rows of one file against the points and areas that are stored."""

    session: Session
    actor: Actor
    records: tuple[PointRecord, ...]
    for_update: bool = False
    planned: list[PlannedPoint] = field(default_factory=list)
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._words = Words(self.session)
        #: held, so that looking up an area asks the database once
        self._areas = {area.code: area for area in self.session.scalars(select(Area))}
        self._rows_of: dict[str, list[int]] = defaultdict(list)
        for record in self.records:
            self._rows_of[record.code].append(record.row)
        self._stored = _stored(self.session, list(self._rows_of), for_update=self.for_update)
        self._positions = positions_of(self.records)
        self._locator = locator(self.session)

    @contextmanager
    def judging(self, record: PointRecord) -> Iterator[None]:
        """What refuses a row refuses that row alone."""
        try:
            yield
        except Fault as no:
            self.rejections.append(
                Rejection(record.row, record.code, record.name, no.message, no.facts, record)
            )

    def take(self, record: PointRecord) -> None:
        """Judge one row. Raises Fault with the reason why it is not taken."""
        self._check_code(record)
        stored = self._stored.get(record.code)
        if stored is not None:
            self._demand(stored)
        position = self._positions.get(record.row)
        if isinstance(position, Invalid):
            raise position
        wanted = self._words.given(record, stored, position)
        self._check_complete(wanted)
        checked = check(self.session, wanted)
        if stored is None or _has_moved(stored, wanted):
            self._check_place(record, checked)
        self._demand(checked.located)
        before = said(self.session, stored) if stored is not None else None
        changes = differences(before, said(self.session, _Sketch(checked)))  # type: ignore[arg-type]
        if stored is not None and not changes:
            self.unchanged += 1
            return
        change = RowChange(record.row, wanted.code, checked.given.name, stored is None, changes)
        self.planned.append(PlannedPoint(stored, checked, change))

    def _check_code(self, record: PointRecord) -> None:
        if not record.code:
            raise Invalid(N_("缺少点位代码：请填写“点位代码”列"))
        rows = self._rows_of[record.code]
        if len(rows) > 1:
            raise Invalid(
                N_("代码在文件中重复（第 %(rows)s 条）"), rows="、".join(map(str, rows[:10]))
            )

    def _check_complete(self, wanted: PointGiven) -> None:
        if not wanted.name:
            raise Invalid(N_("新点位缺少名称：请填写“点位名称”列"))
        if not wanted.site_type_code:
            raise Invalid(N_("新点位缺少点位类型：请填写“点位类型”列"))

    def _check_place(self, record: PointRecord, checked: Checked) -> None:
        """A place outside every community needs the code of one; of two the place decides."""
        lon, lat = checked.given.lon, checked.given.lat
        if lon is None or lat is None:
            return
        found = self._locator.locate(lon, lat).get(Level.COMMUNITY)
        given = record.cells.get("community_code", "")
        if found is None and checked.located.community_code is None:
            raise Invalid(
                N_("位置不在任何社区内：请核对经纬度顺序和坐标系（%(crs)s），或填写社区代码"),
                crs=record.crs,
            )
        if found is None:
            text = N_("位置不在任何社区内，已按社区代码归入")
            self.remarks.append(Remark(record.row, record.name, text))
        elif given and not given.startswith(found):
            text = N_("位置在“%(area)s”，与社区代码不符，已按位置归入")
            name = self._areas[found].name
            self.remarks.append(Remark(record.row, record.name, text, {"area": name}))

    def _demand(self, place: Any) -> None:
        if allows(self.actor, Permission.POINT_MANAGE, place):
            return
        if place.district_code is None:
            raise Invalid(N_("位置不在任何已登记的区域内，请核对坐标和坐标系"))
        raise NotPermitted(N_("不在您的辖区内：点位须由辖区派遣员维护"))


def _has_moved(stored: InspectionPoint, wanted: PointGiven) -> bool:
    return (stored.lon, stored.lat, stored.geometry) != (wanted.lon, wanted.lat, wanted.geometry)


def _stored(
    session: Session, codes: Sequence[str], *, for_update: bool
) -> dict[str, InspectionPoint]:
    found: dict[str, InspectionPoint] = {}
    for start in range(0, len(codes), _AT_ONCE):
        some = [code for code in codes[start : start + _AT_ONCE] if "\0" not in code]
        wanted = select(InspectionPoint).where(InspectionPoint.code.in_(some))
        if for_update:
            wanted = wanted.with_for_update().execution_options(populate_existing=True)
        found |= {point.code: point for point in session.scalars(wanted)}
    return found
