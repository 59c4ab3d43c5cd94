"""Knows which items are asked at a point on a day, and checks that each was answered once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tracker.errors import Invalid
from tracker.inspections.models import Result
from tracker.inspections.scoring import RESULT_LABELS
from tracker.points.checklist_models import LabelSet
from tracker.points.checklists import AppliedItem, applied
from tracker.points.models import InspectionPoint
from tracker.texts import N_

#: Longest note of an answer.
MAX_NOTE = 500


@dataclass(frozen=True)
class Asked:
    """One item with the words of its edition."""

    item: AppliedItem
    edition: str
    labels: LabelSet


@dataclass(frozen=True)
class AnswerGiven:
    """What an inspector said about one item; `photos` are UUIDs."""

    item_id: int
    result: str
    note: str = ""
    photos: tuple[str, ...] = ()


def asked_at(session: Session, point: InspectionPoint, on: date) -> list[Asked]:
    """The items of the editions in force on `on` that apply to the point's site type."""
    return [
        Asked(item, edition.code, edition.labels)
        for edition in applied(session, point.site_type_code, on=on)
        for item in edition.items
    ]


def matched(
    asked: Iterable[Asked], answers: Iterable[AnswerGiven]
) -> list[tuple[Asked, AnswerGiven, Result]]:
    """Every item with its answer, in the order asked.

    Raises Invalid when an item was left out, answered twice, is not asked here, or when its
    edition has no such result.
    """
    given: dict[int, AnswerGiven] = {}
    for answer in answers:
        if answer.item_id in given:
            raise Invalid(N_("有检查项回答了两次，请核对。"), field=f"answers.{answer.item_id}")
        given[answer.item_id] = answer
    wanted = {one.item.id: one for one in asked}
    if not wanted:
        raise Invalid(N_("这个点位目前没有适用的检查清单，不能检查。"), field="answers")
    if given.keys() - wanted.keys():
        raise Invalid(N_("检查清单已更新，请联网更新数据后按新清单核对再提交。"), field="answers")
    _all_answered(wanted, given)
    return [(one, given[key], _result(one, given[key])) for key, one in wanted.items()]


def _all_answered(wanted: Mapping[int, Asked], given: Mapping[int, AnswerGiven]) -> None:
    missing = [one.item.text for key, one in wanted.items() if key not in given]
    if missing:
        raise Invalid(
            N_("还有 %(n)d 项没有回答：%(items)s。"),
            field="answers",
            n=len(missing),
            items="、".join(missing[:5]),
        )


def _result(asked: Asked, answer: AnswerGiven) -> Result:
    labels = RESULT_LABELS[asked.labels]
    if answer.result not in {result.value for result in labels}:
        raise Invalid(
            N_("检查项“%(item)s”的结果无效，请重新选择。"),
            field=f"answers.{answer.item_id}",
            item=asked.item.text,
        )
    return Result(answer.result)
