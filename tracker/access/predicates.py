"""Knows the small questions the policy is made of: pure, about an actor and a subject.

A predicate takes `(actor, subject)` and reads attributes only. `subject` is None where a
permission has no object (a page, a list).
"""

from collections.abc import Callable
from typing import Any

from tracker.access.actor import Actor
from tracker.access.roles import BY_AREA, FOR_UNIT, HEADS, Role

Predicate = Callable[[Actor, Any], bool]

#: Roles that see the tasks of their area.
WATCHERS = BY_AREA


def anyone(_actor: Actor, _subject: Any) -> bool:
    return True


def signed_in(actor: Actor, _subject: Any) -> bool:
    return actor.is_signed_in


def holds(*roles: Role) -> Predicate:
    """Holds one of the roles, wherever."""

    def predicate(actor: Actor, _subject: Any) -> bool:
        return actor.has(*roles)

    predicate.__name__ = "holds_" + "_or_".join(roles)
    return predicate


def _lies_in(subject: Any, codes: frozenset[str | None]) -> bool:
    if None in codes:
        return True
    places = (
        subject.grid_code,
        subject.community_code,
        subject.town_code,
        subject.district_code,
    )
    return any(code is not None and code in codes for code in places)


def in_area_of(*roles: Role) -> Predicate:
    """The subject lies in an area for which the actor holds one of the roles."""

    def predicate(actor: Actor, subject: Any) -> bool:
        return _lies_in(subject, actor.areas_as(roles))

    predicate.__name__ = "in_area_of_" + "_or_".join(roles)
    return predicate


in_watched_area = in_area_of(*sorted(WATCHERS))


def for_own_unit(actor: Actor, task: Any) -> bool:
    """The task is held by an organization for which the actor acts."""
    return task.unit_id is not None and task.unit_id in actor.units_as(FOR_UNIT)


def heads_own_unit(actor: Actor, task: Any) -> bool:
    """Heads the organization that holds the task."""
    return task.unit_id is not None and task.unit_id in actor.units_as(HEADS)


def assists(actor: Actor, task: Any) -> bool:
    """Acts for an organization that assists the lead unit (协办)."""
    return not actor.units_as(FOR_UNIT).isdisjoint(task.assist_unit_ids or ())


def is_consulted(actor: Actor, task: Any) -> bool:
    """Acts for an organization that takes part in a joint decision (会商)."""
    return _convened(actor.units_as(FOR_UNIT), task)


def heads_consulted_unit(actor: Actor, task: Any) -> bool:
    return _convened(actor.units_as(HEADS), task)


def _convened(units: frozenset[int], task: Any) -> bool:
    """Units take part from the day a decider was named; until then they are only proposed."""
    return task.joint_decider_id is not None and not units.isdisjoint(task.joint_unit_ids or ())


def is_joint_decider(actor: Actor, task: Any) -> bool:
    return actor.user_id is not None and task.joint_decider_id == actor.user_id


def took_last_step(actor: Actor, task: Any) -> bool:
    return actor.user_id is not None and task.undo_by_id == actor.user_id


def is_reporter(actor: Actor, task: Any) -> bool:
    return actor.user_id is not None and task.reporter_id == actor.user_id


def is_not_reporter(actor: Actor, task: Any) -> bool:
    return not is_reporter(actor, task)


def not_reported_by_own_unit(actor: Actor, task: Any) -> bool:
    """No self-approval: whoever reported in the name of a unit is not judged by that unit."""
    return task.reporter_unit_id is None or task.reporter_unit_id != actor.organization_id


def acts_for_unit(*roles: Role) -> Predicate:
    """The subject belongs to a unit for which the actor holds one of the roles."""

    def predicate(actor: Actor, subject: Any) -> bool:
        return subject.unit_id is not None and subject.unit_id in actor.units_as(roles)

    predicate.__name__ = "acts_for_unit_" + "_or_".join(roles)
    return predicate


def is_named_inspector(actor: Actor, subject: Any) -> bool:
    """The subject (a round, a point of a round, a visit) names the actor as its inspector."""
    return actor.user_id is not None and actor.user_id in subject.inspector_ids


def is_assignee(actor: Actor, task: Any) -> bool:
    return actor.user_id is not None and task.assignee_id == actor.user_id


def is_submitter(actor: Actor, task: Any) -> bool:
    return actor.user_id is not None and task.submitter_id == actor.user_id


def did_not_submit(actor: Actor, task: Any) -> bool:
    """Separation of duty: who submitted never verifies, nor does the unit that did the work."""
    return not is_submitter(actor, task) and (
        task.unit_id is None
        or (actor.organization_id != task.unit_id and task.unit_id not in actor.units_as(FOR_UNIT))
    )


def did_not_ask(actor: Actor, task: Any) -> bool:
    """Who asks never grants."""
    return actor.user_id is None or task.asked_by_id != actor.user_id


def not_yet_dispatched(_actor: Actor, task: Any) -> bool:
    """Never held by a unit; a return takes the time of dispatch away, not the fact."""
    return task.dispatched_at is None and not task.return_count


def no_security_admin_yet(_actor: Actor, subject: Any) -> bool:
    """First start: the system administrator names the first security administrator."""
    return subject is not None and getattr(subject, "no_security_admin", False)


def is_not_self(actor: Actor, user: Any) -> bool:
    return user is None or getattr(user, "id", None) != actor.user_id


def system(actor: Actor, _subject: Any) -> bool:
    return actor.is_system
