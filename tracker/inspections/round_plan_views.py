"""The page on which a round is planned: a form in steps, what would be drawn, then saved."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import WHO
from tracker.errors import Fault, Invalid, NotPermitted
from tracker.inspections import round_people, round_preview, round_requests, rounds
from tracker.inspections.round_forms import RoundForm
from tracker.inspections.round_models import Draw, RoundKind
from tracker.inspections.round_preview import Preview
from tracker.inspections.round_rules import is_unit_bound, may_plan
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.web.forms import show_fault


@requires(Permission.ROUND_MANAGE)
def new() -> ResponseReturnValue:
    """An empty form, or what is typed with a preview, or the round saved."""
    actor = current_actor()
    if not may_plan(actor):
        raise NotPermitted(WHO[Permission.ROUND_MANAGE])
    form = RoundForm(formdata=None) if request.method == "GET" else RoundForm()
    if request.method == "GET":
        _begin(form)
    form.offer(db.session(), actor)
    if request.method == "GET":
        return _page(form, str(uuid4()), None)
    return _answer(form)


def _begin(form: RoundForm) -> None:
    """What a new form says; an address may name the kind, the unit, and what is drawn from."""
    actor = current_actor()
    kind = request.args.get("kind", "")
    form.kind.data = kind if kind in set(RoundKind) else RoundKind.OFFICE.value
    if is_unit_bound(actor):
        form.kind.data = RoundKind.SELF.value
    own = str(actor.organization_id) if is_unit_bound(actor) else ""
    form.unit_id.data = request.args.get("unit", own)
    form.month.data = f"{clock.today():%Y-%m}"
    asked = request.args.get("draw", "")
    form.draw.data = asked if asked in set(Draw) else Draw.RANDOM.value
    form.seed.data = rounds.new_seed()
    form.inspectors.data = []
    form.site_types.data = request.args.getlist("site_types")
    form.communities.data = request.args.getlist("communities")
    form.points.data = []


def _answer(form: RoundForm) -> ResponseReturnValue:
    uuid = request.form.get("request_uuid", "")
    step = request.form.get("step", "save")
    if step == "seed":
        form.seed.data = rounds.new_seed()
    if not form.validate_on_submit():
        return _page(form, uuid, None), 422
    actor = current_actor()
    try:
        if step == "save":
            made = round_requests.plan(form.given(), actor=actor, request_uuid=parse_uuid(uuid))
            flash(_("批次已筹备好。核对点位和检查人后点“开始检查”。"), "success")
            return redirect(url_for("rounds.detail", round_id=made))
        if not form.inspectors.data:
            form.inspectors.data = round_people.proposed(
                db.session(), form.kind.data, form.chosen_unit, actor
            )
        shown = round_preview.of(db.session(), form.given(), actor=actor)
    except Invalid as fault:
        return _refused(form, uuid, fault)
    return _page(form, uuid, shown)


def _refused(form: RoundForm, uuid: str, fault: Fault) -> ResponseReturnValue:
    db.session.rollback()
    form.offer(db.session(), current_actor())
    show_fault(form, fault)
    return _page(form, uuid, None), 422


def _page(form: RoundForm, uuid: str, shown: Preview | None) -> str:
    return render_template(
        "rounds/new.html", form=form, request_uuid=uuid, preview=shown,
        unit_bound=is_unit_bound(current_actor()),
    )  # fmt: skip


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/new", "new", new, methods=["GET", "POST"])
