"""The page of shelved tasks (挂账清单)."""

from flask import Blueprint, render_template, request

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.places.models import Area, Organization
from tracker.storage.db import db
from tracker.tasks import filters, suspended


@requires(Permission.MAP_VIEW)
def suspended_page() -> str:
    """Shelved tasks by end date; filtered by the arguments of the list of tasks, whatever the state."""
    wanted, refused = filters.read(request.args)
    session = db.session()
    unit = session.get(Organization, wanted.unit_id) if wanted.unit_id else None
    area = session.get(Area, wanted.area) if wanted.area else None
    page = suspended.page(
        session, current_actor(), wanted, now=clock.now(), after=request.args.get("after")
    )
    return render_template(
        "tasks/suspended.html",
        page=page,
        names=[one.name for one in (unit, area) if one],
        args=wanted.to_args(),
        refused=refused,
    )


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/suspended/", endpoint="suspended", view_func=suspended_page)
