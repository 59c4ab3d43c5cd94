"""Pages that take something away or give it: closing, securing, granting; each asked before."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.roles import LABELS, Role
from tracker.errors import Conflict, Invalid, NotFound
from tracker.people import granting, operations, queries, securing
from tracker.people.forms import GrantForm
from tracker.people.models import RoleGrant, User
from tracker.people.user_views import (
    USER_PATH,
    blueprint,
    form_uuid,
    show_password_once,
    user_page,
    visible_person,
)
from tracker.texts import N_
from tracker.web.forms import show_fault


@dataclass(frozen=True)
class Asked:
    """A question before an act that takes something away: title, what happens, the button."""

    title: str
    consequence: str
    button: str
    done: str


#: Acts on an account that are confirmed on a page of their own.
_MANAGING = {
    "deactivate": Asked(
        N_("停用账号"), N_("此人将立即退出所有设备，不能再登录。已有的任务记录不受影响，以后可以恢复。"),
        N_("停用"), N_("账号已停用，所有登录已结束。"),
    ),
    "reactivate": Asked(
        N_("恢复账号"), N_("此人可以重新登录，岗位授权与停用前相同。"), N_("恢复"), N_("账号已恢复。"),
    ),
}  # fmt: skip
_SECURING = {
    "reset-password": Asked(
        N_("重置密码"), N_("将生成新的首次密码，只显示一次；此人须在登录后修改。所有设备上的登录立即结束。"),
        N_("重置密码"), "",
    ),
    "unlock": Asked(
        N_("解除锁定"), N_("此人可以立即再次尝试登录。"), N_("解除锁定"), N_("账号已解除锁定。"),
    ),
    "end-sessions": Asked(
        N_("结束登录"), N_("此人将立即退出所有设备，需要重新登录。"), N_("结束登录"), N_("所有登录已结束。"),
    ),
}  # fmt: skip


def _confirm_page(person: User, asked: Asked, detail: str = "") -> str:
    return render_template(
        "admin/users_confirm.html",
        user=person,
        asked=asked,
        detail=detail,
        request_uuid=form_uuid(),
    )


@blueprint.get(USER_PATH + "/<any(deactivate, reactivate):act>")
@requires(Permission.USER_MANAGE)
def ask_managing(user_id: int, act: str) -> ResponseReturnValue:
    """Ask before closing or reopening an account."""
    return _confirm_page(visible_person(user_id), _MANAGING[act])


@blueprint.post(USER_PATH + "/<any(deactivate, reactivate):act>")
@requires(Permission.USER_MANAGE)
def manage(user_id: int, act: str) -> ResponseReturnValue:
    """Close or reopen an account."""
    visible_person(user_id)
    carry_out = {"deactivate": operations.deactivate, "reactivate": operations.reactivate}[act]
    carry_out(user_id, actor=current_actor(), request_uuid=request.form.get("request_uuid"))
    flash(_(_MANAGING[act].done), "success")
    return redirect(url_for("admin_people.user", user_id=user_id))


@blueprint.get(USER_PATH + "/<any('reset-password', unlock, 'end-sessions'):act>")
@requires(Permission.USER_SECURE)
def ask_securing(user_id: int, act: str) -> ResponseReturnValue:
    """Ask before resetting, unlocking or signing out."""
    person = visible_person(user_id)
    operations.demand(current_actor(), Permission.USER_SECURE, person)
    return _confirm_page(person, _SECURING[act])


@blueprint.post(USER_PATH + "/<any('reset-password', unlock, 'end-sessions'):act>")
@requires(Permission.USER_SECURE)
def secure(user_id: int, act: str) -> ResponseReturnValue:
    """Reset a password, end a lock-out, end sessions."""
    visible_person(user_id)
    actor, uuid = current_actor(), request.form.get("request_uuid")
    if act == "reset-password":
        first = securing.reset_password(user_id, actor=actor, request_uuid=uuid)
        return show_password_once(user_id, first, is_new=False)
    carry_out = securing.unlock if act == "unlock" else securing.end_sessions
    carry_out(user_id, actor=actor, request_uuid=uuid)
    flash(_(_SECURING[act].done), "success")
    return redirect(url_for("admin_people.user", user_id=user_id))


@blueprint.post(USER_PATH + "/grants")
@requires(Permission.USER_GRANT)
def grant(user_id: int) -> ResponseReturnValue:
    """Give a role."""
    person, form = visible_person(user_id), GrantForm()
    operations.demand(current_actor(), Permission.USER_GRANT, person)
    try:
        if not form.validate():
            raise Invalid(N_("有内容需要修改。"))
        granting.grant_role(
            user_id, form.jurisdiction(),
            actor=current_actor(), request_uuid=request.form.get("request_uuid"),
        )  # fmt: skip
    except (Invalid, Conflict) as fault:
        if not form.errors:
            show_fault(form, fault)
        return user_page(queries.person(user_id), form), fault.status
    flash(_("岗位已授权，立即生效。"), "success")
    return redirect(url_for("admin_people.user", user_id=user_id))


def _held(person: User, grant_id: int) -> RoleGrant:
    for held in person.grants:
        if held.id == grant_id and held.revoked_at is None:
            return held
    raise NotFound(N_("没有这项授权，或已被撤销。"))


_REVOKE = USER_PATH + "/grants/<int:grant_id>/revoke"


@blueprint.get(_REVOKE)
@requires(Permission.USER_GRANT)
def ask_revoking(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Ask before taking a role."""
    person = visible_person(user_id)
    operations.demand(current_actor(), Permission.USER_GRANT, person)
    held = _held(person, grant_id)
    places = [place.name for place in (held.area, held.organization) if place is not None]
    asked = Asked(N_("撤销岗位"), N_("此人立即失去这个岗位的权限，记录保留。"), N_("撤销"), "")
    return _confirm_page(person, asked, " · ".join([_(LABELS[Role(held.role)]), *places]))


@blueprint.post(_REVOKE)
@requires(Permission.USER_GRANT)
def revoke(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role."""
    visible_person(user_id)
    granting.revoke_role(
        user_id, grant_id, actor=current_actor(), request_uuid=request.form.get("request_uuid")
    )
    flash(_("岗位已撤销，立即生效。"), "success")
    return redirect(url_for("admin_people.user", user_id=user_id))
