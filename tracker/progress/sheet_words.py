"""Knows the words around a map sheet: title, period, filters, note, source and date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.clock import in_city
from tracker.places.models import LEVEL_LABELS
from tracker.progress import review_words
from tracker.progress.choropleths import PRINTED
from tracker.progress.chosen import Chosen
from tracker.progress.sheet_data import SheetData
from tracker.progress.sheet_options import SheetOptions
from tracker.progress.sheet_pen import NO_DATA
from tracker.tasks import choices
from tracker.tasks.chips import Names, chips
from tracker.tasks.words import is_english
from tracker.web.map_answers import map_note


@dataclass(frozen=True)
class SheetWords:
    """What is written on a sheet beside names and figures."""

    title: str
    subtitle: str
    #: what the legend is about, and what a dark colour means
    legend: str
    legend_note: str
    #: (colour, words) of each class, the worst first, as on the screen
    classes: Sequence[tuple[str, str]]
    #: a value as it stands under a name
    said: Callable[[float | None], str]
    columns: Sequence[str]
    total: str
    left_out: str
    without_border: str
    nothing: str
    scale: str
    north: str
    overdue_dot: str
    open_dot: str
    notes: Sequence[str]
    source: str
    metres: str
    kilometres: str


def words(session: Session, data: SheetData, options: SheetOptions, chosen: Chosen) -> SheetWords:
    """The words in the reader's language."""
    column = options.column
    notes = [map_note()]
    if data.is_schematic:
        notes.append(_("部分边界为示意"))
    if data.dots_left_out:
        notes.append(_("单个任务只画出最急的 %(n)d 项", n=len(data.dots)))
    return SheetWords(
        title=options.title or usual_title(data, options),
        subtitle=_subtitle(session, chosen),
        legend=review_words.label(column),
        legend_note=_("颜色越深越需关注"),
        classes=_classes(data, options),
        said=lambda value: _("无数据") if value is None else review_words.figure(column, value),
        columns=(
            _("序号"), _(LEVEL_LABELS[data.level]), *(_(one.label) for one in PRINTED),
        ),
        total=_("合计"),
        left_out=_("另有 %(n)d 个区域未列出，见系统"),
        without_border=_("无边界，未画出：%(names)s"),
        nothing=_("这个区域还没有边界，不能画图"),
        scale=_("比例尺 1:%(n)s"),
        north=_("北"),
        overdue_dot=_("超期任务"),
        open_dot=_("其他未办结任务"),
        notes=notes,
        source=_source(chosen),
        metres=_("米"),
        kilometres=_("千米"),
    )  # fmt: skip


def _classes(data: SheetData, options: SheetOptions) -> list[tuple[str, str]]:
    column = options.column
    worst_first = data.shades[::-1] if column.is_higher_worse else data.shades
    found = []

    def counted(said: str, n: int) -> str:
        areas = _("%(n)s 个", n=n)
        return f"{said} · {areas}"

    for shade in worst_first:
        low, high = (review_words.figure(column, one) for one in (shade.low, shade.high))
        said = low if low == high else f"{low} – {high}"
        found.append((shade.colour, counted(said, shade.n)))
    without = sum(part.value is None for part in data.parts)
    if without:
        found.append((NO_DATA, counted(_("无数据"), without)))
    return found


def usual_title(data: SheetData, options: SheetOptions) -> str:
    """The title of a sheet for which none was written."""
    return _(
        "%(area)s%(measure)s分布图",
        area=data.area.name, measure=_(options.column.label),
    )  # fmt: skip


def _subtitle(session: Session, chosen: Chosen) -> str:
    said = [
        _(
            "整改率、按期率统计期 %(first)s 至 %(last)s",
            first=chosen.days.first,
            last=chosen.days.last,
        )
    ]
    if not chosen.wanted.is_empty:
        names = Names([], choices.units(session), choices.categories(session, english=is_english()))
        said += [chip.label for chip in chips(chosen.wanted, names)]
    return " · ".join(said)


def _source(chosen: Chosen) -> str:
    stands = (
        _("数据截至 %(day)s 日终", day=chosen.on)
        if chosen.on
        else _("数据时间 %(at)s", at=f"{in_city(chosen.at):%Y-%m-%d %H:%M}")
    )
    office = current_app.config["SETTINGS"].office_name
    made = _("制图日期 %(day)s", day=in_city(chosen.at).date())
    return " · ".join([_("数据来源：%(office)s 网格督办", office=office), stands, made])
