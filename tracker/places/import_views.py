"""Pages that bring in areas: choose a file, see what would happen, confirm."""

from uuid import uuid4

from flask import Response, redirect, render_template, request, url_for

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Fault, Invalid
from tracker.places import queries
from tracker.places.area_views import Answer
from tracker.places.blueprint import blueprint
from tracker.places.browser_import import carry_out, examine
from tracker.places.forms import AreaUploadForm
from tracker.places.gis_words import MISFITS
from tracker.places.uploads import SUFFIXES, Upload, find_upload, keep_upload
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web.errors import wants_json
from tracker.web.forms import show_fault
from tracker.web.kept_files import drop_file

#: Rows of each list shown on the page; the file of rejected rows has them all.
SHOWN = 200

CRS_SOURCES = {
    "given": N_("按您的选择"),
    "file": N_("文件自带"),
    "rfc7946": N_("GeoJSON 默认"),
}


@blueprint.get("/admin/area-imports/new")
@requires(Permission.AREA_MANAGE)
def new_import() -> str:
    """Choose a file of a whole level, or with `?area=` of one area."""
    return _form_page(AreaUploadForm(formdata=None))


@blueprint.post("/admin/area-imports/new")
@requires(Permission.AREA_MANAGE)
def upload() -> Answer:
    """Take the file, judge it without writing anything, and lead to the preview."""
    form = AreaUploadForm()
    actor = current_actor()
    only = request.values.get("area") or None
    if form.validate_on_submit() and actor.user_id is not None:
        try:
            kept = _examined(form, only, actor.user_id)
        except Invalid as fault:
            if wants_json():
                raise
            show_fault(form, fault)
        else:
            return redirect(url_for("admin_places.area_import", token=kept.token))  # type: ignore[return-value]
    elif wants_json():
        raise Invalid(
            next(iter(form.errors.values()))[0] if form.errors else N_("请选择文件"), field="file"
        )
    return _form_page(form), 422


@blueprint.get("/admin/area-imports/<token>")
@requires(Permission.AREA_MANAGE)
def area_import(token: str) -> str:
    """What the import would do; once confirmed, what it did."""
    kept = _own(token)
    report = kept.result or kept.preview
    only = kept.options.only
    return render_template(
        "admin/areas_import_report.html",
        upload=kept,
        report=report,
        is_done=kept.result is not None,
        area=queries.find_area(db.session(), only) if only else None,
        shown=SHOWN,
        misfits=MISFITS,
        crs_sources=CRS_SOURCES,
        request_uuid=str(uuid4()),
    )


@blueprint.post("/admin/area-imports/<token>")
@requires(Permission.AREA_MANAGE)
def confirm_import(token: str) -> Answer:
    """Import the examined file."""
    kept = _own(token)
    uuid = parse_uuid(request.form.get("request_uuid"))
    carry_out(kept, actor=current_actor(), request_uuid=uuid)
    return redirect(url_for("admin_places.area_import", token=token))  # type: ignore[return-value]


@blueprint.get("/admin/area-imports/<token>/borders.json")
@requires(Permission.AREA_MANAGE)
def import_borders(token: str) -> Response:
    """The borders of the preview as GeoJSON, each with its role."""
    return Response(_own(token).borders.read_bytes(), mimetype="application/json")


@blueprint.get("/admin/area-imports/<token>/rejects.csv")
@requires(Permission.AREA_MANAGE)
def import_rejects(token: str) -> Response:
    """The rejected rows with their reasons, to mend and import again."""
    answer = Response(_own(token).rejects.read_bytes(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="rejected-areas.csv")
    return answer


def _own(token: str) -> Upload:
    return find_upload(token, owner_id=current_actor().user_id)


def _examined(form: AreaUploadForm, only: str | None, owner_id: int) -> Upload:
    kept = keep_upload(form.file.data, form.given(only=only), owner_id=owner_id)
    try:
        examine(kept)
    except (Fault, OSError):
        drop_file(kept)
        raise
    return kept


def _form_page(form: AreaUploadForm) -> str:
    code = request.values.get("area")
    area = queries.find_area(db.session(), code) if code else None
    return render_template("admin/areas_import.html", form=form, area=area, suffixes=SUFFIXES)
