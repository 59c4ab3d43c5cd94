"""Opens every page that a person can reach on a small world."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError, Rule

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.responsibility import fallback, make_posts
from tests.factories.steps import task_in
from tests.factories.world import SANZAO, World, make_world
from tracker.storage.db import db
from tracker.tasks.states import State

#: One person of each kind of home page and menu.
ROLES = ("dispatcher", "inspector", "clerk", "grid_lead", "leader", "verifier", "sysadmin", "secadmin", "auditor")  # fmt: skip
#: Of one view at most so many addresses are opened, of one path at most so many queries:
#: the filters of a list link to every combination of themselves.
OF_A_VIEW, OF_A_PATH = 14, 4


@dataclass
class Crawled:
    """The world, the pages by address, and the answers that no page should link to."""

    world: World
    pages: dict[str, str] = field(default_factory=dict)
    failed: list[tuple[str, int]] = field(default_factory=list)


def open_addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    """The GET routes that need no values, and those of an area, with their addresses."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        known = {"code": SANZAO, "area_code": SANZAO}
        if rule.arguments <= known.keys():
            try:
                yield rule, adapter.build(rule.endpoint, {k: known[k] for k in rule.arguments})
            except BuildError:
                continue


def _links(page: str, address: str) -> Iterator[str]:
    for attribute in ('href="', 'src="', 'data-url="', 'action="'):
        for piece in page.split(attribute)[1:]:
            target = unescape(piece.split('"', 1)[0])
            found = urlsplit(urljoin(f"http://localhost{address}", target))
            if attribute == 'action="' or found.netloc != "localhost":
                continue
            if not found.path.startswith("/static/"):
                yield found.path + (f"?{found.query}" if found.query else "")


def _worth(app: Flask, address: str, opened: Counter[str]) -> bool:
    """Whether the address shows something that the ones opened before did not."""
    path = urlsplit(address).path
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, "GET")
    except HTTPException:
        endpoint = path
    opened.update([endpoint, f"path {path}"])
    return opened[endpoint] <= OF_A_VIEW and opened[f"path {path}"] <= OF_A_PATH


def furnished() -> World:
    world = make_world()
    for state in State:
        task_in(world, state)
    task_in(world, State.REPORTED, community=None)
    make_point(world)
    make_posts(world, {"code": "ROAD"}, fallback(code="REST"))
    db.session.remove()
    return world


def crawl(app: Flask, who: Iterable[str], *, world: World | None = None) -> Crawled:
    """Follow the links of every page from every address, as each person in turn."""
    found = Crawled(world or furnished())
    for name in who:
        client: Any = open_session(app, name)
        waiting = [address for _, address in open_addresses(app)]
        linked: set[str] = set()
        seen: set[str] = set()
        opened: Counter[str] = Counter()
        while waiting:
            address = waiting.pop(0)
            if address in seen or not _worth(app, address, opened):
                continue
            seen.add(address)
            answer = client.get(address, buffered=True)
            refused = address in linked and answer.status_code >= 400 and answer.status_code != 405
            if answer.status_code >= 500 or refused:
                found.failed.append((address, answer.status_code))
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found.pages[f"{name} {address}"] = answer.text
                new = set(_links(answer.text, address)) - seen
                linked |= new
                waiting += sorted(new)
    return found
