"""The list of tasks and its exports: what is filtered stands in the address bar."""

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    url_for,
)
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.audit import operations as audit
from tracker.places.versions import Version, version
from tracker.points import campaign
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import choices, export, filters, listing, queries, words
from tracker.tasks.chips import Names, chips, tag_labels
from tracker.tasks.filters import DUE_LABELS, MINE_LABELS, SORT_LABELS, TaskFilter
from tracker.tasks.states import CLOSING_LABELS, SOURCE_LABELS, STATE_LABELS
from tracker.web.keeping import Kept
from tracker.web.streaming import streamed

#: Filter panels in memory, 80 kB of options each in a wide district.
_PANELS: Kept[Markup] = Kept(50)


@requires(Permission.MAP_VIEW)
def listing_page() -> str | AnyResponse:
    """One page of the tasks this person may see and asks for; a whole number in the search opens its task."""
    actor, now = current_actor(), clock.now()
    wanted, refused = filters.read(request.args)
    session, english = db.session(), words.is_english()
    if request.args.get("go") and queries.is_visible(session, wanted.text.upper(), actor):
        return redirect(url_for("tasks.detail", number=wanted.text.upper()))
    page = listing.page(
        session, actor, wanted, now=now, after=request.args.get("after"), english=english
    )
    names = Names(
        areas=choices.areas(session, besides=wanted.area),
        units=choices.units(session),
        majors=choices.categories(session, english=english),
        point=choices.point(session, wanted.point, actor),
    )
    alone = _replaces_results()
    return render_template(
        "tasks/_results.html" if alone else "tasks/list.html",
        page=page,
        wanted=wanted,
        refused=refused,
        chips=chips(wanted, names),
        panel="" if alone else _panel(wanted, names, version(session), english=english),
        address=address,
        may_export=allows(actor, Permission.TASK_EXPORT),
        may_report=allows(actor, Permission.TASK_REPORT),
    )  # fmt: skip


def _panel(wanted: TaskFilter, names: Names, known: Version, *, english: bool) -> Markup:
    """The filter panel as it was made before from the same names: it shows nothing of the person."""

    def made() -> Markup:
        html = render_template(
            "tasks/_filters.html",
            wanted=wanted,
            names=names,
            tags=tag_labels(),
            projects=campaign.choices(english=english),
            labels={
                "state": STATE_LABELS, "source": SOURCE_LABELS, "due": DUE_LABELS,
                "mine": MINE_LABELS, "sort": SORT_LABELS, "closing": CLOSING_LABELS,
            },
        )  # fmt: skip
        return Markup(html)  # noqa: S704 - a template of ours, escaped

    return _PANELS.made((known, english, wanted), made)


def _replaces_results() -> bool:
    """Whether the page's script asks, to put the rows of another filter in the place of those shown."""
    headers = request.headers
    return (
        headers.get("HX-Target") == "task-results" and "HX-History-Restore-Request" not in headers
    )


def address(
    wanted: TaskFilter, *, endpoint: str = "tasks.listing", after: str | None = None
) -> str:
    """The address of a list (or of an export, a map) with this filter."""
    return url_for(endpoint, **wanted.to_args(), **({"after": after} if after else {}))  # type: ignore[arg-type]


@requires(Permission.TASK_EXPORT)
def export_csv() -> Response:
    """Exactly what is filtered, as CSV for spreadsheets, streamed."""
    wanted = filters.from_args(request.args)
    actor, now = current_actor(), clock.now()
    _note("csv", wanted)
    session = db.session()
    lines = export.csv_lines(session, actor, wanted, now=now, english=words.is_english())
    answer = Response(streamed(session, lines), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{export.file_name(now, "csv")}"'
    return answer


@requires(Permission.TASK_EXPORT)
def export_xlsx() -> Response:
    """Exactly what is filtered, as a workbook. Refuses more rows than a workbook is good for."""
    wanted = filters.from_args(request.args)
    actor, now = current_actor(), clock.now()
    export.check_size(db.session(), actor, wanted, now=now)
    _note("xlsx", wanted)
    session = db.session()
    book = export.workbook(session, actor, wanted, now=now, english=words.is_english())
    answer = Response(streamed(session, book), content_type=export.XLSX)
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{export.file_name(now, "xlsx")}"'
    )
    return answer


def _note(kind: str, wanted: TaskFilter) -> None:
    """Exports are written down before the first row leaves."""
    with unit_of_work():
        audit.record(
            "export", actor=current_actor(), object=f"tasks.{kind}", filter=wanted.to_args()
        )


def register(blueprint: Blueprint) -> None:
    blueprint.record(lambda state: words.install(state.app))  # type: ignore[arg-type]
    blueprint.add_url_rule("/", endpoint="listing", view_func=listing_page)
    blueprint.add_url_rule("/export.csv", view_func=export_csv)
    blueprint.add_url_rule("/export.xlsx", view_func=export_xlsx)
