"""Changes what a person may change about their own account: password, language, sessions."""

from sqlalchemy import update

from tracker import clock
from tracker.audit.operations import record
from tracker.errors import Invalid
from tracker.people import passwords, sessions, signin
from tracker.people.models import User, UserSession
from tracker.settings import LOCALES
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_


def change_password(user: User, *, current: str, new: str, ip: str) -> User:
    """Replace the password; every session of the person ends. Raises Invalid, SignInRefused."""
    if new == current:
        raise Invalid(N_("新密码不能与原密码相同。"), field="password")
    passwords.check_strength(new, username=user.username)
    user_id = signin.confirm(user, current, ip=ip).id
    stored = passwords.hash_password(new)
    with unit_of_work() as work:
        changed = work.get_one(User, user_id)
        changed.password_hash, changed.must_change_password = stored, False
        changed.password_changed_at = clock.now()
        sessions.revoke_all(work, user_id)
        record("password.change", actor=changed.as_actor(), object=changed.username)
    return changed


def note_sign_out(user: User) -> None:
    """Write a sign-out into the audit log."""
    with unit_of_work() as work:
        leaving = work.get_one(User, user.id)
        record("sign_out", actor=leaving.as_actor(), object=leaving.username)


def choose_locale(user: User, locale: str) -> None:
    """Keep the person's language. Raises Invalid."""
    if locale not in LOCALES:
        raise Invalid(N_("没有这种界面语言。"), field="locale")
    with unit_of_work() as work:
        work.get_one(User, user.id).locale = locale


def end_session(user: User, handle: str) -> bool:
    """End one of the person's own sessions, named by its token's hash; False when there is none."""
    with unit_of_work() as work:
        done = work.execute(
            update(UserSession)
            .where(
                UserSession.user_id == user.id,
                UserSession.token_hash == handle,
                UserSession.revoked_at.is_(None),
            )
            .values(revoked_at=clock.now())
        )
        if done.rowcount:  # type: ignore[attr-defined]
            record("session.end", actor=user.as_actor(), object=user.username)
    return bool(done.rowcount)  # type: ignore[attr-defined]
