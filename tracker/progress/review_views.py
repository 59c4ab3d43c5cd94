"""Pages of the review maps: an area's parts shaded by a figure, beside the same figures as a table."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.audit import operations as audit
from tracker.errors import NotFound
from tracker.maps import queries
from tracker.places.models import LEVEL_LABELS, Area, Level
from tracker.places.queries import ancestors
from tracker.progress import causes, review, review_words
from tracker.progress.choropleths import CHANGES, FIRST, LATE, PLAIN, Choropleth
from tracker.progress.figures import why_no_past
from tracker.progress.review import Choice, Review
from tracker.progress.review_choices import choices, quick_days
from tracker.progress.scope import roots
from tracker.sheets import csv_pieces
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.filters import Due
from tracker.tasks.words import is_english
from tracker.texts import N_
from tracker.web import map_answers
from tracker.web.forgiving import forgiving


def asked(code: str) -> tuple[Area, Choice]:
    area = queries.visible_area(db.session(), code, current_actor())
    return area, review.read(request.args, clock.now())


def reviewed(code: str) -> Review:
    area, choice = asked(code)
    return review.of(db.session(), current_actor(), area, choice)


@requires(Permission.PROGRESS_VIEW)
def entry() -> str | AnyResponse:
    """The area named or the person's only root at once; several to choose from."""
    found = roots(db.session(), current_actor())
    args = review.read(request.args, clock.now()).to_args()
    code = request.args.get("area") or (found[0].code if len(found) == 1 else "")
    if code:
        return redirect(url_for("progress.review_area", code=code, **args))
    return render_template(
        "progress/review_roots.html", areas=found, labels=LEVEL_LABELS, args=args
    )


@requires(Permission.PROGRESS_VIEW)
@forgiving
def page(code: str) -> str:
    """Map, table and filters of one area; `area` names the part whose causes are told."""
    shown = reviewed(code)
    choice, area = shown.choice, shown.area
    picked = _picked(shown)
    return render_template(
        "progress/review.html",
        review=shown,
        choice=choice,
        words=review_words,
        trail=_trail(area),
        labels=LEVEL_LABELS,
        levels=review.levels_below(area),
        picked=picked,
        changes=CHANGES,
        late=LATE if _is_of_late(choice.column) else None,
        frames=_frames(shown),
        quick=quick_days(choice),
        choices=choices(db.session(), choice),
        note=map_answers.map_note(),
        no_past=_why_no_past(shown),
        page_settings=map_answers.settings_block(_settings(shown, picked)),
    )


def _why_no_past(shown: Review) -> str:
    """Why the lines have no earlier days; empty when they have."""
    codes, wanted = [line.code for line in shown.lines], shown.choice.chosen.wanted
    level = (
        Level.GRID if any(one.level == Level.GRID for one in shown.lines) else shown.lines[0].level
    )
    return why_no_past(db.session(), current_actor(), codes, Level(level), wanted)


def _picked(shown: Review) -> str:
    """The part that the address names, "" for none. Raises NotFound for what is no part of this."""
    code = request.args.get("area", "")
    if code and code not in {line.code for line in shown.lines}:
        raise NotFound(N_("没有这个区域，或不在您的辖区内。"))
    return code


def _frames(shown: Review) -> list[tuple[str, str, str]]:
    """(side, what it shows, address) of the one map, or of the two of the days compared."""
    choice = shown.choice

    def address(side: str | None) -> str:
        return url_for("progress.review_frame", code=shown.area.code, **choice.to_args(side=side))

    if choice.against is None:
        return [("", "", address(None))]
    return [
        (side, review_words.day_of_map(shown, is_then=side == "then"), address(side))
        for side in ("then", "now")
    ]


def _trail(area: Area) -> list[tuple[str, str | None]]:
    """The areas above as (name, code), those outside the jurisdiction without a code."""
    above = ancestors(db.session(), area)
    allowed = queries.visible_codes(db.session(), [row.code for row in above], current_actor())
    return [(row.name, row.code if row.code in allowed else None) for row in above]


def _settings(shown: Review, picked: str) -> dict[str, Any]:
    """What the page's script needs besides the table: order and colours of each column."""
    columns = {}
    by_name = {column.name: column for column in shown.choice.columns}
    for column in shown.choice.columns:
        # of two days the rows have the colours of the second map: its legend says what they mean
        on_map = by_name[review.on_map(column, "now")] if shown.choice.against else column
        shades = shown.shades[on_map.name]
        found = {line.code: review.shade_of(shown, on_map, line) for line in shown.lines}
        columns[column.name] = {
            "worse": "high" if column.is_higher_worse else "low",
            "colours": {c: None if i is None else shades[i].colour for c, i in found.items()},
            "isLate": _is_of_late(column),
            "change": CHANGES.get(column.name),
            "maps": {side: review.on_map(column, side) for side in ("", "then", "now")},
            "sheet": replace(shown.choice, measure=column.name).sheet_measure,
        }
    causes_args = shown.choice.chosen.to_args()
    return {
        "measure": shown.choice.column.name,
        "usual": FIRST[shown.choice.columns],
        "columns": columns,
        "area": shown.area.code,
        "picked": picked,
        "late": LATE,
        "causes": url_for("progress.review_causes", code="CODE", **causes_args),  # type: ignore[arg-type]
    }


def _is_of_late(column: Choropleth) -> bool:
    return PLAIN.get(column.name, column.name) == LATE


@requires(Permission.PROGRESS_VIEW)
def why(code: str) -> str:
    """What the open tasks of the area are about, who holds them, what came back; the page shows it too.

    Where the review is of what is overdue, only those.
    """
    area, choice = asked(code)
    session, actor = db.session(), current_actor()
    now = review.standing(session, actor, area, choice.chosen)
    found, chosen = None, choice.chosen
    is_late = _is_of_late(choice.column)
    if is_late:
        chosen = replace(chosen, wanted=replace(chosen.wanted, due=Due.OVERDUE))
    if now.open <= causes.MOST_TASKS:
        found = causes.of(session, actor, area, chosen, english=is_english())
    return render_template(
        "progress/review_causes.html",
        causes=found,
        area=area,
        most=causes.MOST_TASKS,
        n=now.overdue if is_late else now.open,
        is_late=is_late,
        back=choice.to_args(),
    )


@requires(Permission.PROGRESS_VIEW)
def export(code: str) -> Response:
    """The table as it is shown, as CSV for spreadsheets."""
    shown = reviewed(code)
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
    blueprint.add_url_rule("/map/<code>/causes", "review_causes", why)
    blueprint.add_url_rule("/map/<code>/table.csv", "review_export", export)
