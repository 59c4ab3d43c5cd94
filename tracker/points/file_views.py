"""Pages that bring points in from a file and hand them out as one."""

from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.audit import operations as audit
from tracker.errors import Invalid, NotPermitted
from tracker.places.forms import UploadForm
from tracker.places.uploads import SUFFIXES
from tracker.points import choices, exporting, filters
from tracker.points.exporting_files import FORMATS
from tracker.points.history import FIELD_LABELS
from tracker.points.importing import PointImport
from tracker.points.importing_browser import SHOWN, PointUpload, carry_out, examined, find_upload
from tracker.points.list_views import may_manage
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_
from tracker.web.errors import wants_json
from tracker.web.forms import show_fault
from tracker.web.streaming import streamed

CRS_SOURCES = {
    "given": N_("按您的选择"),
    "file": N_("文件自带"),
    "rfc7946": N_("GeoJSON 默认"),
    "default": N_("表格默认"),
}


@requires(Permission.POINT_MANAGE)
def new_import() -> str:
    """Choose a file of points."""
    _demand_manager()
    return _form_page(UploadForm(formdata=None))


@requires(Permission.POINT_MANAGE)
def upload() -> AnyResponse | tuple[str, int]:
    """Take the file, judge it without writing anything, and lead to the preview."""
    _demand_manager()
    form = UploadForm()
    if form.validate_on_submit():
        name = (form.file.data.filename or "")[:120]
        options = PointImport(form.chosen_crs, form.encoding.data or None, name)
        try:
            kept = examined(form.file.data, options, actor=current_actor())
        except Invalid as fault:
            if wants_json():
                raise
            show_fault(form, fault)
        else:
            return redirect(url_for("points.file_import", token=kept.token))
    elif wants_json():
        first = next(iter(form.errors.values()))[0] if form.errors else N_("请选择文件")
        raise Invalid(first, field="file")
    return _form_page(form), 422


@requires(Permission.POINT_MANAGE)
def file_import(token: str) -> str:
    """What the import would do; once confirmed, what it did."""
    kept = _own(token)
    return render_template(
        "points/import_report.html",
        upload=kept,
        report=kept.result or kept.preview,
        is_done=kept.result is not None,
        shown=SHOWN,
        fields=FIELD_LABELS,
        crs_sources=CRS_SOURCES,
        request_uuid=str(uuid4()),
    )


@requires(Permission.POINT_MANAGE)
def confirm_import(token: str) -> AnyResponse:
    """Import the examined file."""
    kept = _own(token)
    uuid = parse_uuid(request.form.get("request_uuid"))
    carry_out(kept, actor=current_actor(), request_uuid=uuid)
    return redirect(url_for("points.file_import", token=token))


@requires(Permission.POINT_MANAGE)
def import_places(token: str) -> Response:
    """The places of the preview as GeoJSON, each with its role."""
    return Response(_own(token).places, mimetype="application/json")


@requires(Permission.POINT_MANAGE)
def import_rejects(token: str) -> Response:
    """The rejected rows with their reasons, to mend and import again."""
    answer = Response(_own(token).rejects.read_bytes(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="rejected-points.csv")
    return answer


@requires(Permission.POINT_LIST)
def export(kind: str = "") -> Response:
    """Exactly what is filtered, in the format asked for. Raises Invalid for one that is not known."""
    form = FORMATS.get(kind or request.args.get("format", ""))
    if form is None:
        raise Invalid(N_("请选择导出格式：%(known)s。"), field="format", known="、".join(FORMATS))
    wanted, _refused = filters.from_args(request.args)
    actor, now, english = current_actor(), clock.now(), choices.is_english()
    with unit_of_work():
        audit.record("export", actor=actor, object=f"points.{form.ending}", filter=wanted.to_args())
    session = db.session()
    found = exporting.lines(session, actor, wanted, now=now, english=english)
    pieces = streamed(session, form.write(found, english))
    answer = Response(pieces, content_type=form.media_type)
    name = exporting.file_name(now, form.ending)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _demand_manager() -> None:
    """Nobody who manages no area is shown a form whose every row would be refused."""
    if not may_manage():
        raise NotPermitted(WHO[Permission.POINT_MANAGE])


def _own(token: str) -> PointUpload:
    return find_upload(token, actor=current_actor())


def _form_page(form: UploadForm) -> str:
    return render_template("points/import.html", form=form, suffixes=SUFFIXES)


def register(blueprint: Blueprint) -> None:
    """Put the pages of files on the blueprint."""
    blueprint.add_url_rule("/import", "new_import", new_import)
    blueprint.add_url_rule("/import", "upload", upload, methods=["POST"])
    blueprint.add_url_rule("/imports/<token>", "file_import", file_import)
    blueprint.add_url_rule("/imports/<token>", "confirm_import", confirm_import, methods=["POST"])
    blueprint.add_url_rule("/imports/<token>/places.json", "import_places", import_places)
    blueprint.add_url_rule("/imports/<token>/rejects.csv", "import_rejects", import_rejects)
    blueprint.add_url_rule("/export", "export", export)
    # the list's script replaces the whole query of its links, so there the format is in the path
    for kind in FORMATS:
        blueprint.add_url_rule(f"/export.{kind}", f"export_{kind}", export, defaults={"kind": kind})
