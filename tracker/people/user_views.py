"""Pages of accounts: the list, one account, making and editing it."""

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.access.roles import BY_AREA, FOR_UNIT, LABELS, Role
from tracker.errors import Conflict, Fault, Invalid
from tracker.people import operations, queries
from tracker.people.forms import GrantForm, NewUserForm, UserForm
from tracker.people.models import User
from tracker.texts import N_
from tracker.web.forms import show_fault, without_controls

blueprint = Blueprint("admin_people", __name__)

USER_PATH = "/admin/users/<int:user_id>"

_STANDINGS = {
    "": N_("全部"),
    "active": N_("在用"),
    "inactive": N_("已停用"),
    "locked": N_("已锁定"),
}


def form_uuid() -> str:
    """The form's request UUID: a new one, or that of the form being shown again."""
    return request.form.get("request_uuid") or str(uuid4())


def visible_person(user_id: int) -> User:
    """The account, for those who may see accounts at all."""
    operations.demand(current_actor(), Permission.USER_VIEW)
    return queries.person(user_id)


def _chosen_filter() -> queries.UserFilter:
    given = request.args
    role, unit = given.get("role", ""), given.get("unit", "")
    standing = given.get("standing", "")
    if role and role not in set(Role):
        raise Invalid(N_("没有这个岗位。"), field="role")
    if unit and (not unit.isdecimal() or len(unit) > 9):
        raise Invalid(N_("没有这个单位。"), field="unit")
    return queries.UserFilter(
        text=(without_controls(given.get("q")) or "")[:50],
        organization_id=int(unit) if unit else None,
        role=Role(role) if role else None,
        standing=standing if standing in _STANDINGS else "",
    )


@blueprint.get("/admin/users")
@requires(Permission.USER_VIEW)
def users() -> ResponseReturnValue:
    """The list of accounts."""
    wanted = _chosen_filter()
    page = queries.find(wanted, after=request.args.get("after", ""))
    kept = {name: value for name, value in request.args.items() if name != "after" and value}
    return render_template(
        "admin/users.html", page=page, wanted=wanted, kept=kept, labels=LABELS, roles=list(Role),
        standings=_STANDINGS, organizations=queries.organizations(),
        may_manage=allows(current_actor(), Permission.USER_MANAGE),
    )  # fmt: skip


@blueprint.get("/admin/users/new")
@requires(Permission.USER_MANAGE)
def new_user() -> ResponseReturnValue:
    """The form of a new account."""
    return render_template("admin/users_new.html", form=NewUserForm(), request_uuid=form_uuid())


@blueprint.post("/admin/users/new")
@requires(Permission.USER_MANAGE)
def create_user() -> ResponseReturnValue:
    """Make the account; its first password is on the answer and nowhere else."""
    form = NewUserForm()
    try:
        if not form.validate():
            raise Invalid(N_("有内容需要修改。"))
        user_id, first = operations.create_user(
            form.username.data or "", form.particulars(),
            actor=current_actor(), request_uuid=request.form.get("request_uuid"),
        )  # fmt: skip
    except (Invalid, Conflict) as fault:
        return _again("admin/users_new.html", form, fault)
    return show_password_once(user_id, first, is_new=True)


def _again(
    template: str, form: NewUserForm | UserForm, fault: Fault, **more: object
) -> ResponseReturnValue:
    """The same form with what was typed and what is wrong with it."""
    if not form.errors:
        show_fault(form, fault)
    page = render_template(template, form=form, request_uuid=form_uuid(), **more)
    return page, fault.status


def show_password_once(user_id: int, first: str | None, *, is_new: bool) -> ResponseReturnValue:
    """Show a first password on this one answer: it is neither stored nor put into a cookie."""
    if first is None:
        flash(_("这个请求已处理过。首次密码只显示一次；没有记下时请重置密码。"), "info")
        return redirect(url_for("admin_people.user", user_id=user_id))
    return render_template(
        "admin/users_password.html", user=queries.person(user_id), first=first, is_new=is_new
    )


@blueprint.get(USER_PATH)
@requires(Permission.USER_VIEW)
def user(user_id: int) -> ResponseReturnValue:
    """One account: particulars, roles, sessions."""
    return user_page(visible_person(user_id), GrantForm(formdata=None))


def user_page(person: User, form: GrantForm) -> str:
    actor, subject = current_actor(), operations.subject_of(person)
    rights = (Permission.USER_MANAGE, Permission.USER_GRANT, Permission.USER_SECURE)
    return render_template(
        "admin/users_detail.html", user=person, form=form, labels=LABELS, request_uuid=form_uuid(),
        held=[grant for grant in person.grants if grant.revoked_at is None],
        sessions=queries.open_sessions(person.id),
        may={right.name: allows(actor, right, subject) for right in rights},
        who={right.name: WHO[right] for right in rights},
        is_self=person.id == actor.user_id,
        area_roles=" ".join(sorted(BY_AREA)), unit_roles=" ".join(sorted(FOR_UNIT)),
    )  # fmt: skip


@blueprint.get(USER_PATH + "/edit")
@requires(Permission.USER_MANAGE)
def edit_user(user_id: int) -> ResponseReturnValue:
    """The form of an account's particulars."""
    person = visible_person(user_id)
    return render_template(
        "admin/users_edit.html", user=person, form=UserForm(obj=person), request_uuid=form_uuid()
    )


@blueprint.post(USER_PATH + "/edit")
@requires(Permission.USER_MANAGE)
def save_user(user_id: int) -> ResponseReturnValue:
    """Save name and unit."""
    person, form = visible_person(user_id), UserForm()
    try:
        if not form.validate():
            raise Invalid(N_("有内容需要修改。"))
        operations.edit_user(
            user_id, form.particulars(),
            actor=current_actor(), request_uuid=request.form.get("request_uuid"),
        )  # fmt: skip
    except Invalid as fault:
        return _again("admin/users_edit.html", form, fault, user=person)
    flash(_("账号资料已保存。"), "success")
    return redirect(url_for("admin_people.user", user_id=user_id))
