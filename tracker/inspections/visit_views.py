"""One visit on a page: what was found, its photos, its tasks; and the list of visits."""

from dataclasses import dataclass, field

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy import select

from tracker.access.gate import current_actor, demand, requires
from tracker.access.permissions import Permission
from tracker.errors import NotFound
from tracker.evidence.models import Photo
from tracker.evidence.store import Size
from tracker.inspections import queries, visit_listing
from tracker.inspections.models import Answer, Result, Visit
from tracker.inspections.package_points import WANTING
from tracker.inspections.round_models import ROUND_KIND_LABELS, RoundKind
from tracker.inspections.scoring import RESULT_LABELS
from tracker.inspections.visit_listing import VisitFilter
from tracker.people.models import User
from tracker.places.models import Area, Organization
from tracker.points.checklist_models import DIMENSION_LABELS, Dimension, LabelSet
from tracker.points.models import InspectionPoint
from tracker.points.queries import visible_points
from tracker.storage.db import db
from tracker.tasks.models import Task
from tracker.tasks.photo_views import served
from tracker.tasks.queries import visible
from tracker.texts import N_

blueprint = Blueprint("visits", __name__, url_prefix="/visits")


#: The worst first; items of one result stay in the order asked.
_ORDER = (Result.FAIL, Result.BASIC, Result.CONFORM, Result.NOT_APPLICABLE)


@dataclass
class Group:
    """The answers of one dimension, what is wanting first."""

    label: str
    answers: list[Answer] = field(default_factory=list)

    @property
    def wanting(self) -> int:
        """How many are on the list of gaps."""
        return sum(answer.result in WANTING for answer in self.answers)


@blueprint.get("/")
@requires(Permission.ROUND_LIST)
def listing() -> str:
    """One page of the visits this person may see."""
    actor, session = current_actor(), db.session()
    wanted = VisitFilter.of(request.args)
    page = visit_listing.page(session, actor, wanted, request.args.get("after"))
    codes = {visit.community_code for visit in page.rows if visit.community_code}
    names = dict(session.execute(select(Area.code, Area.name).where(Area.code.in_(codes))).all())
    return render_template(
        "visits/list.html",
        page=page,
        wanted=wanted,
        kept=wanted.as_args(),
        choices=visit_listing.choices(session, actor),
        names=names,
        kinds=ROUND_KIND_LABELS,
        kind_of=RoundKind,
    )


@blueprint.get("/<int:visit_id>")
@requires(Permission.VISIT_VIEW)
def detail(visit_id: int) -> str:
    """What one visit found."""
    visit = _found(visit_id)
    session, actor = db.session(), current_actor()
    tasks = [answer.task_id for answer in visit.answers if answer.task_id is not None]
    may_open = set(session.scalars(select(Task.id).where(Task.id.in_(tasks), visible(actor))))
    helper = session.get(User, visit.accepted_by_id) if visit.accepted_by_id else None
    return render_template(
        "visits/detail.html",
        visit=visit,
        groups=groups(visit),
        gaps=[answer for answer in visit.answers if answer.result in WANTING],
        may_open=may_open,
        community=session.get(Area, visit.community_code) if visit.community_code else None,
        unit=session.get(Organization, visit.unit_id) if visit.unit_id else None,
        accepted_by=helper,
        kind=ROUND_KIND_LABELS[RoundKind(visit.kind)],
        result_words=result_words,
        point_is_open=_is_open(visit),
        editions=list(dict.fromkeys(one.item.edition.name for one in visit.answers)),
    )


@blueprint.get("/<int:visit_id>/photos/<uuid>/<size>")
@requires(Permission.VISIT_VIEW)
def photo(visit_id: int, uuid: str, size: str) -> Response:
    """A photo of an answer, to whoever may see the visit; never the original."""
    if size not in (Size.THUMB, Size.VIEW):
        abort(404)
    visit = _found(visit_id)
    found = db.session.scalar(
        select(Photo)
        .join(Answer, Answer.id == Photo.answer_id)
        .where(Photo.uuid == uuid, Answer.visit_id == visit.id)
    )
    if found is None:
        raise NotFound(N_("没有这张照片，或您无权查看。"))
    return served(found, size)


def _found(visit_id: int) -> Visit:
    visit = queries.find_visit(db.session(), visit_id, current_actor())
    demand(Permission.VISIT_VIEW, visit)
    return visit


def _is_open(visit: Visit) -> bool:
    """Whether the person may open the point too: a round that ended names nobody any more."""
    mine = visible_points(current_actor()).where(InspectionPoint.id == visit.point_id)
    return db.session.scalar(mine) is not None


def groups(visit: Visit) -> list[Group]:
    """The answers by dimension, in the order of the dimensions."""
    found = {dimension: Group(DIMENSION_LABELS[dimension]) for dimension in Dimension}
    for answer in visit.answers:
        found[Dimension(answer.item.dimension)].answers.append(answer)
    for group in found.values():
        group.answers.sort(key=lambda answer: _ORDER.index(Result(answer.result)))
    return [group for group in found.values() if group.answers]


def result_words(answer: Answer) -> str:
    """The result in the words of its edition."""
    return RESULT_LABELS[LabelSet(answer.item.edition.labels)][Result(answer.result)]
