"""What each page costs the server at 10,000 and at 1,000,000 tasks: the same areas, people and addresses in turn."""

import statistics
import time
from contextlib import ExitStack
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bench.district import OUTLINE, signed_in_cookie
from bench.installations import LARGE, SMALL, installation
from bench.report import Section
from bench.wide import DISTRICT
from gis.cells import coarser, encode
from tracker.access.roles import Role
from tracker.places.models import Organization
from tracker.storage.db import db
from tracker.tasks.models import Task

ROUNDS = 7
#: A page that costs more than this many times its cost at 10,000 tasks has something that grows.
FLAT = 1.5
_TOWN = f"{DISTRICT}013"
_COMMUNITY = f"{_TOWN}310"


def _tile_at(zoom: int) -> tuple[int, int, int]:
    """The tile of a zoom in the middle of the district."""
    middle = OUTLINE.centroid
    key = coarser(encode(middle.x, middle.y), zoom)
    x, y = (sum((key >> 2 * n + axis & 1) << n for n in range(zoom)) for axis in (0, 1))
    return zoom, x, y


#: (words, who, path); {number} is a task that is being rectified, {unit} the clerk's unit.
PAGES: tuple[tuple[str, str, str], ...] = (
    ("first page of a leader", "leader", "/"),
    ("first page of a dispatcher", "dispatcher", "/"),
    ("first page of a unit's clerk", "clerk", "/"),
    ("first page of an inspector", "inspector", "/"),
    ("first page of a verifier", "verifier", "/"),
    ("list of tasks", "leader", "/tasks/"),
    ("list, what is rectified, nearest deadline first", "leader", "/tasks/?state=handling&sort=due_at"),
    ("list, everything open", "leader", "/tasks/?state=reported&state=filed&state=dispatched&state=handling&state=submitted"),
    ("list, overdue", "leader", "/tasks/?due=overdue&sort=due_at"),
    ("list, one community", "leader", f"/tasks/?area={_COMMUNITY}"),
    ("list, one town", "leader", f"/tasks/?area={_TOWN}"),
    ("list, one category", "leader", "/tasks/?category=06"),
    ("list, one source", "leader", "/tasks/?source=hotline"),
    ("list, one unit", "leader", "/tasks/?unit={unit}"),
    ("list, latest change first", "leader", "/tasks/?sort=updated_at"),
    ("list, reported in the last month", "leader", "/tasks/?from={month}"),
    ("list, settled in the last month", "leader", "/tasks/?ended_from={month}"),
    ("list, a word", "leader", "/tasks/?q=井盖"),
    ("list, a word that is nowhere", "leader", "/tasks/?q=飞机"),
    ("list of a unit's clerk", "clerk", "/tasks/"),
    ("list of shelved tasks", "leader", "/tasks/suspended/"),
    ("a task", "leader", "/tasks/{number}"),
    ("report form", "inspector", "/tasks/new"),
    ("desk, reported", "dispatcher", "/desk/?queue=reported"),
    ("desk, to be checked", "dispatcher", "/desk/?queue=submitted"),
    ("desk, overdue", "dispatcher", "/desk/?queue=overdue"),
    ("a unit's work", "clerk", "/desk/unit"),
    ("district's map", "leader", "/maps/"),
    ("district's map, frame", "leader", "/maps/frame"),
    ("district's map, outlines", "leader", "/maps/areas.json"),
    ("district's map, figures", "leader", "/maps/counts.json"),
    ("district's map, figures of a category", "leader", "/maps/counts.json?category=06"),
    ("a community's map", "leader", f"/maps/{_COMMUNITY}"),
    ("progress", "leader", "/progress/"),
    ("progress under a filter", "leader", "/progress/?category=06"),
    ("review map of the district", "leader", f"/progress/map/{DISTRICT}"),
    ("review map of the district, by community", "leader", f"/progress/map/{DISTRICT}?by=community"),
    ("review map of a community", "leader", f"/progress/map/{_COMMUNITY}"),
    ("review map of the district, by community, of a category", "leader", f"/progress/map/{DISTRICT}?by=community&category=06"),
    ("review map of the district, by community, of a source", "leader", f"/progress/map/{DISTRICT}?by=community&source=hotline"),
    ("review map of the district, by community, of a category and a source", "leader", f"/progress/map/{DISTRICT}?by=community&category=06&source=hotline"),
    ("review map of the district, by community, of a unit", "leader", f"/progress/map/{DISTRICT}?by=community&unit={{unit}}"),
    ("comparison of two towns under a filter", "leader", f"/progress/compare?a={_TOWN}&b={DISTRICT}014&category=06"),
    ("command room's screen, data", "leader", "/progress/screen/data"),
    ("timeline", "leader", "/progress/timeline"),
    ("hot spots", "leader", "/progress/hotspots"),
    ("before and after", "leader", "/progress/wall"),
    ("coverage", "leader", "/coverage/"),
    ("suggested units", "leader", "/responsibility/suggestions"),
    *(
        (f"tile of zoom {z}, {words}", "leader", f"/tiles/tasks/{z}/{x}/{y}.mvt{search}")
        for z, x, y in (_tile_at(zoom) for zoom in (9, 11, 13))
        for words, search in (
            ("what is open", ""), ("closed", "?state=closed"), ("a category", "?category=06"),
            ("closed, of a category", "?state=closed&category=06"), ("a source", "?source=hotline"),
            ("a town", f"?area={_TOWN}"),
        )
    ),
)  # fmt: skip


