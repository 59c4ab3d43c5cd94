"""Imports organizations from a table: judged row by row, stored in one transaction."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.errors import Fault, Invalid
from tracker.places.columns import as_code, parse_flag
from tracker.places.importing_tables import Table, read_table
from tracker.places.models import ORGANIZATION_KIND_LABELS, Organization, OrganizationKind
from tracker.places.operations import OrganizationGiven, check_organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

_COLUMNS = {
    "name": ("name", "名称", "单位名称", "责任单位", "unit", "dispose_unit"),
    "kind": ("kind", "类型", "单位类型"),
    "area": ("area", "area_code", "所属区域代码", "区域代码"),
    "categories": ("categories", "category_prefixes", "问题类别代码", "主管类别"),
    "active": ("active", "启用"),
}
_KINDS = {
    **{kind.value: kind for kind in OrganizationKind},
    **{label: kind for kind, label in ORGANIZATION_KIND_LABELS.items()},
    "部门": OrganizationKind.DEPARTMENT,
    "责任单位": OrganizationKind.DEPARTMENT,
    "镇": OrganizationKind.TOWN,
    "街道": OrganizationKind.TOWN,
    "村": OrganizationKind.COMMUNITY,
    "居委会": OrganizationKind.COMMUNITY,
}


@dataclass(frozen=True)
class RowRefused:
    """One row that was not stored; `reason` is a message id, filled with `facts`."""

    row: int
    name: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class OrganizationReport:
    """The end of an import. Every row read is created, changed, unchanged or rejected."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejections: list[RowRefused] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return len(self.rejections)

    @contextmanager
    def judging(self, row: int, name: str) -> Iterator[None]:
        """What refuses a row refuses that row alone."""
        try:
            yield
        except Fault as fault:
            self.rejections.append(RowRefused(row, name, fault.message, fault.facts))


def import_organizations(
    path: Path, *, actor: Actor, encoding: str | None = None, dry_run: bool = False
) -> OrganizationReport:
    """Import .csv or .xlsx with the columns 名称, 类型, 区域代码, 问题类别代码, 启用.

    A known name is brought up to date in the columns that are there. Raises Invalid for a file
    that cannot be used at all.
    """
    table = read_table(path, encoding=encoding)
    if dry_run:
        report = _judge_all(db.session(), table, write=False)
        db.session.rollback()
        return report
    with unit_of_work() as work:
        report = _judge_all(work, table, write=True)
        audit(
            "organization.import",
            actor=actor,
            object=path.name,
            read=report.read,
            created=report.created,
            changed=report.changed,
            rejected=len(report.rejections),
        )
    return report


def _judge_all(session: Session, table: Table, *, write: bool) -> OrganizationReport:
    columns = _columns(table.fields)
    known = {unit.name: unit for unit in session.scalars(select(Organization))}
    seen: set[str] = set()
    report = OrganizationReport(read=len(table.rows))
    for row, cells in table.rows:
        name = cells[columns["name"]]
        with report.judging(row, name):
            if name in seen:
                raise Invalid(N_("单位名称在文件中重复"))
            unit = known.get(name)
            given = _given(cells, columns, unit)
            check_organization(session, given, unit)
            seen.add(name)
            _count_and_store(session, report, unit, given, write=write)
    return report


def _count_and_store(
    session: Session,
    report: OrganizationReport,
    unit: Organization | None,
    given: OrganizationGiven,
    *,
    write: bool,
) -> None:
    if unit is not None and OrganizationGiven.of(unit) == given:
        report.unchanged += 1
        return
    if unit is None:
        report.created += 1
    else:
        report.changed += 1
    if write:
        if unit is None:
            unit = Organization()
            session.add(unit)
        given.put_into(unit)


def _columns(fields: tuple[str, ...]) -> dict[str, str]:
    by_key = {field.casefold(): field for field in reversed(fields)}
    found = {
        column: by_key[key]
        for column, keys in _COLUMNS.items()
        for key in reversed(keys)
        if key in by_key
    }
    if "name" not in found:
        raise Invalid(
            N_("文件中没有“名称”列。现有的列：%(columns)s。"),
            field="file",
            columns="、".join(fields[:20]),
        )
    return found


def _given(
    cells: Mapping[str, str], columns: Mapping[str, str], unit: Organization | None
) -> OrganizationGiven:
    """What a row says, completed from what is stored; a new unit is a department by default."""
    before = (
        OrganizationGiven.of(unit)
        if unit
        else OrganizationGiven(name="", kind=OrganizationKind.DEPARTMENT)
    )
    changes: dict[str, Any] = {"name": cells[columns["name"]]}
    if cells.get(columns.get("kind", "")):
        changes["kind"] = _kind(cells[columns["kind"]])
    if "area" in columns:
        changes["area_code"] = as_code(cells[columns["area"]], None) or None
    if "categories" in columns:
        said = re.split(r"[,，、;；\s]+", cells[columns["categories"]])
        changes["category_prefixes"] = tuple(sorted({code for code in said if code}))
    if cells.get(columns.get("active", "")):
        changes["is_active"] = _flag(cells[columns["active"]])
    return before.with_changes(**changes)


def _kind(text: str) -> OrganizationKind:
    kind = _KINDS.get(text.strip().casefold())
    if kind is None:
        raise Invalid(N_("不认识的单位类型“%(text)s”"), text=text[:20])
    return kind


def _flag(text: str) -> bool:
    try:
        return bool(parse_flag(text))
    except ValueError:
        raise Invalid(N_("“启用”应为 是 或 否，不能是“%(text)s”"), text=text[:20]) from None
