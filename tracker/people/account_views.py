"""Signing in and out, one's own account."""

from flask import (
    Blueprint,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from tracker.access.gate import requires
from tracker.access.permissions import Permission
from tracker.access.roles import LABELS
from tracker.errors import Fault, NotFound, NotPermitted
from tracker.people import own_account, passwords, queries, sessions, signin
from tracker.people.devices import device_name
from tracker.people.forms import PasswordForm, SignInForm
from tracker.texts import N_
from tracker.web.errors import answer, wants_json
from tracker.web.forms import show_fault
from tracker.web.redirects import referring_path, safe_path

blueprint = Blueprint("account", __name__)

#: Each language in its own words.
LANGUAGES = {"zh_Hans_CN": "简体中文", "en": "English"}

#: What a person may still open while a first password waits to be changed.
_BEFORE_CHANGE = frozenset(
    {"account.password", "account.change_password", "account.logout", "locale.switch", "static",
     "health.alive", "health.ready"}
)  # fmt: skip


class FirstPassword(NotPermitted):
    """A first password must be changed before anything else."""

    code = "password_change_needed"


def _address() -> str:
    return request.remote_addr or ""


@sessions.login_manager.unauthorized_handler
def ask_to_sign_in() -> ResponseReturnValue:
    """Lead a visitor to the sign-in page and back; 401 for a script."""
    over = session.pop("_user_id", None) is not None
    if wants_json():
        return answer(401, _("登录已过期，请重新登录。"), code="signed_out")
    if over:
        flash(_("登录已过期或已在别处结束，请重新登录。"), "info")
    # what was being sent is not done; the person goes on at the page it was sent from
    target = request.full_path.rstrip("?") if request.method == "GET" else referring_path()
    if target == "/":
        target = None
    return redirect(url_for("account.login", next=target))


@blueprint.before_app_request
def demand_own_password() -> ResponseReturnValue | None:
    """Stop at every page but the change while a first password is in force."""
    person: sessions.Person | None = g.get("person")
    if person is None or not person.must_change_password or request.endpoint in _BEFORE_CHANGE:
        return None
    if wants_json():
        raise FirstPassword(N_("请先修改首次密码，再继续操作。"))
    return redirect(url_for("account.password"))


@blueprint.get("/login")
@requires(Permission.PUBLIC)
def login() -> ResponseReturnValue:
    """The sign-in page; who is signed in already goes on."""
    if g.get("person") is not None:
        return redirect(_wanted())
    return _login_page(SignInForm())


@blueprint.post("/login")
@requires(Permission.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Open a session, or say that it did not fit."""
    form = SignInForm()
    try:
        user = signin.sign_in(form.username.data or "", form.password.data or "", ip=_address())
    except Fault as fault:
        show_fault(form, fault)
        return _login_page(form), fault.status
    sessions.start(user)
    return redirect(_wanted())


def _wanted() -> str:
    given = request.form.get("next") or request.args.get("next")
    return safe_path(given) or url_for("home.index")


def _login_page(form: SignInForm) -> str:
    given = safe_path(request.form.get("next") or request.args.get("next"))
    return render_template("account/login.html", form=form, next_path=given)


@blueprint.post("/logout")
@requires(Permission.PUBLIC)
def logout() -> ResponseReturnValue:
    """End this browser's session; pressing it twice is no error."""
    if g.get("person") is not None:
        own_account.note_sign_out(sessions.account())
        sessions.end()
    flash(_("您已退出登录。"), "info")
    return redirect(url_for("account.login"))


@blueprint.get("/account")
@requires(Permission.SIGNED_IN)
def page() -> ResponseReturnValue:
    """Who I am, what I may, where I am signed in."""
    user = sessions.account()
    held = [
        (grant, LABELS[grant.as_grant().role]) for grant in user.grants if grant.revoked_at is None
    ]
    return render_template(
        "account/page.html", user=user, held=held, sessions=queries.open_sessions(user.id),
        this_session=sessions.hash_token(session.get("_user_id", "")), languages=LANGUAGES, device_name=device_name,
    )  # fmt: skip


@blueprint.get("/account/password")
@requires(Permission.SIGNED_IN)
def password() -> ResponseReturnValue:
    """The form to change one's password."""
    return _password_page(PasswordForm())


@blueprint.post("/account/password")
@requires(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change it; every other session ends, this one is rotated; after a first one work begins."""
    form, was_first = PasswordForm(), g.person.must_change_password
    if not form.validate():
        return _password_page(form), 422
    try:
        user = own_account.change_password(
            sessions.account(),
            current=form.current.data or "",
            new=form.password.data or "",
            ip=_address(),
        )
    except Fault as fault:
        show_fault(form, fault)
        return _password_page(form), fault.status
    sessions.start(user)
    flash(_("密码已修改，其他设备上的登录已全部结束。"), "success")
    return redirect(url_for("home.index" if was_first else "account.page"))


def _password_page(form: PasswordForm) -> str:
    return render_template(
        "account/password.html", form=form, forced=g.person.must_change_password, username=sessions.account().username,
        min_length=passwords.MIN_LENGTH,
    )  # fmt: skip


@blueprint.post("/account/locale")
@requires(Permission.SIGNED_IN)
def choose_locale() -> ResponseReturnValue:
    """Keep the language with the account, for every device."""
    wanted = request.form.get("locale", "")
    own_account.choose_locale(sessions.account(), wanted)
    session["locale"] = wanted
    refresh()
    flash(_("界面语言已保存。"), "success")
    return redirect(url_for("account.page"))


@blueprint.post("/account/sessions/<handle>/end")
@requires(Permission.SIGNED_IN)
def end_session(handle: str) -> ResponseReturnValue:
    """End one of one's own sessions; 404 for anybody else's."""
    if not own_account.end_session(sessions.account(), handle):
        raise NotFound(N_("没有这个登录，或已经结束。"))
    flash(_("已结束该设备上的登录。"), "success")
    return redirect(url_for("account.page"))
