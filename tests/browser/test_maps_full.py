"""A community with 10,000 tasks: small pages, all tasks on the map and countable, clusters on and off."""

import pytest
from playwright.sync_api import expect

from bench.district import COMMUNITY, DISTRICT, add_tasks, make_district
from tracker import clock
from tracker.access.roles import Role
from tracker.people.models import RoleGrant
from tracker.storage.unit_of_work import unit_of_work

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)

TASKS = 10_000
#: What a page and a frame may weigh, bytes.
LIGHT = 100_000


@pytest.fixture
def full_site(site):
    with site.app.app_context(), unit_of_work() as work:
        make_district(work)
        add_tasks(work, TASKS)
        work.add(
            RoleGrant(user_id=site.world.users["leader"], role=Role.LEADER, area_code=DISTRICT,
                      granted_at=clock.now())
        )  # fmt: skip
    return site


def test_ten_thousand_tasks_are_drawn_from_small_pages(full_site, signed_in_page):
    page = signed_in_page("leader")
    weights: dict[str, int] = {}

    def weigh(answer):
        if answer.request.resource_type == "document":
            weights[answer.url.rsplit("/", 1)[1]] = len(answer.body())

    page.on("requestfinished", lambda request: weigh(request.response()))
    page.goto(f"/maps/{COMMUNITY}")
    page.locator(".map-area[data-ready=yes]").wait_for(timeout=30_000)
    frame = page.frame_locator("#map-frame")
    held = frame.locator("body").evaluate("() => gridClusters.getLayers().length")
    expect(page.locator("#map-in-view")).to_have_text(f"图上范围内 {held:,} 项")
    counts = page.locator("[data-count]").all_inner_texts()
    assert sum(int(text.replace(",", "")) for text in counts) == TASKS
    assert page.locator("#map-rows li").count() == 100
    page.get_by_role("button", name="再显示 100 项").click()
    expect(page.locator("#map-rows li")).to_have_count(200)
    assert set(weights) == {COMMUNITY, "frame"}
    assert max(weights.values()) < LIGHT
    page.locator("[data-layer=clusters]").uncheck()
    expect(frame.locator(".task-cluster")).to_have_count(0)
    assert frame.locator("body *").count() < 500
