"""Knows when a change of a post begins a new term, and on which day."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import clock
from tracker.errors import Invalid
from tracker.responsibility.checking import Checked
from tracker.responsibility.given import PostGiven
from tracker.responsibility.history import begins_term, changed, said
from tracker.responsibility.models import Responsibility
from tracker.responsibility.scopes import Words
from tracker.texts import N_


def settled(
    work: Session,
    before: PostGiven,
    checked: Checked,
    *,
    at: datetime,
    correct: bool,
    words: Words,
) -> tuple[Checked, bool]:
    """The row with its first day decided, and whether it begins a new term. Raises Invalid."""
    given = checked.given
    differ = changed(said(work, before, words), said(work, given, words))
    assert before.valid_from is not None
    if correct:
        begins, hands_over = given.valid_from or before.valid_from, False
    elif not begins_term(differ):
        begins, hands_over = before.valid_from, False
    else:
        begins = given.valid_from or max(clock.in_city(at).date(), before.valid_from)
        hands_over = begins > before.valid_from
        if begins < before.valid_from:
            raise Invalid(
                N_("新责任的生效日期不能早于现任的生效日期 %(day)s；若现任登记有误，请选“更正”。"),
                field="valid_from",
                day=str(before.valid_from),
            )
    if given.valid_to is not None and given.valid_to < begins:
        raise Invalid(N_("结束日期不能早于生效日期。"), field="valid_to")
    return replace(checked, given=replace(given, valid_from=begins)), hands_over


def check_before(work: Session, row: Responsibility, begins: date | None) -> None:
    """A corrected first day does not reach into the term before."""
    last = work.scalar(
        select(Responsibility.valid_to).where(
            Responsibility.code == row.code, Responsibility.term == row.term - 1
        )
    )
    if last is not None and begins is not None and begins <= last:
        raise Invalid(
            N_("生效日期须晚于上一任的结束日期 %(day)s。"), field="valid_from", day=str(last)
        )
