"""Knows how rules of limits are found: all for a decision, a page of them for people."""

from collections.abc import Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from tracker.calendar import Limit
from tracker.catalogue.models import Category
from tracker.errors import NotFound
from tracker.tasks.limits.models import LimitRule
from tracker.tasks.limits.rules import USUAL, Rule, Severity, Stage, limit_for
from tracker.tasks.states import Source
from tracker.texts import N_
from tracker.web.paging import Page, pack, unpack

ROWS_A_PAGE = 50
_ORDER = (LimitRule.stage, LimitRule.subject, LimitRule.severity, LimitRule.source)


def all_rules(session: Session, stage: Stage | None = None) -> Sequence[Rule]:
    """Every rule (of one stage); a district has some hundred at most."""
    query = select(LimitRule)
    if stage is not None:
        query = query.where(LimitRule.stage == stage.value)
    return [row.as_rule() for row in session.scalars(query)]


def handling_limit(
    session: Session,
    category: Category | None,
    *,
    is_urgent: bool = False,
    source: Source | None = None,
) -> Limit:
    """The limit proposed when a task is dispatched."""
    rules = all_rules(session, Stage.HANDLE)
    found = limit_for(rules, category, Severity.of(is_urgent), source, Stage.HANDLE)
    return found or USUAL


def page_of_rules(session: Session, after: str | None = None) -> Page[LimitRule]:
    """Rules in the order of stage and scope. Raises Invalid for a broken page key."""
    total = session.scalar(select(func.count()).select_from(LimitRule))
    query = select(LimitRule).order_by(*_ORDER)
    if after:
        query = query.where(tuple_(*_ORDER) > tuple_(*map(str, unpack(after, size=4))))
    rows = session.scalars(query.limit(ROWS_A_PAGE + 1)).all()
    more = len(rows) > ROWS_A_PAGE
    rows = rows[:ROWS_A_PAGE]
    last = rows[-1] if rows else None
    key = pack([last.stage, last.subject, last.severity, last.source]) if more and last else None
    return Page(rows, key, total)


def find_rule(session: Session, rule_id: int) -> LimitRule:
    """One rule. Raises NotFound."""
    rule = session.get(LimitRule, rule_id)
    if rule is None:
        raise NotFound(N_("没有这条时限规则，可能已被删除。"))
    return rule


def subject_names(session: Session, subjects: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(Chinese, English) names of categories and 大类 by their codes."""
    rows = session.execute(
        select(
            Category.code,
            Category.name,
            Category.name_en,
            Category.major_code,
            Category.major_name,
            Category.major_name_en,
        )
        .where(Category.code.in_(subjects) | Category.major_code.in_(subjects))
        .order_by(Category.code)
    )
    names: dict[str, tuple[str, str]] = {}
    for row in rows:
        names[row.code] = (row.name, row.name_en or row.name)
        names[row.major_code] = (row.major_name, row.major_name_en or row.major_name)
    return names


def category_coded(session: Session, code: str) -> Category | None:
    """The category of a code, those out of use too."""
    return session.scalars(
        select(Category).where(Category.code == code).order_by(Category.id).limit(1)
    ).first()
