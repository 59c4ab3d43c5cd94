"""Knows how held items are shown to the office: who, what, when, where, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from tracker.access.actor import Actor
from tracker.catalogue.models import Category
from tracker.errors import Invalid
from tracker.inspections.intake_reading import KIND_LABELS, Kind
from tracker.inspections.models import HeldItem, HeldState, Result
from tracker.inspections.queries import visible_held
from tracker.inspections.scoring import RESULT_LABELS
from tracker.places.models import Area
from tracker.points.checklist_models import CheckItem, LabelSet
from tracker.points.models import InspectionPoint
from tracker.tasks.models import Task
from tracker.texts import N_
from tracker.web.paging import PAGE_SIZE, Page, pack, unpack


@dataclass(frozen=True)
class Card:
    """One held item in the list."""

    title: str
    where: str
    photos: list[str]


@dataclass(frozen=True)
class Told:
    """One answer of a held visit."""

    item: str
    result: str
    is_failure: bool
    note: str
    photos: list[str]


def page(session: Session, actor: Actor, *, is_waiting: bool, after: str | None) -> Page[HeldItem]:
    """The oldest waiting ones first, or the newest decided ones. Raises Invalid for a broken key."""
    query = select(HeldItem).where(visible_held(actor)).options(joinedload(HeldItem.user))
    beyond: ColumnElement[bool] | None = None
    if after:
        (last,) = unpack(after, size=1)
        if not isinstance(last, int):
            raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")
        beyond = HeldItem.id > last if is_waiting else HeldItem.id < last
    if is_waiting:
        query = query.where(HeldItem.state == HeldState.WAITING).order_by(HeldItem.id)
    else:
        query = query.where(HeldItem.state != HeldState.WAITING).order_by(HeldItem.id.desc())
    if beyond is not None:
        query = query.where(beyond)
    rows = session.scalars(query.limit(PAGE_SIZE + 1)).all()
    more = len(rows) > PAGE_SIZE
    return Page(rows[:PAGE_SIZE], pack([rows[PAGE_SIZE - 1].id]) if more else None)


def cards(session: Session, rows: Sequence[HeldItem]) -> dict[int, Card]:
    """Title, place and photos of each, by id; a few queries for all."""
    points = _by_id(session, [row.content["content"].get("point_id") for row in rows])
    codes = {row.community_code or row.town_code or row.district_code for row in rows}
    areas: dict[Any, str] = dict(
        session.execute(
            select(Area.code, Area.name).where(Area.code.in_([code for code in codes if code]))
        ).all()
    )
    return {
        row.id: Card(
            _title(row, points),
            areas.get(row.community_code or row.town_code or row.district_code, ""),
            [photo["uuid"] for photo in row.content.get("photos", [])],
        )
        for row in rows
    }


def _by_id(session: Session, ids: Sequence[Any]) -> dict[int, str]:
    usable = [one for one in ids if type(one) is int and 0 <= one < 2**31]
    rows = session.execute(
        select(InspectionPoint.id, InspectionPoint.name).where(InspectionPoint.id.in_(usable))
    )
    return {key: name for key, name in rows}  # noqa: C416 - rows are not pairs to dict()


def _title(row: HeldItem, points: dict[int, str]) -> str:
    content = row.content["content"]
    if row.kind == Kind.VISIT:
        key = content.get("point_id")
        return points.get(key if type(key) is int else 0, _("未知点位"))
    if row.kind == Kind.SUBMIT:
        return str(content.get("number", ""))[:40]
    return str(content.get("description", ""))[:60] or _(KIND_LABELS[Kind.REPORT])


def lines(session: Session, row: HeldItem) -> list[tuple[str, str]]:
    """What was sent besides answers and photos, as label and words."""
    content = row.content["content"]
    found: list[tuple[str, Any]] = []
    if row.kind == Kind.SUBMIT:
        task = session.scalar(select(Task).where(Task.number == str(content.get("number"))[:40]))
        found = [
            (_("任务"), f"{content.get('number', '')} {task.title if task else ''}"),
            (_("整改措施"), content.get("measures")),
        ]
    elif row.kind == Kind.REPORT:
        key = content.get("category_id")
        category = session.get(Category, key) if type(key) is int and 0 <= key < 2**31 else None
        found = [
            (_("问题描述"), content.get("description")),
            (_("问题类别"), category.name if category else ""),
            (_("地址"), content.get("address")),
        ]
    else:
        found = [(_("说明"), content.get("note"))]
    found += [
        (_("位置"), _position(content)),
        (_("没有照片的原因"), content.get("no_photo_reason")),
    ]
    return [(label, str(value)[:2000]) for label, value in found if value]


def _position(content: dict[str, Any]) -> str:
    sent = content.get("position")
    if not isinstance(sent, dict):
        return ""
    return f"{sent.get('lon', '')}, {sent.get('lat', '')}"


def answers(session: Session, row: HeldItem) -> list[Told]:
    """The answers of a held visit that say more than 符合, in the order sent."""
    sent = row.content["content"].get("answers")
    if row.kind != Kind.VISIT or not isinstance(sent, list):
        return []
    rows = [one for one in sent if isinstance(one, dict) and type(one.get("item_id")) is int]
    ids = {one["item_id"] for one in rows if 0 <= one["item_id"] < 2**31}
    items = {
        item.id: item
        for item in session.scalars(
            select(CheckItem).where(CheckItem.id.in_(ids)).options(joinedload(CheckItem.edition))
        )
    }
    return [
        _told(one, items.get(one["item_id"]))
        for one in rows
        if one.get("result") != Result.CONFORM or one.get("note") or one.get("photos")
    ]


def _told(sent: dict[str, Any], item: CheckItem | None) -> Told:
    result = str(sent.get("result", ""))[:40]
    words = result
    if item is not None and result in tuple(Result):
        labels = RESULT_LABELS[LabelSet(item.edition.labels)]
        words = _(labels.get(Result(result), result))
    photos = sent.get("photos")
    return Told(
        item.text if item else _("未知检查项"),
        words,
        result in (Result.FAIL, Result.BASIC),
        str(sent.get("note", ""))[:500],
        [str(uuid) for uuid in photos] if isinstance(photos, list) else [],
    )
