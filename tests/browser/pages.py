"""Every page of the product with a person who opens it: the table behind the tests of all pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import Site
from tests.factories.meetings import make_meeting
from tests.factories.notices import make_channel, make_digest
from tests.factories.points import make_point
from tests.factories.responsibility import fallback, make_posts
from tests.factories.rivers import make_river
from tests.factories.rounds import make_round
from tests.factories.visits import make_held, make_visit
from tests.factories.world import HAIAN, SANZAO, make_task
from tracker.storage.db import db
from tracker.tasks.states import State

#: (who, address); {reported}, {handling} … are numbers of tasks in that state, {worker} an account's id.
#: An empty name is a visitor.
PAGES = (
    ("", "/login"),
    ("inspector", "/"),
    ("inspector", "/tasks/new"),
    ("inspector", "/tasks/{reported}"),
    ("grid_worker", "/tasks/new"),
    ("grid_lead", "/"),
    ("clerk", "/"),
    ("clerk", "/tasks/"),
    ("clerk", "/tasks/{dispatched}"),
    ("clerk", "/tasks/{handling}"),
    ("clerk", "/account"),
    ("clerk", "/account/password"),
    ("clerk", "/notices/"),
    ("head", "/notices/?show=all"),
    ("worker", "/notices/"),
    ("clerk", "/account/notices"),
    ("dispatcher", "/"),
    ("dispatcher", "/tasks/"),
    ("dispatcher", "/tasks/?state=reported&q=%E5%9E%83%E5%9C%BE&sort=due_at"),
    ("dispatcher", "/tasks/?category=99"),
    ("dispatcher", "/tasks/{reported}"),
    ("dispatcher", "/tasks/{filed}"),
    ("dispatcher", "/desk/"),
    ("dispatcher", "/desk/?queue=outside"),
    ("dispatcher", "/desk/?queue=reported&case={reported}"),
    ("verifier", "/desk/?case={submitted}"),
    ("clerk", "/desk/unit"),
    ("clerk", "/tasks/{handling}/notice"),
    ("head", "/tasks/{suspended}"),
    ("dispatcher", "/tasks/suspended/"),
    ("dispatcher", "/tasks/{closed}/reopen"),
    ("dispatcher", "/maps/"),
    ("dispatcher", "/maps/" + SANZAO),
    ("dispatcher", "/points/"),
    ("dispatcher", "/points/new"),
    ("dispatcher", "/points/{point}/edit"),
    ("dispatcher", "/points/sheet"),
    ("dispatcher", "/points/import"),
    ("inspector", "/points/{point}"),
    ("inspector", "/points/{river}"),
    ("dispatcher", "/points/{river}/river"),
    ("dispatcher", "/points/river-measures"),
    ("inspector", "/responsibility/"),
    ("dispatcher", "/responsibility/?lon=113.355&lat=22.045&on=2026-03-01"),
    ("dispatcher", "/responsibility/posts"),
    ("dispatcher", "/responsibility/posts/ROAD"),
    ("dispatcher", "/responsibility/posts/ROAD/edit"),
    ("inspector", "/responsibility/posts/ROAD/card"),
    ("dispatcher", "/responsibility/new"),
    ("dispatcher", "/responsibility/import"),
    ("dispatcher", "/responsibility/communities"),
    ("dispatcher", "/responsibility/communities/" + SANZAO),
    ("leader", "/responsibility/communities/" + SANZAO + "/paper"),
    ("leader", "/responsibility/suggestions"),
    ("dispatcher", "/admin/checklists/"),
    ("dispatcher", "/admin/checklists/import"),
    ("dispatcher", "/admin/checklists/sample-2026"),
    ("dispatcher", "/visits/"),
    ("inspector", "/visits/{visit}"),
    ("dispatcher", "/held/"),
    ("dispatcher", "/held/{held}"),
    ("dispatcher", "/rounds/"),
    ("dispatcher", "/rounds/new"),
    ("dispatcher", "/rounds/{round}"),
    ("inspector", "/rounds/{round}/route"),
    ("dispatcher", "/rounds/liaisons"),
    ("inspector", "/inspect/route?at=113.355,22.045&closed=1"),
    ("inspector", "/inspect/route/sheet"),
    ("leader", "/coverage/"),
    ("dispatcher", "/coverage/points"),
    ("dispatcher", "/coverage/debt"),
    ("leader", "/progress/hotspots"),
    ("leader", "/progress/hotspots?method=gi"),
    ("verifier", "/"),
    ("verifier", "/tasks/{submitted}"),
    ("leader", "/"),
    ("leader", "/maps/"),
    ("leader", "/progress/wall"),
    ("leader", "/progress/sheet/" + SANZAO),
    ("leader", "/progress/timeline"),
    ("leader", "/progress/timeline?area=" + SANZAO),
    ("leader", "/progress/timeline/changes"),
    ("leader", "/progress/meetings"),
    ("leader", "/progress/map/440404?by=community&measure=on_time"),
    ("leader", "/progress/map/" + SANZAO),
    ("leader", "/progress/compare?a=" + SANZAO + "&b=" + HAIAN),
    ("clerk", "/progress/map/440404?category=06"),
    ("leader", "/tasks/{closed}"),
    ("leader", "/progress/"),
    ("leader", "/progress/screen"),
    ("clerk", "/progress/"),
    ("worker", "/"),
    ("sysadmin", "/"),
    ("sysadmin", "/admin/users"),
    ("sysadmin", "/admin/users/new"),
    ("sysadmin", "/admin/users/{worker}"),
    ("sysadmin", "/admin/users/{worker}/edit"),
    ("sysadmin", "/admin/users/{worker}/deactivate"),
    ("sysadmin", "/admin/organizations"),
    ("sysadmin", "/admin/areas"),
    ("sysadmin", "/admin/categories"),
    ("sysadmin", "/admin/limits?try=06010&severity=urgent"),
    ("sysadmin", "/admin/limits/new"),
    ("sysadmin", "/admin/limits/1/remove"),
    ("sysadmin", "/admin/calendar?year=2026"),
    ("sysadmin", "/admin/calendar/hours"),
    ("sysadmin", "/admin/calendar/import"),
    ("sysadmin", "/admin/calendar/editions"),
    ("sysadmin", "/admin/calendar/days/2026-10-01/notice/remove"),
    ("sysadmin", "/admin/channels"),
    ("sysadmin", "/admin/channels/new"),
    ("sysadmin", "/admin/channels/{channel}"),
    ("secadmin", "/"),
    ("secadmin", "/admin/users/{worker}"),
    ("auditor", "/"),
    ("auditor", "/admin/audit"),
)

_LONG = "消防通道被三轮车和共享单车长期占用，现场无人看管，已拍照取证，此处多次反复出现同类问题，建议增设隔离桩并加强巡查；No-parking-zone-occupied-for-a-long-time-without-any-break"


@dataclass(frozen=True)
class Visited:
    """One opened page."""

    name: str
    page: Page
    status: int


def furnish(site: Site) -> dict[str, str]:
    """A task in each state, one with long words; returns what fills the addresses."""
    with site.app.app_context():
        found = {"channel": str(make_channel(site.world, "sanitation"))}
        found |= {
            state.value: make_task(site.world, state, description=_LONG)
            for state in (
                State.REPORTED,
                State.FILED,
                State.DISPATCHED,
                State.HANDLING,
                State.SUBMITTED,
                State.SUSPENDED,
                State.CLOSED,
            )
        }
        for community in (SANZAO, HAIAN, None):
            make_task(site.world, State.REPORTED, community)
        found["point"] = make_point(site.world, name=_LONG[:60], person="林志强")
        found["visit"] = str(make_visit(site.world, found["point"], ("G1",), note=_LONG))
        found["held"] = str(make_held(site.world, found["point"], ("G6",)))
        found["river"] = make_river(site.world)
        make_digest(f"unit:{site.world.units['sanitation']}")
        found["round"] = str(make_round(site.world, name=_LONG[:100], opened=True))
        make_meeting(site.world, title=_LONG[:60])
        make_posts(site.world, {"code": "ROAD", "name": _LONG[:60]}, fallback(code="REST"))
        make_posts(
            site.world,
            {
                "code": "ROAD",
                "name": _LONG[:60],
                "person": "黄丽珍",
                "valid_from": date(2026, 5, 1),
            },
        )
        db.session.remove()
    return {**found, "worker": str(site.world.users["worker"])}


def visit_all(
    site: Site, open_visitor: Callable[[], Page], open_person: Callable[[str], Page]
) -> Iterator[Visited]:
    """Open every page of the table that its person may open, one browser a person."""
    numbers, browsers = furnish(site), {}
    for who, address in PAGES:
        if who not in browsers:
            browsers[who] = open_person(who) if who else open_visitor()
        page = browsers[who]
        path = address.format(**numbers)
        answer = page.goto(path)
        page.wait_for_load_state("load")
        yield Visited(f"{who or 'visitor'} {address}", page, answer.status if answer else 0)
        page.goto("about:blank")  # a page with a clock or a map goes on drawing behind the others


def crawl(
    site: Site,
    open_context: Callable[..., BrowserContext],
    signed_in_page: Callable[..., Page],
    *,
    phone: bool,
) -> Iterator[Visited]:
    for visited in visit_all(
        site,
        lambda: open_context(phone=phone).new_page(),
        lambda who: signed_in_page(who, phone=phone),
    ):
        assert visited.status == 200, visited.name
        yield visited
