"""Pages of the review maps: an area's parts shaded by a figure, beside the same figures as a table."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.audit import operations as audit
from tracker.maps import borders, queries
from tracker.places import locating
from tracker.places.models import LEVEL_LABELS, Area, Level
from tracker.places.queries import ancestors
from tracker.progress import causes, review, review_words
from tracker.progress.figures import why_no_past
from tracker.progress.review import Choice, Review
from tracker.progress.review_choices import choices, quick_days
from tracker.progress.scope import roots
from tracker.sheets import csv_pieces
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import OPEN_STATES
from tracker.tasks.words import is_english
from tracker.web import map_answers


def _asked(code: str) -> tuple[Area, Choice]:
    area = queries.visible_area(db.session(), code, current_actor())
    return area, review.read(request.args, clock.now())


def _review(code: str) -> Review:
    area, choice = _asked(code)
    return review.of(db.session(), current_actor(), area, choice)


@requires(Permission.PROGRESS_VIEW)
def entry() -> str | AnyResponse:
    """The person's only root at once; several to choose from."""
    found = roots(db.session(), current_actor())
    args = review.read(request.args, clock.now()).to_args()
    if len(found) == 1:
        return redirect(url_for("progress.review_area", code=found[0].code, **args))
    return render_template(
        "progress/review_roots.html", areas=found, labels=LEVEL_LABELS, args=args
    )


@requires(Permission.PROGRESS_VIEW)
def page(code: str) -> str:
    """Map, table and filters of one area."""
    shown = _review(code)
    choice, area = shown.choice, shown.area
    return render_template(
        "progress/review.html",
        review=shown,
        choice=choice,
        words=review_words,
        trail=_trail(area),
        labels=LEVEL_LABELS,
        levels=review.levels_below(area),
        open_args=choice.chosen.list_args(area.code, states=OPEN_STATES),
        frame_url=url_for("progress.review_frame", code=code, **choice.to_args()),
        quick=quick_days(choice),
        choices=choices(db.session(), choice),
        note=map_answers.map_note(),
        no_past=_why_no_past(shown),
        page_settings=map_answers.settings_block(_settings(shown)),
    )


def _why_no_past(shown: Review) -> str:
    """Why the lines have no earlier days; empty when they have."""
    codes, wanted = [line.code for line in shown.lines], shown.choice.chosen.wanted
    level = (
        Level.GRID if any(one.level == Level.GRID for one in shown.lines) else shown.lines[0].level
    )
    return why_no_past(db.session(), current_actor(), codes, Level(level), wanted)


def _trail(area: Area) -> list[tuple[str, str | None]]:
    """The areas above as (name, code), those outside the jurisdiction without a code."""
    above = ancestors(db.session(), area)
    allowed = queries.visible_codes(db.session(), [row.code for row in above], current_actor())
    return [(row.name, row.code if row.code in allowed else None) for row in above]


def _settings(shown: Review) -> dict[str, Any]:
    """What the page's script needs besides the table: order and colours of each column."""
    columns = {}
    for column in shown.choice.columns:
        shades = shown.shades[column.name]
        found = {line.code: review.shade_of(shown, column, line) for line in shown.lines}
        columns[column.name] = {
            "worse": "high" if column.is_higher_worse else "low",
            "colours": {c: None if i is None else shades[i].colour for c, i in found.items()},
        }
    return {"measure": shown.choice.column.name, "columns": columns}


@requires(Permission.PROGRESS_VIEW)
def frame(code: str) -> Response:
    """The Folium page inside the frame."""
    area, choice = _asked(code)
    args = choice.to_args()
    return map_answers.framed_map(
        "district",
        bounds=borders.bounds_of(db.session(), area),
        title=area.name,
        data_urls={
            "borders": url_for("progress.review_borders", code=code, by=args.get("by")),
            "figures": url_for("progress.review_figures", code=code, **args),
        },
        options={"texts": review_words.map_texts(), "measure": choice.column.name},
        script="js/progress/review_frame.js",
        style="css/map_frame.css",
    )


@requires(Permission.PROGRESS_VIEW)
def figures(code: str) -> Response:
    """The figures of the map, classes and words included: the same as the table's."""
    shown = _review(code)
    columns = shown.choice.columns
    return map_answers.json_answer(
        {
            "measure": shown.choice.column.name,
            "measures": review_words.measures(shown),
            "areas": {
                line.code: {
                    column.name: {
                        "value": column.figure(line),
                        "words": review_words.figure(column, column.figure(line)),
                        "shade": review.shade_of(shown, column, line),
                    }
                    for column in columns
                }
                for line in shown.lines
            },
        }
    )


@requires(Permission.PROGRESS_VIEW)
def area_borders(code: str) -> Response:
    """GeoJSON of the area's parts; kept by the browser until an area changes."""
    session = db.session()
    area, choice = _asked(code)
    known = (locating.epoch(session), code, choice.by)
    answer = map_answers.unchanged(*known)
    if answer is not None:
        return answer
    parts = review.parts_of(session, area, choice.by)
    drawn = borders.parts(session, parts)
    features = [
        {
            "type": "Feature", "id": one.code, "geometry": drawn[one.code],
            "properties": {
                "code": one.code, "name": one.name.removeprefix(area.name) or one.name,
            },
        }
        for one in parts
        if one.code in drawn
    ]  # fmt: skip
    return map_answers.kept_answer({"type": "FeatureCollection", "features": features}, *known)


@requires(Permission.PROGRESS_VIEW)
def why(code: str) -> str:
    """What the open tasks of the area are about, who holds them, what came back; the page shows it too."""
    area, choice = _asked(code)
    session, actor = db.session(), current_actor()
    now = review.standing(session, actor, area, choice.chosen)
    found = None
    if now.open <= causes.MOST_TASKS:
        found = causes.of(session, actor, area, choice.chosen, english=is_english())
    return render_template(
        "progress/review_causes.html",
        causes=found,
        area=area,
        most=causes.MOST_TASKS,
        n=now.open,
        back=choice.to_args(),
    )


@requires(Permission.PROGRESS_VIEW)
def export(code: str) -> Response:
    """The table as it is shown, as CSV for spreadsheets."""
    shown = _review(code)
    header, rows = review_words.file_rows(shown)
    with unit_of_work():
        audit.record(
            "export", actor=current_actor(), object=f"review.{code}.csv",
            filter=shown.choice.to_args(),
        )  # fmt: skip
    answer = Response("".join(csv_pieces(header, rows)), content_type="text/csv; charset=utf-8")
    name = f"review-{code}-{clock.in_city(clock.now()):%Y%m%d-%H%M}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/map", "review", entry)
    blueprint.add_url_rule("/map/<code>", "review_area", page)
    blueprint.add_url_rule("/map/<code>/frame", "review_frame", frame)
    blueprint.add_url_rule("/map/<code>/figures.json", "review_figures", figures)
    blueprint.add_url_rule("/map/<code>/borders.json", "review_borders", area_borders)
    blueprint.add_url_rule("/map/<code>/causes", "review_causes", why)
    blueprint.add_url_rule("/map/<code>/table.csv", "review_export", export)
