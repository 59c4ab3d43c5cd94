"""Knows how editions and their lines are listed: by kind, with their standing; by words and type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.points.checklist_lines import ItemLine
from tracker.points.checklist_models import CheckItem, ChecklistEdition, EditionKind
from tracker.points.checklists import editions_in_force
from tracker.points.models import SiteType
from tracker.texts import N_
from tracker.web.forms import without_controls

#: Chosen in place of a site type: the common block alone.
COMMON_BLOCK = "common"


class Standing(StrEnum):
    """Where an edition stands on a day."""

    CURRENT = "current"  #: in force
    COMING = "coming"  #: begins later
    PAST = "past"  #: was in force
    ASIDE = "aside"  #: never in force so far


STANDING_LABELS = {
    Standing.CURRENT: N_("现行"),
    Standing.COMING: N_("待生效"),
    Standing.PAST: N_("已停用"),
    Standing.ASIDE: N_("备用"),
}


@dataclass(frozen=True)
class ListedEdition:
    """One row of the list."""

    edition: ChecklistEdition
    standing: Standing
    #: items a person can be asked, one for each site type of a line
    item_count: int


def listed(session: Session, *, on: date) -> dict[EditionKind, list[ListedEdition]]:
    """Every edition by kind: current, coming, kept aside, past; the newest of each first."""
    counted = session.execute(
        select(CheckItem.edition_id, func.count().label("items")).group_by(CheckItem.edition_id)
    )
    counts = {row.edition_id: row.items for row in counted}
    found: dict[EditionKind, list[ListedEdition]] = {kind: [] for kind in EditionKind}
    current = {one.id for one in editions_in_force(session, on=on)}
    newest = select(ChecklistEdition).order_by(ChecklistEdition.id.desc())
    for edition in session.scalars(newest):
        row = ListedEdition(edition, _standing(edition, current, on), counts.get(edition.id, 0))
        found[EditionKind(edition.kind)].append(row)
    order = [Standing.CURRENT, Standing.COMING, Standing.ASIDE, Standing.PAST]
    for rows in found.values():
        rows.sort(key=lambda row: order.index(row.standing))
    return found


def standing_of(session: Session, edition: ChecklistEdition, *, on: date) -> Standing:
    """Where one edition stands."""
    return _standing(edition, {one.id for one in editions_in_force(session, on=on)}, on)


def _standing(edition: ChecklistEdition, current: set[int], on: date) -> Standing:
    if edition.valid_from is None:
        return Standing.ASIDE
    if edition.id in current:
        return Standing.CURRENT
    return Standing.COMING if edition.valid_from > on else Standing.PAST


@dataclass(frozen=True)
class LineFilter:
    """What the lines of an edition are narrowed to; empty text means all."""

    text: str = ""
    #: a site type's code, or COMMON_BLOCK
    site_type: str = ""
    only_critical: bool = False

    @classmethod
    def of(cls, args: Mapping[str, str], known: set[str]) -> "LineFilter":
        """Read the address bar; an unknown value narrows nothing."""
        site_type = args.get("type", "")
        return cls(
            without_controls(args.get("q", ""))[:50],
            site_type if site_type in known | {COMMON_BLOCK} else "",
            args.get("critical") == "1",
        )

    def keeps(self, line: ItemLine) -> bool:
        """Whether a line is shown; a type shows its own lines, the common ones stand apart."""
        if self.only_critical and not line.is_critical:
            return False
        if self.site_type == COMMON_BLOCK and line.site_types:
            return False
        if self.site_type not in ("", COMMON_BLOCK) and self.site_type not in line.site_types:
            return False
        said = " ".join((line.code, line.text, line.standard, line.category_code))
        return self.text.casefold() in said.casefold()


def types_of(session: Session) -> Sequence[SiteType]:
    """Every site type in the order of the handbook."""
    return session.scalars(select(SiteType).order_by(SiteType.sort)).all()


def grouped(types: Sequence[SiteType]) -> list[tuple[tuple[str, str], list[SiteType]]]:
    """((group, its English name), types) in the order of the handbook."""
    found: dict[tuple[str, str], list[SiteType]] = {}
    for one in types:
        found.setdefault((one.group_name, one.group_name_en), []).append(one)
    return list(found.items())


def category_names(session: Session) -> dict[str, tuple[str, str]]:
    """Code → Chinese and English name of every category."""
    rows = session.execute(
        select(Category.code, Category.name, Category.name_en).order_by(Category.id.desc())
    )
    return {row.code: (row.name, row.name_en) for row in rows}
