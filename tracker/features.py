"""Lists the features: their tables, their blueprints and their jobs."""

from datetime import timedelta
from importlib import import_module

from flask import Blueprint

from tracker.audit import models as _audit
from tracker.calendar import models as _calendar
from tracker.catalogue import models as _catalogue
from tracker.counters import models as _counters
from tracker.evidence import models as _evidence
from tracker.inspections import models as _inspections
from tracker.inspections import round_models as _rounds
from tracker.jobs import models as _jobs
from tracker.jobs.kinds import Jobs, Kind, Periodic
from tracker.notices import models as _notices
from tracker.people import models as _people
from tracker.places import models as _places
from tracker.points import checklist_models as _checklists
from tracker.points import models as _points
from tracker.progress import models as _progress
from tracker.progress import proposal_models as _proposals
from tracker.responsibility import models as _responsibility
from tracker.storage import receipts as _receipts
from tracker.tasks import models as _tasks
from tracker.tasks.limits import models as _limits

#: Modules that hold tables; importing them makes the metadata whole.
TABLES = (
    _receipts, _places, _people, _audit, _catalogue, _evidence, _points, _checklists, _responsibility,
    _tasks, _rounds,
    _inspections, _calendar, _limits, _jobs, _notices, _counters, _progress, _proposals,
)  # fmt: skip


#: Modules with a blueprint, in the order of the menu.
VIEWS = (
    "home.views", "desk.office_views", "desk.bulk_views", "desk.unit_views", "desk.paper_views",
    "tasks.views", "tasks.photo_views", "maps.views", "maps.tile_views", "ogc.views", "progress.views",
    "inspections.phone_views", "inspections.sync_views", "inspections.day_views", "points.views",
    "inspections.point_pages",
    "responsibility.views", "progress.suggestion_share_views", "inspections.round_views",
    "inspections.visit_views", "inspections.coverage_views", "inspections.held_views",
    "notices.views", "people.account_views", "people.admin_views", "places.views",
    "catalogue.views", "tasks.limits.views", "workdays.views", "points.checklist_views",
    "audit.views", "web.health",
)  # fmt: skip


def blueprints() -> list[Blueprint]:
    """Every blueprint of the product; its module is loaded now and not before."""
    return [import_module(f"tracker.{name}").blueprint for name in VIEWS]


def jobs() -> Jobs:
    """Every kind of job, and how often the repeated ones are asked for."""
    from tracker.jobs import cleaning as done_jobs
    from tracker.notices import channels, digesting, sending
    from tracker.notices import cleaning as old_notices
    from tracker.people import cleaning as old_sessions
    from tracker.storage import statistics
    from tracker.tasks import resuming
    from tracker.workdays import recomputing

    return Jobs(
        kinds=(
            Kind("digest", digesting.ask),
            Kind(digesting.DIGEST, digesting.make),
            Kind(channels.SEND, sending.note_sent, send=sending.send, failed=sending.note_failure),
            Kind("resume", resuming.ask),
            Kind(resuming.RESUME, resuming.resume),
            Kind("calendar.recompute", send=recomputing.carry_on),
            Kind("clean.jobs", done_jobs.clean),
            Kind("clean.notices", old_notices.clean),
            Kind("clean.sessions", old_sessions.clean),
            Kind("statistics", lambda session, _payload: statistics.refresh(session)),
        ),
        periodics=(
            Periodic("digest", timedelta(minutes=30), digesting.is_due),
            Periodic("resume", timedelta(minutes=5), resuming.is_due),
            Periodic("calendar.recompute", timedelta(minutes=5), recomputing.is_due),
            Periodic("clean.jobs", timedelta(hours=6), done_jobs.is_due),
            Periodic("clean.notices", timedelta(hours=6), old_notices.is_due),
            Periodic("clean.sessions", timedelta(hours=6), old_sessions.is_due),
            Periodic("statistics", timedelta(days=1), statistics.is_due),
        ),
    )
