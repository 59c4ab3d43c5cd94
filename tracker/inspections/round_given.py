"""Knows what a form says of a round, already parsed and typed, and what of it cannot be."""

import re
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from tracker.errors import Invalid
from tracker.inspections.drawing import DrawOptions
from tracker.inspections.round_models import ROUND_KIND_LABELS, Draw, RoundKind
from tracker.texts import N_

NAME_LENGTH, NOTE_LENGTH, SEED_LENGTH = 100, 300, 40
#: Kinds that a unit carries out: on its own points, or in the communities it looks after.
OF_A_UNIT = frozenset({RoundKind.SELF, RoundKind.LIAISON})
#: No round is planned further ahead than this many days.
FURTHEST_DAYS = 400
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True, kw_only=True)
class RoundGiven:
    """A round as it shall be planned. `month` is YYYY-MM, dates are days of the city's calendar."""

    kind: RoundKind
    month: str
    area_code: str
    due_on: date
    name: str = ""
    unit_id: int | None = None
    draw: Draw = Draw.ALL
    options: DrawOptions = field(default_factory=DrawOptions)
    seed: str = ""
    #: codes of the points chosen by hand
    point_codes: tuple[str, ...] = ()
    inspector_ids: tuple[int, ...] = ()
    review_on: date | None = None
    note: str = ""

    def as_content(self) -> dict[str, Any]:
        """What identifies the request: the same content again is a resend."""
        return {**asdict(self), "options": self.options.as_document()}

    def check(self, *, today: date) -> None:
        """Raise Invalid, naming the field, for what no database needs to be asked about."""
        check_month(self.month)
        if not self.area_code:
            raise Invalid(N_("请选择检查范围所在的区域。"), field="area_code")
        if self.kind in OF_A_UNIT and self.unit_id is None:
            raise Invalid(N_("“%(kind)s”须选择单位。"), field="unit_id", kind=ROUND_KIND_LABELS[self.kind])  # fmt: skip
        check_words(self.name, self.note)
        check_days(self.kind, self.due_on, self.review_on, today=today)
        if len(self.seed) > SEED_LENGTH or not self.seed.isprintable():
            raise Invalid(N_("抽取种子无效，请点“换一组”。"), field="seed")
        self.options.check()


def check_month(month: str) -> None:
    """Raise Invalid unless `month` is written YYYY-MM."""
    if not _MONTH.fullmatch(month):
        raise Invalid(N_("月份请写成 2026-11 的样子。"), field="month")


def check_words(name: str, note: str) -> None:
    """Raise Invalid for words that are too long."""
    if len(name) > NAME_LENGTH:
        raise Invalid(N_("批次名称不超过 %(most)d 字。"), field="name", most=NAME_LENGTH)
    if len(note) > NOTE_LENGTH:
        raise Invalid(N_("说明不超过 %(most)d 字。"), field="note", most=NOTE_LENGTH)


def check_days(kind: str, due_on: date, review_on: date | None, *, today: date) -> None:
    """Raise Invalid for a deadline in the past, too far ahead, or after the review it prepares."""
    if due_on < today:
        raise Invalid(N_("截止日期不能早于今天。"), field="due_on")
    if (due_on - today).days > FURTHEST_DAYS:
        raise Invalid(N_("截止日期太远，最多提前 %(n)d 天筹备。"), field="due_on", n=FURTHEST_DAYS)
    if kind == RoundKind.REVIEW and review_on is None:
        raise Invalid(N_("迎检批次须填写迎检日期。"), field="review_on")
    if review_on is not None and review_on < due_on:
        raise Invalid(N_("检查应在迎检日之前完成：截止日期不能晚于迎检日期。"), field="due_on")
