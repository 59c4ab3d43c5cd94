"""The page of 挂点: which unit looks after which community."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Fault, Invalid
from tracker.inspections import liaisons
from tracker.inspections.round_models import Liaison
from tracker.places.models import Area, Level
from tracker.places.queries import areas_visible_to
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.web.forms import show_fault, without_controls


class LiaisonForm(FlaskForm):
    """One unit, one community, who, since when."""

    unit_id = SelectField(_l("单位"), default="")
    community_code = SelectField(_l("社区（村）"), default="")
    person = StringField(_l("挂点人"), filters=[without_controls])
    since = DateField(_l("开始日期"), validators=[InputRequired(_l("请选择开始日期"))])

    def offer(self) -> None:
        """Fill in the choices of this person."""
        session = db.session()
        units = [(str(row.id), row.name) for row in liaisons.units_for_choice(session)]
        communities = session.execute(
            areas_visible_to(current_actor())
            .where(Area.level == Level.COMMUNITY)
            .with_only_columns(Area.code, Area.name)
        )
        self.unit_id.choices = [("", _("请选择")), *units]
        self.community_code.choices = [("", _("请选择")), *[(c, n) for c, n in communities]]


@requires(Permission.ROUND_LIST)
def listing() -> str:
    """The table by town."""
    form = LiaisonForm(formdata=None)
    form.since.data = clock.today()
    return _page(form, str(uuid4()))


@requires(Permission.ROUND_MANAGE)
def add() -> ResponseReturnValue:
    """Add a line."""
    form = LiaisonForm()
    form.offer()
    uuid = request.form.get("request_uuid", "")
    if not form.validate_on_submit():
        return _page(form, uuid), 422
    try:
        if not form.unit_id.data:
            raise Invalid(_("请选择在用的单位。"), field="unit_id")
        liaisons.add(
            int(form.unit_id.data), form.community_code.data, person=form.person.data or "",
            since=form.since.data, actor=current_actor(), request_uuid=parse_uuid(uuid),
        )  # fmt: skip
    except Fault as fault:
        if fault.status not in (409, 422):
            raise
        db.session.rollback()
        show_fault(form, fault)
        return _page(form, uuid), fault.status
    flash(_("挂点已登记。"), "success")
    return redirect(url_for("rounds.liaisons"))


@requires(Permission.ROUND_MANAGE)
def end(liaison_id: int) -> ResponseReturnValue:
    """End a line; it stays in the history."""
    uuid = parse_uuid(request.form.get("request_uuid"))
    liaisons.end(min(liaison_id, 2**31 - 1), actor=current_actor(), request_uuid=uuid)
    flash(_("挂点已结束，记录保留在历史中。"), "success")
    return redirect(url_for("rounds.liaisons"))


def _page(form: LiaisonForm, uuid: str) -> str:
    actor, session = current_actor(), db.session()
    form.offer()
    with_ended = request.args.get("all") == "1"
    groups: dict[str, list[Liaison]] = {}
    for row in liaisons.visible_rows(session, actor, with_ended=with_ended):
        town = row.community.parent
        groups.setdefault(town.name if town else "", []).append(row)
    return render_template(
        "rounds/liaisons.html",
        form=form,
        request_uuid=uuid,
        groups=groups,
        with_ended=with_ended,
        manages=liaisons.may_manage_anywhere(actor),
        today=clock.today(),
        new_uuid=lambda: str(uuid4()),
    )


def register(blueprint: Blueprint) -> None:
    """Put the page on the blueprint."""
    blueprint.add_url_rule("/liaisons", "liaisons", listing)
    blueprint.add_url_rule("/liaisons/add", "liaison_add", add, methods=["POST"])
    blueprint.add_url_rule("/liaisons/<int:liaison_id>/end", "liaison_end", end, methods=["POST"])
