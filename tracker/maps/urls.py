"""Knows the addresses by which the script of a map reaches things; it fills in Z, X, Y, NUMBER and CODE."""

from flask import url_for

from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows

#: What can be laid under the tasks, by its name in the address, and who may see it.
PLACES = {
    "points": Permission.POINT_LIST,
    "responsibility": Permission.RESPONSIBILITY_LIST,
}


def of_tasks() -> dict[str, str]:
    """Tiles, what a popup adds, and the page of a task."""
    return {
        "tiles": url_for("tiles.tasks", z="Z", x="X", y="Y"),
        "task": url_for("maps.task", number="NUMBER"),
        "detail": url_for("tasks.detail", number="NUMBER"),
    }


def places_for(actor: Actor) -> list[str]:
    """The names of PLACES that a person may see."""
    return [name for name, permission in PLACES.items() if allows(actor, permission)]


def of_places(actor: Actor) -> dict[str, str]:
    """Tiles of what a person may lay under the tasks, and the page behind each."""
    pages = {
        "point": url_for("point_pages.detail", code="CODE"),
        "post": url_for("responsibility.detail", code="CODE"),
    }
    return pages | {
        f"{name}_tiles": url_for(f"tiles.{name}", z="Z", x="X", y="Y") for name in places_for(actor)
    }
