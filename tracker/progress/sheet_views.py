"""Pages of the map sheet: what it shall look like, and the sheet as SVG, PNG and PDF."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.maps.queries import visible_area
from tracker.places.levels import below
from tracker.places.models import LEVEL_LABELS, Area, Level
from tracker.progress import sheet_files
from tracker.progress.choropleths import PRINTED
from tracker.progress.chosen import Chosen, from_request
from tracker.progress.sheet_data import SheetData, gather
from tracker.progress.sheet_drawing import svg
from tracker.progress.sheet_options import (
    LONGEST_TITLE,
    PAPER_LABELS,
    RESOLUTIONS,
    SheetOptions,
    from_args,
    resolution,
)
from tracker.progress.sheet_words import SheetWords, usual_title, words
from tracker.storage.db import db
from tracker.tasks import choices
from tracker.tasks.chips import Names, chips
from tracker.tasks.words import is_english
from tracker.web.forgiving import forgiving

#: A drawing may hold nothing that runs or loads, and its own presentation only.
_SEALED = "default-src 'none'; sandbox"
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}


@requires(Permission.PROGRESS_VIEW)
@forgiving
def page(code: str) -> str:
    """The options beside the sheet; printing gives the sheet alone, on its own paper."""
    area, options, chosen = _asked(code)
    data, said = _sheet(area, options, chosen)
    drawn = svg(data, options, said)
    names = Names(
        [], choices.units(db.session()), choices.categories(db.session(), english=is_english())
    )
    return render_template(
        "progress/sheet.html",
        area=area,
        options=options,
        chosen=chosen,
        chips=[chip.label for chip in chips(chosen.wanted, names)],
        kept=_kept(chosen),
        usual_title=usual_title(data, options),
        levels=[(level.value, _(LEVEL_LABELS[level])) for level in below(area.level)],
        measures=[(column.name, _(column.label)) for column in PRINTED],
        papers=_choices(PAPER_LABELS),
        longest_title=LONGEST_TITLE,
        resolutions=RESOLUTIONS,
        has_fonts=sheet_files.can_write_chinese(_fonts()),
        # made by an XML writer, which escaped every text
        drawing=Markup(drawn),  # noqa: S704
    )


@requires(Permission.PROGRESS_VIEW)
def file(code: str, kind: str) -> Response:
    """The sheet as a file: the SVG in place, PNG and PDF to keep."""
    area, options, chosen = _asked(code)
    dpi = resolution(request.args)
    data, said = _sheet(area, options, chosen)
    drawn = svg(data, options, said)
    content: Any = drawn
    if kind == "pdf":
        content = sheet_files.pdf(
            drawn, paper=options.paper, title=said.title, at=chosen.at, fonts=_fonts()
        )
    elif kind == "png":
        content = sheet_files.png(drawn, paper=options.paper, dpi=dpi, fonts=_fonts())
    answer = Response(content, mimetype=_TYPES[kind])
    answer.headers["Content-Security-Policy"] = _SEALED
    if kind != "svg" or request.args.get("save"):
        day = chosen.on or chosen.days.last
        name = f"sheet-{code}-{options.measure}-{day:%Y%m%d}.{kind}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _asked(code: str) -> tuple[Area, SheetOptions, Chosen]:
    area = visible_area(db.session(), code, current_actor())
    options = from_args(request.args, Level(area.level))
    return area, options, from_request(request.args, clock.now())


def _sheet(area: Area, options: SheetOptions, chosen: Chosen) -> tuple[SheetData, SheetWords]:
    session = db.session()
    data = gather(session, current_actor(), area, options, chosen)
    return data, words(session, data, options, chosen)


def _choices(labels: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(value.value, _(words)) for value, words in labels.items()]


def _kept(chosen: Chosen) -> list[tuple[str, str]]:
    """What the form carries along of the filters, which are chosen elsewhere."""
    return [
        (name, value)
        for name, values in chosen.to_args().items()
        for value in values
        if name not in ("from", "to")
    ]


def _fonts() -> Any:
    return sheet_files.fonts_folder(current_app.config["SETTINGS"].data_dir)


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/sheet/<code>", "sheet", page)
    blueprint.add_url_rule("/sheet/<code>/sheet.<any(svg, png, pdf):kind>", "sheet_file", file)
