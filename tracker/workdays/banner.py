"""Tells the office and the administrators, on every page, that a year's holidays are only a guess."""

from flask import Flask

from tracker.access.gate import current_actor
from tracker.access.roles import Role
from tracker.calendar.storing import calendar_in_force, missing_years
from tracker.storage.db import db

#: Who plans with deadlines, or can do something about it.
_TOLD = (
    Role.DISPATCHER, Role.VERIFIER, Role.LEADER, Role.ASSESSOR, Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN, Role.AUDIT_ADMIN,
)  # fmt: skip


def years_without_notice() -> tuple[int, ...]:
    """The years to warn this person of; none for people in the field and visitors."""
    if not current_actor().has(*_TOLD):
        return ()
    return missing_years(calendar_in_force(db.session()))


def install(app: Flask) -> None:
    """Give the frame its warning."""
    app.jinja_env.globals.update(years_without_notice=years_without_notice)
