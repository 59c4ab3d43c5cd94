"""Pages of organizations: the list, a new one, one changed."""

from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid, NotFound
from tracker.places.area_views import Answer
from tracker.places.blueprint import blueprint
from tracker.places.forms import OrganizationForm
from tracker.places.listing import STANDINGS, UnitFilter, page_of_units
from tracker.places.models import ORGANIZATION_KIND_LABELS, Organization
from tracker.places.operations import OrganizationGiven, save_organization
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web.forms import show_fault


@blueprint.get("/admin/organizations")
@requires(Permission.ORGANIZATION_MANAGE)
def organizations() -> str:
    """Every organization by name."""
    wanted = UnitFilter.of(request.args)
    return render_template(
        "admin/organizations.html",
        page=page_of_units(db.session(), wanted, request.args.get("after")),
        wanted=wanted,
        kept=wanted.as_args(),
        kinds=ORGANIZATION_KIND_LABELS,
        standings=STANDINGS,
    )


@blueprint.get("/admin/organizations/new")
@requires(Permission.ORGANIZATION_MANAGE)
def new_organization() -> str:
    """An empty form."""
    return _form_page(OrganizationForm(formdata=None), None)


@blueprint.post("/admin/organizations/new")
@requires(Permission.ORGANIZATION_MANAGE)
def create_organization() -> Answer:
    """Store a new organization."""
    return _save(None)


@blueprint.get("/admin/organizations/<int:unit_id>")
@requires(Permission.ORGANIZATION_MANAGE)
def organization(unit_id: int) -> str:
    """One organization in a form."""
    unit = _find(unit_id)
    return _form_page(
        OrganizationForm(formdata=None, data=OrganizationGiven.of(unit).as_dict()), unit
    )


@blueprint.post("/admin/organizations/<int:unit_id>")
@requires(Permission.ORGANIZATION_MANAGE)
def change_organization(unit_id: int) -> Answer:
    """Change an organization, its end of service included."""
    return _save(_find(unit_id))


def _save(unit: Organization | None) -> Answer:
    form = OrganizationForm()
    if not form.validate_on_submit():
        return _form_page(form, unit), 422
    uuid = parse_uuid(request.form.get("request_uuid"))
    unit_id = unit.id if unit else None
    try:
        save_organization(form.given(), unit_id=unit_id, actor=current_actor(), request_uuid=uuid)
    except Invalid as fault:
        show_fault(form, fault)
        return _form_page(form, _find(unit_id) if unit_id is not None else None), 422
    flash(_("已保存：%(name)s", name=form.name.data), "success")
    return redirect(url_for("admin_places.organizations"))  # type: ignore[return-value]


def _find(unit_id: int) -> Organization:
    unit = db.session.get(Organization, unit_id)
    if unit is None:
        raise NotFound(N_("没有这个单位。"))
    return unit


def _form_page(form: OrganizationForm, unit: Organization | None) -> str:
    return render_template(
        "admin/organizations_form.html", form=form, unit=unit, request_uuid=str(uuid4())
    )
