"""Knows what an import of posts would do: which rows are sound, what each changes, who may."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import Fault, Invalid, NotPermitted
from tracker.places.importing_report import Rejection, Remark
from tracker.places.models import Area
from tracker.points.importing_files import PointFile, PointRecord
from tracker.points.importing_report import PointReport, RowChange
from tracker.responsibility.checking import Checked, check
from tracker.responsibility.given import PostGiven
from tracker.responsibility.history import changed, said
from tracker.responsibility.importing_rows import RowReader
from tracker.responsibility.models import Responsibility
from tracker.responsibility.phones import is_masked, masked
from tracker.responsibility.terms import settled
from tracker.texts import N_

#: Codes asked for in one statement: databases bound how many values one may carry.
_AT_ONCE = 500


@dataclass(frozen=True)
class PlannedPost:
    """One row that will be stored: a new post, a new term of one, or a correction."""

    stored: Responsibility | None
    checked: Checked
    hands_over: bool
    change: RowChange


@dataclass(frozen=True)
class Plan:
    """Everything an import will do, and the rows it refuses."""

    read: int
    posts: tuple[PlannedPost, ...]
    unchanged: int
    rejections: tuple[Rejection, ...]
    remarks: tuple[Remark, ...]

    def report(self, file: PointFile, *, dry_run: bool = False) -> PointReport:
        """Count the plan; every row that was read is counted once."""
        created = sum(planned.change.is_new for planned in self.posts)
        return PointReport(
            read=self.read,
            created=created,
            changed=len(self.posts) - created,
            unchanged=self.unchanged,
            rejections=self.rejections,
            remarks=self.remarks,
            crs=file.crs,
            crs_source=file.crs_source,
            encoding=file.encoding,
            dry_run=dry_run,
            ignored=file.ignored,
            rows=[planned.change for planned in self.posts],
        )


def plan_posts(
    session: Session, file: PointFile, actor: Actor, *, for_update: bool = False
) -> Plan:
    """What storing the file would do now, in the actor's jurisdiction. Reads only."""
    planner = _Planner(session, actor, file.records, for_update)
    rejections = list(file.rejections)
    for one in file.records:
        try:
            planner.take(one)
        except Fault as no:
            rejections.append(Rejection(one.row, one.code, one.name, no.message, no.facts, one))
    return Plan(
        len(file.records) + len(file.rejections),
        tuple(planner.planned),
        planner.unchanged,
        tuple(sorted(rejections, key=lambda one: one.row)),
        tuple(sorted([*file.remarks, *planner.remarks], key=lambda one: one.row)),
    )


@dataclass
class _Planner:
    """Judges the rows of one file against the posts that are stored."""

    session: Session
    actor: Actor
    records: tuple[PointRecord, ...]
    for_update: bool = False
    planned: list[PlannedPost] = field(default_factory=list)
    unchanged: int = 0
    remarks: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = RowReader(self.session)
        self._now = clock.now()
        #: held, so that looking up an area asks the database once
        self._areas = {area.code: area for area in self.session.scalars(select(Area))}
        self._times = Counter(record.code for record in self.records)
        self._stored = _stored(self.session, list(self._times), for_update=self.for_update)

    def take(self, record: PointRecord) -> None:
        """Judge one row. Raises Fault with the reason why it is not taken."""
        self._check_code(record)
        row = self._stored.get(record.code)
        if row is not None:
            self._demand(row)
        before = PostGiven.of(row) if row is not None else None
        wanted = self._reader.given(record, before)
        if before is None:
            wanted = replace(
                wanted, valid_from=wanted.valid_from or clock.in_city(self._now).date()
            )
        wanted = self._with_phone(record, wanted, row)
        checked = check(
            self.session, wanted, words=self._reader.words, stored_phone=row.phone if row else ""
        )
        self._demand(checked.located)
        hands_over = False
        if before is not None:
            # the same first day as the stored one mends that term, a later one begins the next
            correct = wanted.valid_from is not None and wanted.valid_from == before.valid_from
            checked, hands_over = settled(
                self.session,
                before,
                checked,
                at=self._now,
                correct=correct,
                words=self._reader.words,
            )
        after = said(self.session, checked.given, self._reader.words)
        known = said(self.session, before, self._reader.words) if before is not None else None
        changes = changed(known, after)
        if before is not None and not changes:
            self.unchanged += 1
            return
        given = checked.given
        change = RowChange(record.row, given.code, given.name, before is None, changes)
        self.planned.append(PlannedPost(row, checked, hands_over, change))

    def _with_phone(
        self, record: PointRecord, wanted: PostGiven, row: Responsibility | None
    ) -> PostGiven:
        """Our own exports have masked numbers: they change nothing, and make none."""
        stored = row.phone if row is not None else ""
        if not is_masked(wanted.phone):
            return wanted
        if masked(stored) != wanted.phone:
            self.remarks.append(Remark(record.row, record.name, N_("电话是打码的号码，没有导入")))
        return replace(wanted, phone=stored)

    def _check_code(self, record: PointRecord) -> None:
        if not record.code:
            raise Invalid(N_("缺少编号：请填写“编号”列"))
        if self._times[record.code] > 1:
            raise Invalid(N_("编号在文件中出现了 %(n)d 次"), n=self._times[record.code])

    def _demand(self, place: Any) -> None:
        if allows(self.actor, Permission.RESPONSIBILITY_MANAGE, place):
            return
        if place.district_code is None:
            raise Invalid(N_("位置不在任何已登记的区域内，请核对坐标和坐标系"))
        raise NotPermitted(N_("不在您的辖区内：责任地图须由辖区派遣员维护"))


def _stored(
    session: Session, codes: Sequence[str], *, for_update: bool
) -> dict[str, Responsibility]:
    found: dict[str, Responsibility] = {}
    for start in range(0, len(codes), _AT_ONCE):
        some = [code for code in codes[start : start + _AT_ONCE] if "\0" not in code]
        wanted = (
            select(Responsibility)
            .where(Responsibility.code.in_(some), Responsibility.is_latest.is_(True))
            .options(selectinload(Responsibility.scopes))
        )
        if for_update:
            wanted = wanted.with_for_update().execution_options(populate_existing=True)
        found |= {row.code: row for row in session.scalars(wanted)}
    return found
