"""Knows what a visit is worth: the value of each result, and the words each edition uses for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.inspections.models import Result
from tracker.points.checklist_models import LabelSet
from tracker.texts import N_

#: Share of an item's weight that a result earns; None leaves the item out of the sum.
#: The handbooks at hand give none for 基本符合; half is this product's choice (docs/decisions).
VALUES: dict[Result, float | None] = {
    Result.CONFORM: 1.0,
    Result.BASIC: 0.5,
    Result.FAIL: 0.0,
    Result.NOT_APPLICABLE: None,
}

#: Words for the results by the edition's label set, in the order of the buttons.
RESULT_LABELS: dict[LabelSet, dict[Result, str]] = {
    LabelSet.CONFORMITY: {
        Result.CONFORM: N_("符合"),
        Result.BASIC: N_("基本符合"),
        Result.FAIL: N_("不符合"),
        Result.NOT_APPLICABLE: N_("不适用"),
    },
    LabelSet.GRADE: {
        Result.CONFORM: N_("合格"),
        Result.BASIC: N_("不合格"),
        Result.FAIL: N_("严重不合格"),
        Result.NOT_APPLICABLE: N_("不适用"),
    },
    LabelSet.ATTAINMENT: {
        Result.CONFORM: N_("达标"),
        Result.FAIL: N_("不达标"),
        Result.NOT_APPLICABLE: N_("不适用"),
    },
}


def becomes_task(result: Result, labels: LabelSet) -> bool:
    """Whether this result of an item is a problem to rectify: 不合格 is one too."""
    return result is Result.FAIL or (result is Result.BASIC and labels is LabelSet.GRADE)


@dataclass(frozen=True)
class Judged:
    """One answered item, as far as the score asks."""

    result: Result
    weight: int = 1
    is_critical: bool = False


@dataclass(frozen=True)
class Score:
    """`value` from 0 to 100 with one decimal, None when no item applied."""

    value: float | None
    failed_critically: bool


def score(answers: Iterable[Judged]) -> Score:
    """Earned weight of applicable weight, in per cent (domain §3.3)."""
    earned = whole = 0.0
    critical = False
    for answer in answers:
        critical = critical or (answer.is_critical and answer.result is Result.FAIL)
        value = VALUES[answer.result]
        if value is not None:
            earned += value * answer.weight
            whole += answer.weight
    return Score(round(100 * earned / whole, 1) if whole else None, critical)
