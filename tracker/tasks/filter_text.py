"""Knows how typed words find a task: by its number, else by what was written."""

from sqlalchemy import ColumnElement, and_, or_

from tracker.tasks.models import Task

#: Words of a search that count.
MAX_WORDS = 6


def of_text(text: str) -> list[ColumnElement[bool]]:
    """A number or its beginning, else every word in title, description or address."""
    if _looks_like_number(text):
        return [Task.number.startswith(text.upper(), autoescape=True)]
    words = words_of(text)
    if not words:
        return []
    columns = (Task.title, Task.description, Task.address)
    return [
        and_(
            *(
                or_(*(column.icontains(word, autoescape=True) for column in columns))
                for word in words
            )
        )
    ]


def words_of(text: str) -> list[str]:
    """The words that are searched for; none when a number is meant."""
    return [] if _looks_like_number(text) else text.split()[:MAX_WORDS]


def _looks_like_number(text: str) -> bool:
    """E.g. JW-2026: letters, a hyphen, then digits and hyphens only."""
    head, hyphen, rest = text.partition("-")
    return bool(hyphen) and head.isascii() and head.isalpha() and rest.replace("-", "").isdigit()
