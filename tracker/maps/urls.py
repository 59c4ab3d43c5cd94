"""Knows the addresses by which the script of a map reaches tasks; it fills in Z, X, Y and NUMBER."""

from flask import url_for


def of_tasks() -> dict[str, str]:
    """Tiles, what a popup adds, and the page of a task."""
    return {
        "tiles": url_for("tiles.tasks", z="Z", x="X", y="Y"),
        "task": url_for("maps.task", number="NUMBER"),
        "detail": url_for("tasks.detail", number="NUMBER"),
    }
