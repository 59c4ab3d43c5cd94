"""Words that try to be code stay words: on both maps, in list, popup, names and on paper."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from tests.factories.world import SANZAO, TOWN_A, make_task
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, Organization
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.given import Place
from tracker.tasks.models import Task
from tracker.tasks.states import State

pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)

HOSTILE = "${alert(1)}`+alert(2)+`</script><img src=x onerror=alert(3)>{{7*7}}\"'&lt;"
SHORT = "<b onclick=alert(4)>${alert(5)}</b>"


@pytest.fixture
def hostile_site(site):
    """A community whose every word was written by somebody who means harm."""
    with site.app.app_context():
        place = Place(lon=113.35, lat=22.04, method="pin", address=HOSTILE)
        number = make_task(site.world, State.HANDLING, place=place, description=HOSTILE)
        with unit_of_work() as work:
            work.execute(update(Task).values(title=HOSTILE))
            work.execute(
                update(Organization)
                .where(Organization.id == site.world.units["sanitation"])
                .values(name=HOSTILE)
            )
            for code in (SANZAO, TOWN_A):
                work.get_one(Area, code).name = SHORT
            bump_epoch(work)
    return site, number


def watch(page: Page) -> list[str]:
    """What must not happen: a dialog, or a report of the Content-Security-Policy."""
    seen: list[str] = []

    def refuse(dialog):
        seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (e) => console.error('csp ' + e.blockedURI))"
    )
    return seen


def test_hostile_words_are_words_on_the_map_of_a_community(hostile_site, signed_in_page):
    _site, number = hostile_site
    page = signed_in_page("dispatcher")
    seen = watch(page)
    page.goto(f"/maps/{SANZAO}")
    page.locator(".map-area[data-ready=yes]").wait_for()
    frame = page.frame_locator("#map-frame")
    row = page.locator(f"li[data-number='{number}']")
    expect(row.locator(".map-row-title")).to_have_text(HOSTILE)
    expect(row.locator(".map-row-unit")).to_have_text(HOSTILE)
    expect(page.locator(".map-title h1")).to_contain_text(SHORT)
    row.locator("button").click()
    popup = frame.locator(".task-popup")
    expect(popup.locator(".popup-title")).to_have_text(HOSTILE)
    expect(popup.locator(".popup-words")).to_have_text(f"{HOSTILE}　{HOSTILE}")
    expect(popup.locator(".popup-facts")).to_contain_text(HOSTILE)
    assert frame.locator("img[src=x], b").count() == 0
    assert page.locator("img[src=x]").count() == 0
    assert page.frames[1].title() == SHORT
    assert seen == []


def test_hostile_names_are_words_on_the_map_of_the_district(hostile_site, signed_in_page):
    page = signed_in_page("dispatcher")
    seen = watch(page)
    page.goto("/maps/")
    frame = page.frame_locator("#map-frame")
    frame.locator("html[data-drawn]").wait_for(state="attached")
    expect(page.locator(f"tr[data-code='{SANZAO}'] th")).to_contain_text(SHORT)
    expect(page.locator(".map-town th").first).to_contain_text(SHORT)
    spot = frame.locator("body").evaluate(
        "() => { const p = gridMap.latLngToContainerPoint([22.045, 113.355]); return [p.x, p.y]; }"
    )
    frame.locator(".folium-map").hover(position={"x": spot[0], "y": spot[1]})
    expect(frame.locator(".area-tip strong")).to_have_text(SHORT)
    assert frame.locator("b").count() == 0
    assert seen == []


def test_hostile_words_are_words_on_paper(hostile_site, signed_in_page):
    page = signed_in_page("dispatcher")
    seen = watch(page)
    page.goto(f"/maps/{SANZAO}")
    page.locator(".map-area[data-ready=yes]").wait_for()
    page.emulate_media(media="print")
    expect(page.locator(".map-row-title")).to_have_text(HOSTILE)
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert seen == []


def test_a_hostile_search_is_kept_as_text_in_field_and_address(hostile_site, signed_in_page):
    page = signed_in_page("dispatcher")
    seen = watch(page)
    page.goto(f"/maps/{SANZAO}")
    page.locator(".map-area[data-ready=yes]").wait_for()
    words = "</script><img src=x onerror=alert(1)>${alert(2)}"
    page.locator("#map-q").fill(words)
    expect(page.locator("#map-all")).to_have_text("符合条件 0 项")
    page.reload()
    page.locator(".map-area[data-ready=yes]").wait_for()
    expect(page.locator("#map-q")).to_have_value(words)
    assert seen == []
