"""Knows how the filters in force are said, each with the filter that is left when it is removed."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from tracker.catalogue.data import load_tags
from tracker.points.campaign import action_name
from tracker.tasks.choices import AreaChoice, MajorChoice
from tracker.tasks.filter_back import BACK_LABELS
from tracker.tasks.filters import DUE_LABELS, MINE_LABELS, TaskFilter
from tracker.tasks.words import closing_label, is_english, source_label, state_label


@dataclass(frozen=True)
class Chip:
    """One filter in force."""

    label: str
    rest: TaskFilter


@dataclass(frozen=True)
class Names:
    """Names of what a filter holds by code or id."""

    areas: list[AreaChoice]
    units: list[tuple[int, str]]
    majors: list[MajorChoice]
    #: (code, name) of the inspection point filtered by, if the reader may see it
    point: tuple[str, str] | None = None

    def area(self, code: str) -> str:
        return next((area.name for area in self.areas if area.code == code), code)

    def unit(self, unit_id: int) -> str:
        return dict(self.units).get(unit_id, str(unit_id))

    def category(self, code: str) -> str:
        for major in self.majors:
            if major.code == code:
                return major.label
            for member in major.members:
                if member.code == code:
                    return member.label
        return code


def tag_labels() -> list[tuple[str, str]]:
    """The 七乱一占 tags, (code, name) in the reader's language."""
    english = is_english()
    return [(row.code, row.name_en if english else row.name) for row in load_tags()]


def chips(wanted: TaskFilter, names: Names) -> list[Chip]:
    """The filters in force, in the order of the panel."""
    return [Chip(label, wanted.without(name, value)) for name, value, label in _said(wanted, names)]


def _said(wanted: TaskFilter, names: Names) -> Iterable[tuple[str, str | None, str]]:
    if wanted.text:
        yield "q", None, _("“%(text)s”", text=wanted.text)
    for state in wanted.states:
        yield "state", state.value, state_label(state)
    if wanted.due:
        yield "due", None, _(DUE_LABELS[wanted.due])
    if wanted.area:
        yield "area", None, names.area(wanted.area)
    if wanted.category:
        yield "category", None, names.category(wanted.category)
    if wanted.unit_id:
        yield "unit", None, names.unit(wanted.unit_id)
    if wanted.point:
        named = names.point and names.point[0] == wanted.point
        yield "point", None, names.point[1] if names.point and named else wanted.point
    if wanted.near:
        yield "near", None, _("一处周边 %(n)d 米", n=wanted.near.metres)
    yield from _more(wanted)


def _more(wanted: TaskFilter) -> Iterable[tuple[str, str | None, str]]:
    if wanted.tag:
        yield "tag", None, dict(tag_labels())[wanted.tag]
    if wanted.action:
        yield "action", None, action_name(wanted.action, english=is_english())
    if wanted.back:
        yield "back", None, back_words(wanted.back)
    for source in wanted.sources:
        yield "source", source.value, source_label(source)
    for closing in wanted.closings:
        yield "closing", closing.value, _("结案方式：%(how)s", how=closing_label(closing))
    if wanted.outside:
        yield "outside", None, _("未落入网格")
    if wanted.supervised:
        yield "supervised", None, _("督办")
    if wanted.mine:
        yield "mine", None, _(MINE_LABELS[wanted.mine])
    yield from _days(wanted)


def back_words(value: str) -> str:
    """How a value of filter_back is said."""
    words: str = _(BACK_LABELS[value])
    if "." not in value:
        return words
    return (
        _("返工：%(why)s", why=words)
        if value.startswith("rework")
        else _("退单：%(why)s", why=words)
    )


def _days(wanted: TaskFilter) -> Iterable[tuple[str, str | None, str]]:
    if wanted.since:
        yield "from", None, _("%(day)s 起", day=wanted.since.isoformat())
    if wanted.until:
        yield "to", None, _("%(day)s 止", day=wanted.until.isoformat())
    if wanted.due_since:
        yield "due_from", None, _("%(day)s 起到期", day=wanted.due_since.isoformat())
    if wanted.due_until:
        yield "due_to", None, _("%(day)s 前到期（含当日）", day=wanted.due_until.isoformat())
    if wanted.ended_since:
        yield "ended_from", None, _("%(day)s 起办结", day=wanted.ended_since.isoformat())
    if wanted.ended_until:
        yield "ended_to", None, _("%(day)s 前办结（含当日）", day=wanted.ended_until.isoformat())
