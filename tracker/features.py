"""Lists the features: their tables and their blueprints."""

from flask import Blueprint

from tracker.audit import models as _audit
from tracker.catalogue import models as _catalogue
from tracker.evidence import models as _evidence
from tracker.inspections import models as _inspections
from tracker.inspections import round_models as _rounds
from tracker.people import models as _people
from tracker.places import models as _places
from tracker.points import checklist_models as _checklists
from tracker.points import models as _points
from tracker.storage import receipts as _receipts
from tracker.tasks import models as _tasks

#: Modules that hold tables; importing them makes the metadata whole.
TABLES = (
    _receipts, _places, _people, _audit, _catalogue, _evidence, _points, _checklists, _tasks, _rounds,
    _inspections,
)  # fmt: skip


def blueprints() -> list[Blueprint]:
    """Every blueprint of the product, in the order of the menu."""
    from tracker.audit import views as audit
    from tracker.catalogue import views as catalogue
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
    from tracker.people import account_views, admin_views
    from tracker.places import views as places
    from tracker.points import checklist_views
    from tracker.points import views as points
    from tracker.tasks import photo_views as photos
    from tracker.tasks import views as tasks
    from tracker.web import health

    return [
        home.blueprint,
        tasks.blueprint,
        photos.blueprint,
        maps.blueprint,
        phone_views.blueprint,
        sync_views.blueprint,
        points.blueprint,
        point_pages.blueprint,
        round_views.blueprint,
        visit_views.blueprint,
        coverage_views.blueprint,
        held_views.blueprint,
        account_views.blueprint,
        admin_views.blueprint,
        places.blueprint,
        catalogue.blueprint,
        checklist_views.blueprint,
        audit.blueprint,
        health.blueprint,
    ]
