"""Pages that bring in a new edition: choose a file, see what changes, publish."""

import tempfile
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Conflict, Invalid
from tracker.points.checklist_columns import HEADINGS
from tracker.points.checklist_drafts import (
    KeptDraft,
    against_current,
    find_draft,
    keep_draft,
    mark_published,
)
from tracker.points.checklist_forms import LABEL_SETS, EditionUploadForm, kind_names
from tracker.points.checklist_importing import Draft, read_draft
from tracker.points.checklist_listing import category_names, types_of
from tracker.points.checklist_models import DIMENSION_LABELS, METHOD_LABELS, EditionKind
from tracker.points.checklist_operations import check_given, publish
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.forms import show_fault

#: A checklist is some hundred rows; more than this is something else.
MAX_FILE = 10 * 1024 * 1024
SUFFIXES = (".xlsx", ".csv")
#: Rows of each list shown on the page.
SHOWN = 200

Answer = str | AnyResponse | tuple[str, int]


@requires(Permission.CHECKLIST_MANAGE)
def new_import() -> str:
    """Choose a file."""
    kind = request.args.get("kind", "")
    start = {"kind": kind} if kind in {one.value for one in EditionKind} else {}
    return _form_page(EditionUploadForm(formdata=None, data=start))


@requires(Permission.CHECKLIST_MANAGE)
def upload() -> Answer:
    """Read the file without writing anything, and lead to the preview."""
    form = EditionUploadForm()
    actor = current_actor()
    if not form.validate_on_submit() or actor.user_id is None:
        return _form_page(form), 422
    given = form.given()
    try:
        check_given(db.session(), given)
        draft = _read(form.file.data)
    except (Invalid, Conflict) as fault:
        show_fault(form, fault)
        return _form_page(form), fault.status
    name = Path((form.file.data.filename or "").replace("\\", "/")).name[:120]
    token = keep_draft(draft, given, file_name=name, owner_id=actor.user_id)
    return redirect(url_for("checklists.preview", token=token))


@requires(Permission.CHECKLIST_MANAGE)
def preview(token: str) -> Answer:
    """What the edition would change; once published, the edition itself."""
    kept = _own(token)
    if kept.published:
        return redirect(url_for("checklists.edition", code=kept.published))
    return _preview_page(kept)


@requires(Permission.CHECKLIST_MANAGE)
def confirm(token: str) -> Answer:
    """Publish the edition; a second confirmation leads to the first one's edition."""
    kept = _own(token)
    # one draft is one act, however often it is confirmed
    uuid = str(uuid5(NAMESPACE_URL, token))
    if not kept.published:
        if kept.draft.rejections and request.form.get("without_rejected") != "1":
            return _preview_page(
                kept, N_("有不能用的行：请改好后重新上传，或勾选“不含这些行发布”。")
            )
        try:
            code = publish(
                kept.given, kept.draft.lines, actor=current_actor(), request_uuid=uuid
            )  # fmt: skip
        except (Invalid, Conflict) as fault:
            db.session.rollback()
            return _preview_page(kept, _(fault.message, **fault.facts)), fault.status
        mark_published(token, code)
        flash(_("已发布 %(code)s。", code=code), "success")
    return redirect(url_for("checklists.preview", token=token))


def register(blueprint: Blueprint) -> None:
    """Give the pages their addresses."""
    for rule, view, method in (
        ("/import", new_import, "GET"),
        ("/import", upload, "POST"),
        ("/import/<token>", preview, "GET"),
        ("/import/<token>", confirm, "POST"),
    ):
        blueprint.add_url_rule(rule, view.__name__, view, methods=[method])


def _own(token: str) -> KeptDraft:
    return find_draft(token, owner_id=current_actor().user_id)


def _read(sent: FileStorage) -> Draft:
    suffix = Path(sent.filename or "").suffix.casefold()
    if suffix not in SUFFIXES:
        raise Invalid(N_("这里只能读 .csv 或 .xlsx 文件。"), field="file")
    content = sent.stream.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise Invalid(N_("文件超过 %(most)d MB。"), field="file", most=MAX_FILE // 2**20)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"edition{suffix}"
        path.write_bytes(content)
        return read_draft(db.session(), path)


def _form_page(form: EditionUploadForm) -> str:
    return render_template("checklists/import.html", form=form, suffixes=SUFFIXES)


def _preview_page(kept: KeptDraft, fault: str = "") -> str:
    session = db.session()
    against = against_current(session, kept.given, kept.draft.lines)
    return render_template(
        "checklists/preview.html",
        kept=kept,
        before=against.before,
        difference=against.difference,
        fault=fault,
        headings=HEADINGS,
        kind_name=kind_names()[kept.given.kind],
        label_words=LABEL_SETS[kept.given.labels],
        dimensions=DIMENSION_LABELS,
        methods=METHOD_LABELS,
        type_by_code={one.code: one for one in types_of(session)},
        categories=category_names(session),
        is_past=kept.given.valid_from is not None and kept.given.valid_from < clock.today(),
        shown=SHOWN,
    )
