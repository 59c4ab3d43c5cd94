"""Knows the door of every view: which permission it declares, who stands before it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import current_app, g

from tracker.access.actor import NOBODY, Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, WITHOUT_SUBJECT, allows
from tracker.errors import NotPermitted
from tracker.texts import N_

Params = ParamSpec("Params")
Answer = TypeVar("Answer")


def current_actor() -> Actor:
    """Who asks in this request; people.sessions puts it there."""
    return cast(Actor, g.get("actor", NOBODY))


def requires(
    permission: Permission,
) -> Callable[[Callable[Params, Answer]], Callable[Params, Answer]]:
    """Declare a view's permission; a test refuses a route without one.

    A permission with an object is checked here for being signed in only: the view loads the
    object through a visible query (404 when foreign) and calls `demand` with it.
    """

    def decorate(view: Callable[Params, Answer]) -> Callable[Params, Answer]:
        @wraps(view)
        def guarded(*args: Params.args, **kwargs: Params.kwargs) -> Answer:
            actor = current_actor()
            if permission is not Permission.PUBLIC and not actor.is_signed_in:
                return cast(Answer, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
            if permission in WITHOUT_SUBJECT:
                demand(permission)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def unattended(view: Callable[Params, Answer]) -> Callable[Params, Answer]:
    """Mark a view that a screen nobody touches asks by itself (docs/decisions/0031).

    It answers also when the session has idled out, and is no sign of a person: the session does
    not become younger by it. Only for figures without personal data, inside `requires`.
    """
    view.is_unattended = True  # type: ignore[attr-defined]
    return view


def demand(permission: Permission, subject: Any = None) -> None:
    """Raise NotPermitted, saying who can, unless the policy allows it."""
    if not allows(current_actor(), permission, subject):
        raise NotPermitted(WHO.get(permission, N_("您的岗位没有这项权限，请联系安全管理员。")))
