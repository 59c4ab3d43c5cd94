"""Pages that bring posts in from a file and hand them out as one."""

from uuid import uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.audit import operations as audit
from tracker.errors import Invalid, NotPermitted
from tracker.places.forms import UploadForm
from tracker.places.uploads import SUFFIXES
from tracker.points.choices import is_english
from tracker.points.exporting import file_name
from tracker.points.exporting_files import FORMATS
from tracker.points.file_views import CRS_SOURCES
from tracker.points.importing import PointImport
from tracker.points.importing_browser import SHOWN, PointUpload, carry_out, examined, find_upload
from tracker.responsibility import exporting, filters
from tracker.responsibility.ask_views import may_manage
from tracker.responsibility.history import FIELD_LABELS
from tracker.responsibility.importing import POSTS
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_
from tracker.web.errors import wants_json
from tracker.web.forms import show_fault
from tracker.web.streaming import streamed


@requires(Permission.RESPONSIBILITY_MANAGE)
def new_import() -> str:
    """Choose a file of posts."""
    _demand_manager()
    return _form_page(UploadForm(formdata=None))


@requires(Permission.RESPONSIBILITY_MANAGE)
def upload() -> AnyResponse | tuple[str, int]:
    """Take the file, judge it without writing anything, and lead to the preview."""
    _demand_manager()
    form = UploadForm()
    if form.validate_on_submit():
        name = (form.file.data.filename or "")[:120]
        options = PointImport(form.chosen_crs, form.encoding.data or None, name)
        try:
            kept = examined(form.file.data, options, actor=current_actor(), importer=POSTS)
        except Invalid as fault:
            if wants_json():
                raise
            show_fault(form, fault)
        else:
            return redirect(url_for("responsibility.file_import", token=kept.token))
    elif wants_json():
        first = next(iter(form.errors.values()))[0] if form.errors else N_("请选择文件")
        raise Invalid(first, field="file")
    return _form_page(form), 422


@requires(Permission.RESPONSIBILITY_MANAGE)
def file_import(token: str) -> str:
    """What the import would do; once confirmed, what it did."""
    kept = _own(token)
    return render_template(
        "responsibility/import_report.html",
        upload=kept,
        report=kept.result or kept.preview,
        is_done=kept.result is not None,
        shown=SHOWN,
        fields=FIELD_LABELS,
        crs_sources=CRS_SOURCES,
        request_uuid=str(uuid4()),
    )


@requires(Permission.RESPONSIBILITY_MANAGE)
def confirm_import(token: str) -> AnyResponse:
    """Import the examined file."""
    kept = _own(token)
    uuid = parse_uuid(request.form.get("request_uuid"))
    carry_out(kept, actor=current_actor(), request_uuid=uuid, importer=POSTS)
    return redirect(url_for("responsibility.file_import", token=token))


@requires(Permission.RESPONSIBILITY_MANAGE)
def import_places(token: str) -> Response:
    """The shapes of the preview as GeoJSON, each with its role."""
    return Response(_own(token).places, mimetype="application/json")


@requires(Permission.RESPONSIBILITY_MANAGE)
def import_rejects(token: str) -> Response:
    """The rejected rows with their reasons, to mend and import again."""
    answer = Response(_own(token).rejects.read_bytes(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="rejected-posts.csv")
    return answer


@requires(Permission.RESPONSIBILITY_LIST)
def export(ending: str = "") -> Response:
    """Exactly what is filtered, phones masked. Raises Invalid for a format that is not known."""
    form = FORMATS.get(ending)
    if form is None:
        raise Invalid(N_("请选择导出格式：%(known)s。"), field="format", known="、".join(FORMATS))
    wanted, _refused = filters.from_args(request.args)
    actor, now, english = current_actor(), clock.now(), is_english()
    with unit_of_work():
        audit.record(
            "export", actor=actor, object=f"responsibility.{form.ending}", filter=wanted.to_args()
        )
    session = db.session()
    found = exporting.lines(session, actor, wanted, today=clock.today(), english=english)
    pieces = streamed(session, form.write(found, english, exporting.SHEET))
    answer = Response(pieces, content_type=form.media_type)
    name = file_name(now, form.ending, "responsibility")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _demand_manager() -> None:
    """Nobody who manages no area is shown a form whose every row would be refused."""
    if not may_manage():
        raise NotPermitted(WHO[Permission.RESPONSIBILITY_MANAGE])


def _own(token: str) -> PointUpload:
    return find_upload(token, actor=current_actor(), importer=POSTS)


def _form_page(form: UploadForm) -> str:
    return render_template("responsibility/import.html", form=form, suffixes=SUFFIXES)


def register(blueprint: Blueprint) -> None:
    """Put the pages of files on the blueprint."""
    blueprint.add_url_rule("/import", "new_import", new_import)
    blueprint.add_url_rule("/import", "upload", upload, methods=["POST"])
    blueprint.add_url_rule("/imports/<token>", "file_import", file_import)
    blueprint.add_url_rule("/imports/<token>", "confirm_import", confirm_import, methods=["POST"])
    blueprint.add_url_rule("/imports/<token>/places.json", "import_places", import_places)
    blueprint.add_url_rule("/imports/<token>/rejects.csv", "import_rejects", import_rejects)
    for kind in FORMATS:
        blueprint.add_url_rule(
            f"/export.{kind}", f"export_{kind}", export, defaults={"ending": kind}
        )
