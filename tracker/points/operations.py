"""Writes inspection points: made, changed, moved, retired, each with its history."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.errors import Conflict, Invalid, NotPermitted
from tracker.points import queries
from tracker.points.checking import Checked, check
from tracker.points.given import PointGiven
from tracker.points.history import differences, kind_of, said
from tracker.points.models import InspectionPoint
from tracker.points.numbering import next_code
from tracker.points.storing import created, fill, note
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_
from tracker.web.forms import without_controls

Outcome = Literal["created", "changed", "unchanged"]


class StalePoint(Conflict):
    """Somebody changed the point after this person opened it."""

    code = "stale"


def put(
    work: Session, row: PointGiven, *, actor: Actor, at: datetime, kind: str | None = None
) -> tuple[InspectionPoint, Outcome]:
    """Make the point `row.code` what `row` says, inside the caller's unit of work.

    An empty code makes a new point with the next number of its district. `kind` is the word for the
    history ("import" for files), else what the change is. Nothing is written when nothing changed.
    Raises Invalid (with `field`) for words, codes or shapes that cannot be, and NotPermitted where
    the actor does not manage the old or the new area.
    """
    checked = check(work, row)
    given = checked.given
    point = _locked(work, given.code) if given.code else None
    if point is not None:
        _demand(actor, point)
    _demand_new_place(actor, checked)
    if point is None:
        given = replace(given, code=given.code or next_code(work, checked.located.district_code))
        return created(work, given, checked, actor=actor, at=at, kind=kind), "created"
    before = said(work, point)
    fill(point, given, checked)
    changes = differences(before, said(work, point))
    if not changes:
        return point, "unchanged"
    note(work, point, changes, kind or kind_of(changes), actor=actor, at=at)
    return point, "changed"


def create(given: PointGiven, *, actor: Actor, request_uuid: str) -> str:
    """Make a new point and return its code. Raises Invalid, NotPermitted, Conflict.

    A code that is taken is refused whoever has it. A resend gets the first answer.
    """

    # as `put` cleans it: an invisible letter must not turn a new point into a change of an old one
    given = replace(given, code=without_controls(given.code))

    def carry_out(work: Session) -> InspectionPoint:
        if given.code and _locked(work, given.code) is not None:
            raise Invalid(
                N_("编号“%(given)s”已有点位使用，请换一个，或留空自动编号。"),
                field="code",
                given=given.code,
            )
        return put(work, given, actor=actor, at=clock.now())[0]

    return _once(carry_out, "create", given, None, actor=actor, request_uuid=request_uuid)


def edit(
    code: str, given: PointGiven, *, actor: Actor, version: int | None, request_uuid: str
) -> str:
    """Make a visible point what `given` says; its code stays.

    `version` is what the page showed, None to overwrite whatever is there. Raises NotFound for an
    unknown or foreign point, StalePoint, Invalid, NotPermitted.
    """
    given = replace(given, code=code)
    return _changed(code, lambda _point: given, given, version, actor, request_uuid)


def move(
    code: str,
    *,
    lon: float | None = None,
    lat: float | None = None,
    geometry: dict[str, Any] | None = None,
    actor: Actor,
    version: int | None,
    request_uuid: str,
) -> str:
    """Put a point elsewhere: (lon, lat) degrees WGS-84, or a line or polygon; as `edit`."""
    place: dict[str, Any] = {
        "lon": lon, "lat": lat, "raw_x": lon, "raw_y": lat, "coord_sys": "wgs84",
        "geometry": geometry,
    }  # fmt: skip

    def moved(point: InspectionPoint) -> PointGiven:
        return replace(PointGiven.of(point), **place)

    return _changed(code, moved, place, version, actor, request_uuid)


def set_active(
    code: str, is_active: bool, *, actor: Actor, version: int | None, request_uuid: str
) -> str:
    """Retire a point (停用) or bring it back; visits and tasks stay. As `edit`."""

    def switched(point: InspectionPoint) -> PointGiven:
        return replace(PointGiven.of(point), is_active=is_active)

    return _changed(code, switched, {"is_active": is_active}, version, actor, request_uuid)


def _changed(
    code: str,
    wanted: Callable[[InspectionPoint], PointGiven],
    content: Any,
    version: int | None,
    actor: Actor,
    request_uuid: str,
) -> str:
    def carry_out(work: Session) -> InspectionPoint:
        queries.find(work, code, actor)
        point = _locked(work, code)
        assert point is not None
        _demand(actor, point)
        if version is not None and point.version != version:
            raise StalePoint(
                N_("您打开之后，这个点位已被他人修改。请核对最新内容后重新保存，您填写的内容还在。")
            )
        return put(work, wanted(point), actor=actor, at=clock.now())[0]

    return _once(carry_out, code, content, version, actor=actor, request_uuid=request_uuid)


def _once(
    carry_out: Callable[[Session], InspectionPoint],
    what: str,
    content: Any,
    version: int | None,
    *,
    actor: Actor,
    request_uuid: str,
) -> str:
    """One transaction with its receipt and audit entry; the code of the point."""
    plain = asdict(content) if isinstance(content, PointGiven) else content
    # unchecked as yet: a number in it may be larger than the canonical form takes
    given = sorted((name, repr(value)) for name, value in plain.items())
    asked = receipts.digest_of({"point": what, "given": given, "version": version})
    try:
        with unit_of_work() as work:
            done = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=asked)
            if done is not None:
                return str(done["code"])
            point = carry_out(work)
            work.flush()
            code = point.code
            receipts.keep(
                work, request_uuid, actor_id=actor.user_id, digest=asked, outcome={"code": code}
            )
    except IntegrityError:
        raise Conflict(N_("同一时间有人保存了相同的编号或请求，请刷新页面后重试。")) from None
    return code


def _locked(work: Session, code: str) -> InspectionPoint | None:
    """The row as it is now, held until the unit of work ends."""
    return work.scalar(
        select(InspectionPoint)
        .where(InspectionPoint.code == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _demand(actor: Actor, place: Any) -> None:
    if not allows(actor, Permission.POINT_MANAGE, place):
        raise NotPermitted(WHO[Permission.POINT_MANAGE])


def _demand_new_place(actor: Actor, checked: Checked) -> None:
    """Where it comes to lie must be managed too; outside every area nobody but the whole does."""
    if allows(actor, Permission.POINT_MANAGE, checked.located):
        return
    if checked.located.district_code is None:
        raise Invalid(
            N_("位置不在任何已登记的区域内。请核对坐标和坐标系，或选择所在社区。"), field="coords"
        )
    raise NotPermitted(WHO[Permission.POINT_MANAGE])