def measure() -> Section:
    """Both districts in turn, medians."""
    with ExitStack() as stack:
        sides = [Side(stack.enter_context(installation(count))) for count in (SMALL, LARGE)]
        rows = [_row(sides, words, who, path) for words, who, path in PAGES]
    notes = [
        f"Medians of {ROUNDS} requests through the application in one process, signed in, SQLite; the same 26 towns, 625 communities and 10,000 grids.",
        f"Aim: at most {FLAT} × from 10,000 to 1,000,000 tasks.",
    ]
    return Section(
        "Pages from 10,000 to 1,000,000 tasks", ("page", "10,000, ms", "1,000,000, ms", "ratio"), rows, notes
    )  # fmt: skip


class Side:
    """One installation with somebody signed in for each role."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            unit = db.session.scalars(select(Organization.id).order_by(Organization.id)).first()
            number = db.session.scalars(
                select(Task.number).where(Task.state == "handling").order_by(Task.id.desc())
            ).first()
            db.session.remove()
            self.clients = {
                name: _client(app, role, unit if role is Role.UNIT_CLERK else None)
                for name, role in (
                    ("leader", Role.LEADER), ("dispatcher", Role.DISPATCHER), ("clerk", Role.UNIT_CLERK),
                    ("inspector", Role.INSPECTOR), ("verifier", Role.VERIFIER),
                )
            }  # fmt: skip
        self.known: dict[str, Any] = {"unit": unit, "number": number, "month": _month()}

    def ask(self, who: str, path: str) -> tuple[float, int]:
        """Milliseconds and status of one request."""
        start = time.perf_counter()
        answer = self.clients[who].get(path.format(**self.known))
        _ = answer.data
        return (time.perf_counter() - start) * 1000, answer.status_code


def _client(app: Flask, role: Role, unit_id: int | None) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(*signed_in_cookie(app, role, unit_id=unit_id, name=f"bench-{role.value}"))
    return client


def _month() -> str:
    from datetime import timedelta

    from tracker import clock

    return (clock.in_city(clock.now()).date() - timedelta(days=30)).isoformat()


def _row(sides: list[Side], words: str, who: str, path: str) -> tuple[str, ...]:
    found: list[list[float]] = [[], []]
    for _ in range(ROUNDS + 1):
        for side, seen in zip(sides, found, strict=True):
            ms, status = side.ask(who, path)
            if status != 200:
                raise RuntimeError(f"{path} for {who}: {status}")
            seen.append(ms)
    small, large = (statistics.median(seen[1:]) for seen in found)
    ratio = large / small
    return words, f"{small:.1f}", f"{large:.1f}", f"{ratio:.2f} ×{'' if ratio <= FLAT else ' !'}"
