"""Pages to look after the limits of the stages."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.calendar import LimitReading, LimitUnit
from tracker.errors import Conflict, Invalid
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.tasks import choices
from tracker.tasks.limits import operations, queries
from tracker.tasks.limits.forms import READINGS, RuleForm, severities, sources, version_of
from tracker.tasks.limits.models import LimitRule
from tracker.tasks.limits.rules import STAGE_LABELS, Severity, Stage, limit_for, rule_for
from tracker.tasks.states import Source
from tracker.tasks.words import is_english
from tracker.web.forms import show_fault, without_controls

blueprint = Blueprint("limits", __name__, url_prefix="/admin/limits")

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.CATEGORY_MANAGE)
def listing() -> str:
    """The rules, and which of them hold for a task that is asked about."""
    session = db.session()
    page = queries.page_of_rules(session, request.args.get("after"))
    return render_template(
        "admin/limits.html",
        page=page,
        names=queries.subject_names(session, [row.subject for row in page.rows if row.subject]),
        tried=_tried(request.args),
        **_words(),
    )


@blueprint.get("/new")
@requires(Permission.CATEGORY_MANAGE)
def new_rule() -> str:
    """An empty form."""
    usual = {"stage": Stage.HANDLE.value, "unit": LimitUnit.WORK_DAY.value}
    return _form_page(None, RuleForm(formdata=None, data=usual))


@blueprint.post("/new")
@requires(Permission.CATEGORY_MANAGE)
def create_rule() -> Answer:
    """Add a rule."""
    return _saved(None)


@blueprint.get("/<int:rule_id>")
@requires(Permission.CATEGORY_MANAGE)
def rule(rule_id: int) -> str:
    """One rule in a form."""
    found = queries.find_rule(db.session(), rule_id)
    return _form_page(found, RuleForm(formdata=None, obj=found))


@blueprint.post("/<int:rule_id>")
@requires(Permission.CATEGORY_MANAGE)
def save_rule(rule_id: int) -> Answer:
    """Change a rule."""
    return _saved(queries.find_rule(db.session(), rule_id))


@blueprint.get("/<int:rule_id>/remove")
@requires(Permission.CATEGORY_MANAGE)
def ask_removal(rule_id: int) -> str:
    """Ask once more."""
    found = queries.find_rule(db.session(), rule_id)
    names = queries.subject_names(db.session(), [found.subject]) if found.subject else {}
    return render_template(
        "admin/limits_remove.html",
        rule=found,
        names=names,
        request_uuid=str(uuid4()),
        **_words(),
    )


@blueprint.post("/<int:rule_id>/remove")
@requires(Permission.CATEGORY_MANAGE)
def remove_rule(rule_id: int) -> Answer:
    """Take a rule away."""
    operations.remove_rule(
        rule_id,
        version=version_of(request.form.get("version")),
        actor=current_actor(),
        request_uuid=parse_uuid(request.form.get("request_uuid")),
    )
    flash(_("已删除这条时限规则。"), "success")
    return redirect(url_for("limits.listing"), 303)


def _saved(found: LimitRule | None) -> Answer:
    form = RuleForm()
    if not form.validate_on_submit():
        return _form_page(found, form), 422
    uuid = parse_uuid(request.form.get("request_uuid"))
    try:
        operations.save_rule(
            found.id if found else None,
            form.given(),
            version=form.seen_version() if found else None,
            actor=current_actor(),
            request_uuid=uuid,
        )
    except (Invalid, Conflict) as fault:
        show_fault(form, fault)
        again = queries.find_rule(db.session(), found.id) if found else None
        if again is not None and fault.code == "stale":
            # what was typed stays; saving once more is a decision about the newer rule
            form.version.data = str(again.version)
        return _form_page(again, form), fault.status
    flash(_("已保存。之后派遣的任务按新时限计算。"), "success")
    return redirect(url_for("limits.listing"), 303)


def _tried(args: Mapping[str, str]) -> dict[str, Any] | None:
    """Every stage's limit for a category, severity and source, with the rule it comes from."""
    code = (without_controls(args.get("try", "")).split() or [""])[0].upper()[:12]
    if not code:
        return None
    session = db.session()
    category = queries.category_coded(session, code)
    said, came = args.get("severity", ""), args.get("source", "")
    severity = Severity(said) if said in set(Severity) else Severity.NORMAL
    source = Source(came) if came in set(Source) else None
    answer = {"code": code, "category": category, "severity": severity, "source": source}
    if category is None:
        return answer
    rules = queries.all_rules(session)
    stages = [
        (stage, limit_for(rules, category, severity, source, stage),
         rule_for(rules, category, severity, source, stage))
        for stage in Stage
    ]  # fmt: skip
    return {**answer, "stages": stages}


def _words() -> dict[str, Any]:
    """What the templates call the values of a rule."""
    return {
        "stages": {one.value: label for one, label in STAGE_LABELS.items()},
        "severities": dict(severities()),
        "sources": dict(sources()),
        "units": {unit.value: unit.label for unit in LimitUnit},
        "readings": {one.value: label for one, label in READINGS.items()},
        "rolling": LimitReading.ROLLING.value,
    }


def _form_page(found: LimitRule | None, form: RuleForm) -> str:
    session = db.session()
    return render_template(
        "admin/limits_form.html",
        rule=found,
        form=form,
        majors=choices.categories(session, english=is_english()),
        request_uuid=str(uuid4()),
    )
