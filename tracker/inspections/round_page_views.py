"""The page of one round and its route sheet."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import Invalid
from tracker.inspections import (
    round_people,
    round_queries,
    round_rules,
    round_visits,
    site_type_words,
)
from tracker.inspections.round_forms import RoundChangeForm
from tracker.inspections.round_models import (
    DRAW_LABELS,
    ROUND_KIND_LABELS,
    ROUND_STATE_LABELS,
    Round,
    RoundKind,
)
from tracker.inspections.round_queries import Progress
from tracker.inspections.route_order import length_m
from tracker.people.models import User
from tracker.places.models import Area, Organization
from tracker.points.label_views import qr_svg
from tracker.points.models import InspectionPoint, SiteType
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web import map_answers

#: Points of a round on one page.
POINTS_A_PAGE = 100

LABELS = {
    "kind": ROUND_KIND_LABELS, "state": ROUND_STATE_LABELS, "draw": DRAW_LABELS,
}  # fmt: skip


@requires(Permission.ROUND_VIEW)
def detail(round_id: int) -> str:
    """One round: how far it is, its points, its map, what can be done with it."""
    round_ = round_queries.find(db.session(), round_id, current_actor())
    return page(round_, RoundChangeForm(formdata=None, obj=round_))


def page(round_: Round, form: RoundChangeForm) -> str:
    """The page of a round, with a form that may hold refused words."""
    actor, now, session = current_actor(), clock.now(), db.session()
    shown, after = _narrowed()
    rows = round_queries.point_rows(
        session, round_, actor, visited=shown, after=after, limit=POINTS_A_PAGE + 1
    )
    more, rows = len(rows) > POINTS_A_PAGE, rows[:POINTS_A_PAGE]
    visits = round_visits.newest(session, round_.id, [row.point_id for row in rows])
    manages = round_rules.may_manage(actor, round_)
    issues = round_queries.open_issues(session, round_.id, actor)
    is_review = round_.kind == RoundKind.REVIEW
    return render_template(
        "rounds/detail.html",
        round=round_,
        form=form,
        progress=round_queries.progress_of(session, [round_.id]).get(round_.id, Progress()),
        by_community=_named(session, round_, InspectionPoint.community_code, Area),
        by_site_type=_named(session, round_, InspectionPoint.site_type_code, SiteType),
        rows=rows,
        next_after=rows[-1].position if more else None,
        shown=shown,
        names=_names(session, rows),
        visits={i: v for i, v in visits.items() if allows(actor, Permission.VISIT_VIEW, v)},
        scores=visits,
        issues=issues,
        daily=round_queries.daily_open_issues(session, round_.id, actor, now) if is_review else [],
        manages=manages,
        why_points_stay=round_rules.why_points_stay(round_),
        people=round_people.choices(session, round_.kind, round_.unit_id, actor) if manages else [],
        days_to_review=round_rules.days_left(round_.review_on, now),
        days_to_due=round_rules.days_left(round_.due_on, now),
        uuids=lambda: str(uuid4()),
        labels=LABELS,
        map_note=map_answers.map_note(),
    )


def _narrowed() -> tuple[str, int]:
    shown, after = request.args.get("visited", ""), request.args.get("after", "0")
    if not after.isascii() or not after.isdecimal() or len(after) > 9:
        raise Invalid(N_("翻页位置无效，请从第一页重新打开列表。"), field="after")
    return (shown if shown in ("yes", "no") else ""), int(after)


def _named(
    session: Session, round_: Round, column: Any, table: type[Area] | type[SiteType]
) -> list[tuple[str, str, Progress]]:
    """(code, name, progress) in the order of the codes, what has none last."""
    found = round_queries.progress_by(session, round_.id, column)
    names = _words(session, table, table.code, set(found))
    ordered = sorted(found, key=lambda code: (code is None, code or ""))
    return [(code or "", names.get(code or "", ""), found[code]) for code in ordered]


def _words(session: Session, table: Any, key: Any, wanted: set[Any]) -> dict[Any, str]:
    """Names by key; those of site types in the reader's language."""
    name = site_type_words.column(table)
    found = session.execute(select(key, name).where(key.in_(sorted(wanted - {None}))))
    return {row[0]: row[1] for row in found}


def _names(session: Session, rows: Any) -> dict[str, dict[Any, str]]:
    """Names of what the rows mention, by kind and key."""
    return {
        "area": _words(session, Area, Area.code, {row.community_code for row in rows}),
        "type": _words(session, SiteType, SiteType.code, {row.site_type_code for row in rows}),
        "unit": _words(session, Organization, Organization.id, {row.unit_id for row in rows}),
        "person": _words(session, User, User.id, {row.inspector_id for row in rows}),
    }


@requires(Permission.ROUND_VIEW)
def route(round_id: int) -> str:
    """The route sheet, for printing: every point in order with its QR code, room for notes."""
    actor, session = current_actor(), db.session()
    round_ = round_queries.find(session, round_id, actor)
    wanted = request.args.get("inspector", "")
    rows = round_queries.point_rows(session, round_, actor)
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        rows = [row for row in rows if row.inspector_id in (None, int(wanted))]
    metres = length_m([None if row.lon is None else (row.lon, row.lat) for row in rows])
    return render_template(
        "rounds/route.html",
        round=round_,
        rows=rows,
        names=_names(session, rows),
        kilometres=metres / 1000,
        issues=round_queries.open_issues(session, round_.id, actor),
        wanted=wanted,
        labels=LABELS,
        qr_svg=qr_svg,
    )


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/<int:round_id>", "detail", detail)
    blueprint.add_url_rule("/<int:round_id>/route", "route", route)
