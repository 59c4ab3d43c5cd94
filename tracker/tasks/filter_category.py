"""Knows which categories a filter means, and the tasks of them."""

from sqlalchemy import ColumnElement, String, cast, select

from tracker.catalogue.data import load_tags
from tracker.catalogue.models import Category
from tracker.tasks.models import Task


def known_tag(text: str) -> str:
    """A tag of the 七乱一占 bundle. Raises ValueError."""
    if text not in {row.code for row in load_tags()}:
        raise ValueError(text)
    return text


def category_clauses(code: str, tag: str) -> list[ColumnElement[bool]]:
    """What is asked of a category: the beginning of its code, one of the 七乱一占; or nothing."""
    which: list[ColumnElement[bool]] = []
    if code:
        which.append(Category.code.startswith(code, autoescape=True))
    if tag:
        which.append(cast(Category.tags, String).contains(f'"{tag}"', autoescape=True))
    return which


def of_category(code: str, tag: str) -> list[ColumnElement[bool]]:
    """What is asked of a task; nothing when no category is."""
    which = category_clauses(code, tag)
    return [Task.category_id.in_(select(Category.id).where(*which))] if which else []
