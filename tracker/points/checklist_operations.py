"""Publishes editions of checklists and says from when to when each is in force.

An edition that was published never changes: neither its items nor the day it began. Putting in
force again what was in force before makes a copy with its own code, so that every past day keeps
the card that was valid then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.errors import Conflict, Invalid, NotFound
from tracker.points.checklist_lines import ItemLine
from tracker.points.checklist_models import ChecklistEdition, EditionKind, LabelSet
from tracker.points.checklist_storing import lines_of, store_lines
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

NAME_LENGTH, SOURCE_LENGTH = 100, 200
_PREFIXES = {
    EditionKind.CHECKLIST: "checklist",
    EditionKind.DUST_CONTROL: "dust",
    EditionKind.RIVER: "river",
}


@dataclass(frozen=True)
class EditionGiven:
    """What a person says of a new edition; `valid_from` None keeps it aside."""

    name: str
    kind: EditionKind = EditionKind.CHECKLIST
    valid_from: date | None = None
    labels: LabelSet = LabelSet.CONFORMITY
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind.value,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "labels": self.labels.value,
            "source": self.source,
        }

    @classmethod
    def of(cls, said: dict[str, Any]) -> "EditionGiven":
        """What `as_dict` gave."""
        day = said["valid_from"]
        return cls(
            said["name"],
            EditionKind(said["kind"]),
            date.fromisoformat(day) if day else None,
            LabelSet(said["labels"]),
            said["source"],
        )


def check_given(session: Session, given: EditionGiven) -> None:
    """Raise Invalid or Conflict when an edition with these words cannot be published."""
    if not given.name:
        raise Invalid(N_("请填写版本名称"), field="name")
    if len(given.name) > NAME_LENGTH:
        raise Invalid(N_("名称超过 %(most)d 个字"), field="name", most=NAME_LENGTH)
    if len(given.source) > SOURCE_LENGTH:
        raise Invalid(N_("来源超过 %(most)d 个字"), field="source", most=SOURCE_LENGTH)
    if given.valid_from is not None:
        _check_free(session, given.kind, given.valid_from)


def publish(
    given: EditionGiven, lines: Sequence[ItemLine], *, actor: Actor, request_uuid: str
) -> str:
    """Store a new edition with all its items; returns its code. Idempotent by `request_uuid`.

    The one before it ends on the day before `valid_from`. Raises Invalid, Conflict.
    """
    content = {"new_edition": given.as_dict(), "lines": [line.as_dict() for line in lines]}
    digest = receipts.digest_of(content)
    with unit_of_work() as work:
        kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is not None:
            return str(kept["code"])
        if not lines:
            raise Invalid(N_("没有可以发布的检查项。"), field="file")
        check_given(work, given)
        edition = _new(work, given, actor)
        store_lines(work, edition, lines)
        _begin(work, edition, given.valid_from)
        audit(
            "checklist.publish",
            actor=actor,
            object=edition.code,
            name=edition.name,
            valid_from=given.as_dict()["valid_from"],
            lines=len(lines),
        )
        receipts.keep(
            work,
            request_uuid,
            actor_id=actor.user_id,
            digest=digest,
            outcome={"code": edition.code},
        )
        return edition.code


def put_in_force(code: str, *, on: date, actor: Actor, request_uuid: str) -> str:
    """Put an edition in force from a day on, not before today; returns the code that is in force.

    One that was in force before is copied. The one before it ends on the day before. Idempotent
    by `request_uuid`. Raises Invalid, NotFound, Conflict.
    """
    digest = receipts.digest_of({"edition_in_force": code, "on": on.isoformat()})
    with unit_of_work() as work:
        kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is not None:
            return str(kept["code"])
        edition = find_edition(work, code)
        if on < clock.today():
            raise Invalid(N_("生效日期不能早于今天"), field="valid_from")
        if _is_open_on(edition, on):
            raise Conflict(N_("“%(name)s”那天已经生效，不必再次启用。"), name=edition.name)
        if edition.valid_from is not None and edition.valid_from <= clock.today():
            edition = _copy(work, edition, actor)
        _check_free(work, EditionKind(edition.kind), on, besides=edition.id)
        edition.valid_to = None
        _begin(work, edition, on)
        audit("checklist.begin", actor=actor, object=edition.code, valid_from=on.isoformat())
        receipts.keep(
            work,
            request_uuid,
            actor_id=actor.user_id,
            digest=digest,
            outcome={"code": edition.code},
        )
        return edition.code


def end(code: str, *, on: date, actor: Actor, request_uuid: str) -> None:
    """Let an edition be in force for the last time on a day, not before today.

    One that has not begun and would end before it begins is kept aside again. Idempotent by
    `request_uuid`. Raises Invalid, NotFound, Conflict.
    """
    digest = receipts.digest_of({"edition_end": code, "on": on.isoformat()})
    with unit_of_work() as work:
        if receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest) is not None:
            return
        edition = find_edition(work, code)
        if edition.valid_from is None or (edition.valid_to and edition.valid_to < clock.today()):
            raise Conflict(N_("“%(name)s”没有在生效，不能停用。"), name=edition.name)
        if on < clock.today():
            raise Invalid(N_("最后一天不能早于今天"), field="valid_to")
        if on < edition.valid_from:
            edition.valid_from = edition.valid_to = None
        else:
            edition.valid_to = on
        audit("checklist.end", actor=actor, object=edition.code, valid_to=on.isoformat())
        receipts.keep(work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={})


def find_edition(session: Session, code: str) -> ChecklistEdition:
    """One edition. Raises NotFound."""
    edition = session.scalar(select(ChecklistEdition).where(ChecklistEdition.code == code))
    if edition is None:
        raise NotFound(N_("没有这个检查清单版本。"))
    return edition


def _new(work: Session, given: EditionGiven, actor: Actor) -> ChecklistEdition:
    edition = ChecklistEdition(
        code=_free_code(work, given),
        name=given.name,
        kind=given.kind.value,
        labels=given.labels.value,
        is_sample=False,
        source=given.source,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    work.add(edition)
    return edition


def _copy(work: Session, edition: ChecklistEdition, actor: Actor) -> ChecklistEdition:
    given = EditionGiven(
        edition.name, EditionKind(edition.kind), None, LabelSet(edition.labels), edition.source
    )
    again = _new(work, given, actor)
    again.is_sample = edition.is_sample
    store_lines(work, again, lines_of(work, edition.id))
    work.flush()
    return again


def _free_code(work: Session, given: EditionGiven) -> str:
    stem = f"{_PREFIXES[given.kind]}-{given.valid_from or clock.today():%Y%m%d}"
    taken = set(
        work.scalars(select(ChecklistEdition.code).where(ChecklistEdition.code.startswith(stem)))
    )
    number = 1
    while (code := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return code


def _is_open_on(edition: ChecklistEdition, day: date) -> bool:
    begun = edition.valid_from is not None and edition.valid_from <= day
    return begun and (edition.valid_to is None or edition.valid_to >= day)


def _check_free(
    session: Session, kind: EditionKind, day: date, *, besides: int | None = None
) -> None:
    same_day = select(ChecklistEdition.name).where(
        ChecklistEdition.kind == kind.value, ChecklistEdition.valid_from == day
    )
    if besides is not None:
        same_day = same_day.where(ChecklistEdition.id != besides)
    name = session.scalar(same_day.limit(1))
    if name is not None:
        raise Conflict(
            N_("同一天已有“%(name)s”开始生效，请换一个日期。"), field="valid_from", name=name
        )


def _begin(work: Session, edition: ChecklistEdition, day: date | None) -> None:
    """In force from `day`; what was in force then ends on the day before."""
    edition.valid_from = day
    if day is None:
        return
    work.flush()
    before = select(ChecklistEdition).where(
        ChecklistEdition.kind == edition.kind,
        ChecklistEdition.id != edition.id,
        ChecklistEdition.valid_from < day,
        or_(ChecklistEdition.valid_to.is_(None), ChecklistEdition.valid_to >= day),
    )
    for other in work.scalars(before):
        other.valid_to = day - timedelta(days=1)
