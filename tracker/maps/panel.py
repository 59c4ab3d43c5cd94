"""Knows the filter panel above a map: its choices and how it is written in the address bar."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.maps import queries
from tracker.points import campaign
from tracker.points.campaign import ProjectChoice
from tracker.tasks import choices
from tracker.tasks.chips import tag_labels
from tracker.tasks.filters import TaskFilter
from tracker.tasks.states import SOURCE_LABELS, Source
from tracker.tasks.words import is_english


@dataclass(frozen=True)
class Panel:
    """Choices (value, words) of each field, and what is chosen."""

    categories: list[tuple[str, str]]
    sources: list[tuple[str, str]]
    units: list[tuple[int, str]]
    tags: list[tuple[str, str]]
    projects: list[ProjectChoice]
    chosen: TaskFilter

    @classmethod
    def of(cls, session: Session, chosen: TaskFilter) -> "Panel":
        """The panel in the reader's language, showing `chosen`."""
        english = is_english()
        majors = [
            (row.major_code, (english and row.major_name_en) or row.major_name)
            for row in queries.major_categories(session)
        ]
        if chosen.category and chosen.category not in dict(majors):
            majors.append((chosen.category, chosen.category))
        sources = [(source.value, _(SOURCE_LABELS[source])) for source in Source]
        projects = campaign.choices(english=english)
        return cls(majors, sources, choices.units(session), tag_labels(), projects, chosen)


def query_string(wanted: TaskFilter) -> str:
    """The filter as `?…`, empty when nothing is filtered."""
    args = wanted.to_args()
    return f"?{urlencode(args, doseq=True)}" if args else ""
