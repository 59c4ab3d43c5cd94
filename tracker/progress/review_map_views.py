"""The review map inside its frame: the Folium page, the borders and the figures that shade them."""

from dataclasses import replace

from flask import Blueprint, Response, request, url_for

from tracker.access.gate import requires
from tracker.access.permissions import Permission
from tracker.maps import borders
from tracker.places import locating
from tracker.progress import review, review_words
from tracker.progress.choropleths import on_map
from tracker.progress.review import Review
from tracker.progress.review_views import asked, reviewed
from tracker.storage.db import db
from tracker.web import map_answers


@requires(Permission.PROGRESS_VIEW)
def frame(code: str) -> Response:
    """The Folium page inside the frame; `side` is then or now when two days are compared."""
    area, choice = asked(code)
    side = request.args.get("side", "") if choice.against is not None else ""
    side = side if side in ("then", "now") else ""
    args = choice.to_args()
    beside = request.args.get("beside", "")
    if beside:
        asked(beside)  # no frame for what its figures would refuse
    return map_answers.framed_map(
        "district",
        bounds=borders.bounds_of(db.session(), area),
        title=area.name,
        data_urls={
            "borders": url_for("progress.review_borders", code=code, by=args.get("by")),
            "figures": url_for("progress.review_figures", code=code, beside=beside or None, **args),
        },
        options={
            "texts": review_words.map_texts(), "measure": on_map(choice.column, side), "side": side,
        },
        script="js/progress/review_frame.js",
        style="css/map_frame.css",
    )  # fmt: skip


@requires(Permission.PROGRESS_VIEW)
def figures(code: str) -> Response:
    """The figures of the map, classes and words included: the same as the table's."""
    shown = _beside(reviewed(code))
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


def _beside(shown: Review) -> Review:
    """With the classes of both, when another area that the person sees is compared."""
    other = request.args.get("beside", "")
    return replace(shown, beside=tuple(reviewed(other).lines)) if other else shown


@requires(Permission.PROGRESS_VIEW)
def area_borders(code: str) -> Response:
    """GeoJSON of the area's parts; kept by the browser until an area changes."""
    session = db.session()
    area, choice = asked(code)
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


def register(blueprint: Blueprint) -> None:
    """Put the pages on the blueprint."""
    blueprint.add_url_rule("/map/<code>/frame", "review_frame", frame)
    blueprint.add_url_rule("/map/<code>/figures.json", "review_figures", figures)
    blueprint.add_url_rule("/map/<code>/borders.json", "review_borders", area_borders)
