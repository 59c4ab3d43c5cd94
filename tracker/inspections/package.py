"""Knows what a phone takes along: rounds, points, checklists, categories, phrases, tasks, borders."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.catalogue.data import load_phrases
from tracker.catalogue.models import Category
from tracker.inspections import package_points
from tracker.inspections.package_tasks import own_tasks
from tracker.inspections.queries import inspectable, own_rounds
from tracker.inspections.round_models import ROUND_KIND_LABELS, Round, RoundKind, RoundPoint
from tracker.inspections.scoring import RESULT_LABELS, becomes_task
from tracker.places.models import Area
from tracker.places.queries import areas_visible_to
from tracker.points.checklist_models import DIMENSION_LABELS, METHOD_LABELS, Dimension, Method
from tracker.points.checklists import AppliedEdition, editions_in_force
from tracker.points.models import InspectionPoint, SiteType
from tracker.tasks.report_borders import Community, borders, communities

#: The form of the package; a phone that knows another one asks for a new application.
FORMAT = 1
#: Points that a phone takes along, those of open rounds first.
MAX_POINTS = 3000


@dataclass(frozen=True)
class Package:
    """The answer as bytes, and the version of its data: the same data have the same version."""

    body: bytes
    version: str


def build(session: Session, actor: Actor) -> Package:
    """Everything this person may take along, and nothing else; a bounded number of queries."""
    rounds = list(session.scalars(own_rounds(actor)))
    in_rounds = _points_of(session, rounds)
    points = _points(session, actor, [row.point_id for row in in_rounds])
    shown = {point.id for point in points}
    areas = _areas(session, actor)
    content = {
        "areas": [_area(area) for area in areas],
        "borders": _borders(session, actor, {area.code: area for area in areas}),
        "site_types": _site_types(session),
        "editions": [_edition(edition) for edition in editions_in_force(session)],
        "rounds": [_round(one, in_rounds, shown, actor) for one in rounds],
        "points": package_points.described(session, points, actor),
        "categories": _categories(session),
        "phrases": _phrases(session),
        "tasks": own_tasks(session, actor),
        "counts": {"points": _count(session, actor), "shown": len(points)},
    }
    made_at = clock.now().isoformat()
    version = hashlib.sha256(_dump({"of": actor.user_id, **content})).hexdigest()[:32]
    return Package(_dump({"format": FORMAT, "made_at": made_at, **content}), version)


def _dump(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)


def _points_of(session: Session, rounds: Sequence[Round]) -> list[RoundPoint]:
    return list(
        session.scalars(
            select(RoundPoint)
            .where(RoundPoint.round_id.in_([one.id for one in rounds]))
            .order_by(RoundPoint.round_id, RoundPoint.position, RoundPoint.point_id)
            .limit(MAX_POINTS)
        )
    )


def _points(session: Session, actor: Actor, first: Sequence[int]) -> list[InspectionPoint]:
    """Points of open rounds, then the others by code."""
    allowed = select(InspectionPoint).where(
        inspectable(actor), InspectionPoint.is_active, ~package_points.is_channel()
    )
    wanted = list(dict.fromkeys(first))
    found: list[InspectionPoint] = []
    if wanted:
        rows = session.scalars(allowed.where(InspectionPoint.id.in_(wanted)))
        found = sorted(rows, key=lambda point: wanted.index(point.id))
    rest = session.scalars(
        allowed.where(InspectionPoint.id.not_in(wanted))
        .order_by(InspectionPoint.code)
        .limit(MAX_POINTS - len(found))
    )
    return [*found, *rest]


def _count(session: Session, actor: Actor) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(InspectionPoint)
            .where(inspectable(actor), InspectionPoint.is_active, ~package_points.is_channel())
        )
        or 0
    )


def _areas(session: Session, actor: Actor) -> list[Area | Community]:
    """The person's areas and the communities under the map."""
    own: dict[str, Area | Community] = {
        area.code: area for area in session.scalars(areas_visible_to(actor))
    }
    own |= {area.code: area for area in communities(session, actor)}
    return [own[code] for code in sorted(own)]


def _area(area: Area | Community) -> dict[str, Any]:
    return {"code": area.code, "name": area.name, "level": area.level, "parent": area.parent_code}


def _borders(session: Session, actor: Actor, areas: dict[str, Area | Community]) -> dict[str, Any]:
    found = borders(session, actor)
    for feature in found["features"]:
        area = areas.get(feature["id"])
        feature["properties"]["level"] = area.level if area else "community"
        feature["geometry"] = {
            "type": feature["geometry"]["type"],
            "coordinates": _rounded(feature["geometry"]["coordinates"]),
        }
    return found


def _rounded(value: Any) -> Any:
    """Coordinates to about a metre: they are looked at only."""
    if isinstance(value, int | float):
        return round(value, 5)
    return [_rounded(one) for one in value]


def _site_types(session: Session) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(SiteType).where(~SiteType.is_channel).order_by(SiteType.sort, SiteType.code)
    )
    return [{"code": row.code, "name": row.name, "group": row.group_name} for row in rows]


def _edition(edition: AppliedEdition) -> dict[str, Any]:
    labels = RESULT_LABELS[edition.labels]
    makes = [result.value for result in labels if becomes_task(result, edition.labels)]
    return {
        "code": edition.code,
        "name": edition.name,
        "kind": edition.kind.value,
        "labels": edition.labels.value,
        "is_sample": edition.is_sample,
        "results": [[result.value, _(words)] for result, words in labels.items()],
        "items": [
            {
                "id": item.id,
                "code": item.line_code,
                "site_type": item.site_type_code,
                "dimension": item.dimension,
                "dimension_name": _(DIMENSION_LABELS[Dimension(item.dimension)]),
                "text": item.text,
                "standard": item.standard,
                "method": _(METHOD_LABELS[Method(item.method)]),
                "category_id": item.category_id,
                "category": item.category_code,
                "weight": item.weight,
                "is_critical": item.is_critical,
                "makes_task": makes,
            }
            for item in edition.items
        ],
    }


def _round(one: Round, rows: Sequence[RoundPoint], shown: set[int], actor: Actor) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "kind_name": _(ROUND_KIND_LABELS[RoundKind(one.kind)]),
        "due_on": one.due_on.isoformat(),
        "review_on": one.review_on.isoformat() if one.review_on else None,
        "points": [
            {
                "point_id": row.point_id,
                "position": row.position,
                "visited_at": iso(row.visited_at),
                "mine": row.inspector_id in (None, actor.user_id),
            }
            for row in rows
            if row.round_id == one.id and row.point_id in shown
        ],
    }


def iso(moment: datetime | None) -> str | None:
    """RFC 3339, None stays None."""
    return moment.isoformat() if moment else None


def _categories(session: Session) -> list[dict[str, Any]]:
    rows = session.scalars(select(Category).where(Category.is_active).order_by(Category.code))
    return [
        {
            "id": row.id,
            "code": row.code,
            "name": row.name,
            "major": row.major_name,
            "tags": list(row.tags),
        }
        for row in rows
    ]


def _phrases(session: Session) -> list[dict[str, Any]]:
    ids: dict[str, int] = dict(session.execute(select(Category.code, Category.id)).all())
    return [
        {"category_id": ids[phrase.category_code], "text": phrase.text}
        for phrase in load_phrases()
        if phrase.category_code in ids
    ]
