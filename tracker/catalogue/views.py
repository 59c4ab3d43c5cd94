"""Pages to look after the catalogue."""

from uuid import uuid4

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.calendar import LimitReading, LimitUnit
from tracker.catalogue import operations, queries
from tracker.catalogue.data import CategoryKind, load_tags
from tracker.catalogue.forms import READINGS, CategoryForm, LocalCategoryForm, NewCategoryForm
from tracker.catalogue.models import Category
from tracker.errors import Conflict, Invalid
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.web.forms import show_fault

blueprint = Blueprint("admin_catalogue", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/admin/categories")
@requires(Permission.CATEGORY_MANAGE)
def categories() -> str:
    """The catalogue, narrowed as asked."""
    wanted = queries.CategoryFilter.of(request.args)
    return render_template(
        "admin/categories.html",
        page=queries.page_of_categories(db.session(), wanted, request.args.get("after")),
        wanted=wanted,
        kept=wanted.as_args(),
        majors=queries.majors(db.session()),
        tags=load_tags(),
        kinds=list(CategoryKind),
        standings=queries.STANDINGS,
        tag_names={tag.code: tag for tag in load_tags()},
        units={unit.value: unit.label for unit in LimitUnit},
    )


@blueprint.get("/admin/categories/new")
@requires(Permission.CATEGORY_MANAGE)
def new_category() -> str:
    """An empty form for a local category: three working days unless said otherwise."""
    usual = {
        "limit_value": 3, "limit_unit": LimitUnit.WORK_DAY.value, "limit_reading": LimitReading.DAY_COUNT.value,
    }  # fmt: skip
    return _new_page(NewCategoryForm(formdata=None, data=usual))


@blueprint.post("/admin/categories/new")
@requires(Permission.CATEGORY_MANAGE)
def create_category() -> Answer:
    """Add a local category."""
    form = NewCategoryForm()
    if not form.validate_on_submit():
        return _new_page(form), 422
    uuid = parse_uuid(request.form.get("request_uuid"))
    try:
        operations.add_local_category(
            form.code.data,
            form.names(),
            form.given(),
            major_name=form.major_name.data or "",
            actor=current_actor(),
            request_uuid=uuid,
        )
    except Invalid as fault:
        show_fault(form, fault)
        return _new_page(form), 422
    except Conflict as fault:
        show_fault(form, fault)
        return _new_page(form), 409
    flash(_("已新增类别 %(code)s。", code=form.code.data), "success")
    return redirect(url_for("admin_catalogue.categories", q=form.code.data))  # type: ignore[return-value]


@blueprint.get("/admin/categories/<int:category_id>")
@requires(Permission.CATEGORY_MANAGE)
def category(category_id: int) -> str:
    """One category in a form."""
    found = queries.find_category(db.session(), category_id)
    kind = LocalCategoryForm if found.is_local else CategoryForm
    return _page(found, kind(formdata=None, obj=found))


@blueprint.post("/admin/categories/<int:category_id>")
@requires(Permission.CATEGORY_MANAGE)
def save_category(category_id: int) -> Answer:
    """Change what a district decides."""
    found = queries.find_category(db.session(), category_id)
    form = LocalCategoryForm() if found.is_local else CategoryForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    uuid = parse_uuid(request.form.get("request_uuid"))
    names = form.names() if isinstance(form, LocalCategoryForm) else None
    try:
        operations.save_category(
            category_id, form.given(), names=names, actor=current_actor(), request_uuid=uuid
        )
    except Invalid as fault:
        show_fault(form, fault)
        return _page(queries.find_category(db.session(), category_id), form), 422
    flash(_("已保存。"), "success")
    return redirect(url_for("admin_catalogue.category", category_id=category_id))  # type: ignore[return-value]


def _page(found: Category, form: CategoryForm) -> str:
    names = {tag.code: tag for tag in load_tags()}
    return render_template(
        "admin/categories_form.html",
        category=found,
        form=form,
        readings=READINGS,
        kind=CategoryKind(found.kind),
        tag_names=names,
        request_uuid=str(uuid4()),
    )


def _new_page(form: NewCategoryForm) -> str:
    return render_template(
        "admin/categories_form.html", category=None, form=form, request_uuid=str(uuid4())
    )
