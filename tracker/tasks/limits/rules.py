"""Knows which limit holds for a stage of a task: of the rules that fit, the most specific one.

The published order: a rule for the category goes before one for its major class (大类), that before
one for any; between two of the same subject one for the severity goes before one for any; between
two of the same severity too, one for the source goes before one for any. A scope has one rule, so
exactly one is first. Without a rule that fits, handling takes the category's own limit of the
catalogue, and the other stages have none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.tasks.states import Source
from tracker.texts import N_


class Stage(StrEnum):
    """The stages of the closed loop that have a limit; in the order of their names and of the work."""

    ACCEPT = "accept"  #: 受理: from the report to filing it or not
    DISPATCH = "dispatch"  #: 派遣: from filing to the unit
    HANDLE = "handle"  #: 处置: the unit's rectification, from dispatching
    VERIFY = "verify"  #: 核查: from the unit's submission to closing or rework


STAGE_LABELS = {
    Stage.ACCEPT: N_("受理"),
    Stage.DISPATCH: N_("派遣"),
    Stage.HANDLE: N_("处置"),
    Stage.VERIFY: N_("核查"),
}


class Severity(StrEnum):
    """How pressing a task is."""

    NORMAL = "normal"  #: 一般
    URGENT = "urgent"  #: 紧急

    @classmethod
    def of(cls, is_urgent: bool) -> "Severity":
        return cls.URGENT if is_urgent else cls.NORMAL


SEVERITY_LABELS = {Severity.NORMAL: N_("一般"), Severity.URGENT: N_("紧急")}

#: The limit of a task whose category nobody knows: three working days (general practice).
USUAL = Limit(3, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT)


class HasLimit(Protocol):
    """What a rule asks of a category."""

    @property
    def code(self) -> str: ...
    @property
    def major_code(self) -> str: ...
    @property
    def limit(self) -> Limit: ...


@dataclass(frozen=True)
class Rule:
    """One limit and its scope; "" is any. A subject of two characters is a 大类, else a category."""

    stage: Stage
    limit: Limit
    subject: str = ""
    severity: str = ""
    source: str = ""
    id: int = 0

    def fits(
        self, category: HasLimit | None, severity: Severity, source: Source | None, stage: Stage
    ) -> bool:
        """Whether the rule is for such a task."""
        subjects = ("", category.major_code, category.code) if category else ("",)
        return (
            self.stage is stage
            and self.subject in subjects
            and self.severity in ("", severity)
            and self.source in ("", source or "")
        )

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """How specific it is; the greatest wins."""
        return len(self.subject), bool(self.severity), bool(self.source)


def rule_for(
    rules: Iterable[Rule],
    category: HasLimit | None,
    severity: Severity,
    source: Source | None,
    stage: Stage,
) -> Rule | None:
    """The rule that holds, None when none fits."""
    fitting = [rule for rule in rules if rule.fits(category, severity, source, stage)]
    return max(fitting, key=lambda rule: rule.rank, default=None)


def limit_for(
    rules: Iterable[Rule],
    category: HasLimit | None,
    severity: Severity,
    source: Source | None,
    stage: Stage,
) -> Limit | None:
    """The limit of a stage. Handling always has one; `category` or `source` None is not known yet."""
    rule = rule_for(rules, category, severity, source, stage)
    if rule is not None:
        return rule.limit
    if stage is not Stage.HANDLE:
        return None
    return category.limit if category is not None else USUAL
