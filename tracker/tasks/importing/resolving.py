"""Knows the category, the unit and the inspection point a row's words stand for."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.places.models import Organization
from tracker.points.models import InspectionPoint
from tracker.tasks.importing.mapping import MAX_UNIT, Record
from tracker.tasks.importing.profile import Profile
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.tasks.states import State
from tracker.texts import N_

#: States that a task reaches only through a unit.
NEEDS_UNIT = frozenset(
    {State.DISPATCHED, State.HANDLING, State.SUBMITTED, State.CLOSED, State.SUSPENDED}
)


@dataclass(frozen=True)
class Resolved:
    """What the words of a row stand for; the objects live in the open unit of work."""

    category: Category | None
    unit: Organization | None
    point_id: int | None = None


class Resolver:
    """Looks words up in one unit of work; holds every object, so that none is loaded twice."""

    def __init__(self, session: Session, profile: Profile) -> None:
        self._session, self._profile = session, profile
        self._categories: dict[str, Category] = {}
        rows = session.scalars(select(Category).where(Category.is_active).order_by(Category.id))
        for category in rows:
            for word in (category.code, category.name, category.alias_2013):
                if word:
                    self._categories.setdefault(word, category)
        self._units = {unit.name: unit for unit in session.scalars(select(Organization))}
        self.made: list[str] = []
        self._points: dict[str, int] = {}

    def resolve_all(self, records: Iterable[Record]) -> list[Resolved | RowRejected]:
        """What each record's words stand for, or why they stand for nothing.

        Adds the units that are not there yet when the profile allows it, all in one flush.
        """
        records = list(records)
        self._points = self._points_of({record.point_code for record in records} - {""})
        found = [self._resolve(record) for record in records]
        self._session.flush()
        return found

    def _resolve(self, record: Record) -> Resolved | RowRejected:
        try:
            return Resolved(self._category(record), self._unit(record), self._point(record))
        except RowRejected as rejected:
            return rejected

    def _category(self, record: Record) -> Category | None:
        words = record.category_words
        code = self._profile.categories.first(words)
        found = self._categories.get(code or "") or next(
            (self._categories[word] for word in words if word in self._categories), None
        )
        found = found or self._categories.get(self._profile.default_category)
        if found is None:
            raise RowRejected(
                Reason.CATEGORY, N_("问题类别“%(word)s”不在目录中，请填写类别代码（如 06010）或名称"),
                word=" / ".join(words)[:60],
            )  # fmt: skip
        return found

    def _unit(self, record: Record) -> Organization | None:
        rules = self._profile.units
        name = rules.values.get(record.unit, record.unit) or rules.default
        if not name:
            alone = (
                record.state is State.CLOSED and self._profile.closed_without_unit == "self_handle"
            )
            if record.state in NEEDS_UNIT and not alone:
                raise RowRejected(Reason.UNIT, N_("已派遣的记录须写明责任单位"))
            return None
        found = self._units.get(name)
        if found is None and rules.create_units and len(name) <= MAX_UNIT:
            found = self._make(name)
        if found is None or not found.is_active:
            if record.state not in NEEDS_UNIT:
                return None
            raise RowRejected(
                Reason.UNIT,
                N_("责任单位“%(name)s”不在系统中或已停用，请先建立该单位"),
                name=name[:60],
            )
        return found

    def _points_of(self, codes: set[str]) -> dict[str, int]:
        if not codes:
            return {}
        found = self._session.execute(
            select(InspectionPoint.code, InspectionPoint.id).where(
                InspectionPoint.code.in_(sorted(codes))
            )
        )
        return {code: key for code, key in found}  # noqa: C416 - rows are not pairs to dict()

    def _point(self, record: Record) -> int | None:
        """The id of the point; a task of a point that nobody knows would be counted nowhere."""
        if not record.point_code:
            return None
        if record.point_code not in self._points:
            raise RowRejected(
                Reason.POINT, N_("点位代码“%(point)s”不在系统中，请先导入点位或改正代码"),
                point=record.point_code[:40],
            )  # fmt: skip
        return self._points[record.point_code]

    def _make(self, name: str) -> Organization:
        rules = self._profile.units
        kind = next(
            (kind for pattern, kind in rules.kinds.items() if fnmatchcase(name, pattern)),
            rules.kind,
        )
        unit = Organization(name=name, kind=kind.value, category_prefixes=[], is_active=True)
        self._session.add(unit)
        self._units[name] = unit
        self.made.append(name)
        return unit
