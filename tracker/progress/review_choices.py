"""Knows what the filter panel of progress offers on each of its pages, and the filters in force as chips."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.clock import in_city
from tracker.points import campaign
from tracker.points.campaign import ProjectChoice
from tracker.progress.choropleths import month_before
from tracker.progress.chosen import Chosen
from tracker.progress.review import Choice
from tracker.tasks import choices as task_choices
from tracker.tasks.chips import Names, chips, tag_labels
from tracker.tasks.states import SOURCE_LABELS, Source
from tracker.tasks.words import is_english

#: The quick choice of as many days.
RECENT_DAYS = 30


@dataclass(frozen=True)
class Choices:
    """(value, words) of each select, and (words, arguments without it) of each filter in force."""

    majors: list[task_choices.MajorChoice]
    units: list[tuple[int, str]]
    tags: list[tuple[str, str]]
    sources: list[tuple[str, str]]
    projects: list[ProjectChoice]
    chips: list[tuple[str, dict[str, Any]]]


def choices(session: Session, choice: Choice) -> Choices:
    """The panel of a review."""
    return panel(session, choice.chosen, lambda chosen: replace(choice, chosen=chosen).to_args())


def panel(session: Session, chosen: Chosen, to_args: Callable[[Chosen], dict[str, Any]]) -> Choices:
    """The panel of a page in the reader's language; `to_args` says the address of another choice there."""
    english = is_english()
    majors = task_choices.categories(session, english=english)
    units = task_choices.units(session)
    names = Names(areas=[], units=units, majors=majors)
    shown = [
        (chip.label, to_args(replace(chosen, wanted=chip.rest)))
        for chip in chips(chosen.wanted, names)
    ]
    sources = [(source.value, _(SOURCE_LABELS[source])) for source in Source]
    projects = campaign.choices(english=english)
    return Choices(majors, units, tag_labels(), sources, projects, shown)


def quick_days(choice: Choice) -> list[tuple[str, dict[str, Any], bool]]:
    """(words, arguments, whether chosen) of periods: this month, last month, the last days."""
    today = in_city(choice.chosen.at).date()
    first = today.replace(day=1)
    before = month_before(first)
    spans = (
        (_("本月"), first, today),
        (_("上月"), before, first - timedelta(days=1)),
        (_("近30天"), today - timedelta(days=RECENT_DAYS - 1), today),
    )
    days = choice.chosen.days
    return [
        (
            words,
            choice.to_args(**{"from": start.isoformat(), "to": end.isoformat()}),
            (days.first, days.last) == (start, end),
        )
        for words, start, end in spans
    ]
