"""Knows how the administrator's lists of areas and organizations are filtered and paged."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.places.models import (
    LEVEL_LABELS,
    ORGANIZATION_KIND_LABELS,
    Area,
    Organization,
)
from tracker.texts import N_
from tracker.web.forms import without_controls
from tracker.web.paging import Page, pack, unpack

#: Rows of a page: a district's towns and communities fit on one.
AREAS_A_PAGE = 50
UNITS_A_PAGE = 25

STANDINGS = {"": N_("在用"), "off": N_("已停用"), "all": N_("全部")}


@dataclass(frozen=True)
class AreaFilter:
    """What the list of areas is narrowed to; empty text means all."""

    text: str = ""
    level: str = ""
    parent: str = ""
    #: "1" pilots alone
    pilot: str = ""
    #: a key of STANDINGS
    standing: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "AreaFilter":
        """Read the address bar; an unknown value narrows nothing."""
        level, standing = args.get("level", ""), args.get("standing", "")
        return cls(
            _typed(args.get("q", "")),
            level if level in LEVEL_LABELS else "",
            _typed(args.get("parent", "")),
            "1" if args.get("pilot") == "1" else "",
            standing if standing in STANDINGS else "",
        )

    def as_args(self) -> dict[str, str]:
        named = {
            "q": self.text, "level": self.level, "parent": self.parent, "pilot": self.pilot, "standing": self.standing,
        }  # fmt: skip
        return {key: value for key, value in named.items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.text:
            found.append(
                or_(
                    Area.name.icontains(self.text, autoescape=True),
                    Area.code.istartswith(self.text, autoescape=True),
                )
            )
        if self.level:
            found.append(Area.level == self.level)
        if self.parent:
            found.append(Area.parent_code == self.parent)
        if self.pilot:
            found.append(Area.is_pilot.is_(True))
        if self.standing != "all":
            found.append(Area.valid_to.is_not(None) if self.standing else Area.valid_to.is_(None))
        return found


@dataclass(frozen=True)
class UnitFilter:
    """What the list of organizations is narrowed to; empty text means all."""

    text: str = ""
    kind: str = ""
    standing: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "UnitFilter":
        """Read the address bar; an unknown value narrows nothing."""
        kind, standing = args.get("kind", ""), args.get("standing", "")
        return cls(
            _typed(args.get("q", "")),
            kind if kind in ORGANIZATION_KIND_LABELS else "",
            standing if standing in STANDINGS else "",
        )

    def as_args(self) -> dict[str, str]:
        named = {"q": self.text, "kind": self.kind, "standing": self.standing}
        return {key: value for key, value in named.items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.text:
            found.append(Organization.name.icontains(self.text, autoescape=True))
        if self.kind:
            found.append(Organization.kind == self.kind)
        if self.standing != "all":
            is_off = self.standing == "off"
            found.append(Organization.is_active.is_(not is_off))
        return found


def page_of_areas(session: Session, wanted: AreaFilter, after: str | None = None) -> Page[Area]:
    """Areas in the order of the tree. Raises Invalid for a broken page key."""
    conditions = wanted.conditions()
    total = session.scalar(select(func.count()).select_from(Area).where(*conditions))
    query = select(Area).where(*conditions).options(joinedload(Area.parent)).order_by(Area.path)
    if after:
        query = query.where(Area.path > str(unpack(after, size=1)[0]))
    rows = session.scalars(query.limit(AREAS_A_PAGE + 1)).all()
    more = len(rows) > AREAS_A_PAGE
    rows = rows[:AREAS_A_PAGE]
    return Page(rows, pack([rows[-1].path]) if more else None, total)


def page_of_units(
    session: Session, wanted: UnitFilter, after: str | None = None
) -> Page[Organization]:
    """Organizations by name. Raises Invalid for a broken page key."""
    conditions = wanted.conditions()
    total = session.scalar(select(func.count()).select_from(Organization).where(*conditions))
    query = (
        select(Organization)
        .where(*conditions)
        .options(joinedload(Organization.area))
        .order_by(Organization.name)
    )
    if after:
        query = query.where(Organization.name > str(unpack(after, size=1)[0]))
    rows = session.scalars(query.limit(UNITS_A_PAGE + 1)).all()
    more = len(rows) > UNITS_A_PAGE
    rows = rows[:UNITS_A_PAGE]
    return Page(rows, pack([rows[-1].name]) if more else None, total)


def _typed(text: str) -> str:
    return without_controls(text)[:50]
