"""Lists the features: their tables, their blueprints and their jobs."""

from datetime import timedelta

from flask import Blueprint

from tracker.audit import models as _audit
from tracker.calendar import models as _calendar
from tracker.catalogue import models as _catalogue
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
from tracker.responsibility import models as _responsibility
from tracker.storage import receipts as _receipts
from tracker.tasks import models as _tasks
from tracker.tasks.limits import models as _limits

#: Modules that hold tables; importing them makes the metadata whole.
TABLES = (
    _receipts, _places, _people, _audit, _catalogue, _evidence, _points, _checklists, _responsibility,
    _tasks, _rounds,
    _inspections, _calendar, _limits, _jobs, _notices,
)  # fmt: skip


def blueprints() -> list[Blueprint]:
    """Every blueprint of the product, in the order of the menu."""
    from tracker.audit import views as audit
    from tracker.catalogue import views as catalogue
    from tracker.desk import bulk_views, office_views, paper_views, unit_views
    from tracker.home import views as home
    from tracker.inspections import (
        coverage_views,
        held_views,
        phone_views,
        point_pages,
        round_views,
        sync_views,
        visit_views,
    )
    from tracker.maps import views as maps
    from tracker.notices import views as notices
    from tracker.people import account_views, admin_views
    from tracker.places import views as places
    from tracker.points import checklist_views
    from tracker.points import views as points
    from tracker.responsibility import views as responsibility
    from tracker.tasks import photo_views as photos
    from tracker.tasks import suggestion_share_views
    from tracker.tasks import views as tasks
    from tracker.tasks.limits import views as limits
    from tracker.web import health
    from tracker.workdays import views as workdays

    return [
        home.blueprint,
        office_views.blueprint,
        bulk_views.blueprint,
        unit_views.blueprint,
        paper_views.blueprint,
        tasks.blueprint,
        photos.blueprint,
        maps.blueprint,
        phone_views.blueprint,
        sync_views.blueprint,
        points.blueprint,
        point_pages.blueprint,
        responsibility.blueprint,
        suggestion_share_views.blueprint,
        round_views.blueprint,
        visit_views.blueprint,
        coverage_views.blueprint,
        held_views.blueprint,
        notices.blueprint,
        account_views.blueprint,
        admin_views.blueprint,
        places.blueprint,
        catalogue.blueprint,
        limits.blueprint,
        workdays.blueprint,
        checklist_views.blueprint,
        audit.blueprint,
        health.blueprint,
    ]


def jobs() -> Jobs:
    """Every kind of job, and how often the repeated ones are asked for."""
    from tracker.jobs import cleaning as done_jobs
    from tracker.notices import channels, digesting, sending
    from tracker.notices import cleaning as old_notices
    from tracker.people import cleaning as old_sessions
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
        ),
        periodics=(
            Periodic("digest", timedelta(minutes=30), digesting.is_due),
            Periodic("resume", timedelta(minutes=5), resuming.is_due),
            Periodic("calendar.recompute", timedelta(minutes=5), recomputing.is_due),
            Periodic("clean.jobs", timedelta(hours=6), done_jobs.is_due),
            Periodic("clean.notices", timedelta(hours=6), old_notices.is_due),
            Periodic("clean.sessions", timedelta(hours=6), old_sessions.is_due),
        ),
    )
