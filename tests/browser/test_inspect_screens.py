"""The phone's screens in a real browser: they fit the hand, they say the score the server will say, they keep what was begun."""

import itertools
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update

from tests.browser.conftest import Site
from tests.browser.test_report import photo
from tests.factories.points import make_point
from tests.factories.rounds import make_round
from tests.factories.visits import make_visit
from tests.factories.world import INSIDE, SANZAO, make_task, task
from tracker.demo.pictures import draw
from tracker.evidence.models import Photo
from tracker.evidence.operations import take
from tracker.inspections.models import Result
from tracker.inspections.scoring import Judged, score
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.models import Task
from tracker.tasks.photo_views import store
from tracker.tasks.states import State

Pages = Callable[..., Page]
LON, LAT = INSIDE[SANZAO]
LONG = "三灶镇金海岸大道中段南侧第二农贸市场改造工程临时过渡经营场地（含地下停车场出入口）"


@pytest.fixture
def field(site: Site) -> dict[str, str]:
    """A visited market with gaps and an open task, a street, a long name; two tasks to rectify; a round."""
    with site.app.app_context():
        market = make_point(site.world, name="唐人街市场", unit_id=site.world.units["sanitation"])
        make_point(site.world, name=LONG, lon=LON + 0.004, lat=LAT)
        make_point(site.world, name="依云路", site_type_code="main_road", lon=LON, lat=LAT + 0.004)
        make_round(site.world, opened=True)
        make_visit(site.world, market, ("G6",))
        mine = [make_task(site.world, State.HANDLING) for _ in range(2)]
        with unit_of_work() as work:
            given = update(Task).where(Task.number.in_(mine))
            work.execute(given.values(assignee_id=site.world.users["inspector"]))
        db.session.remove()
    return {"market": market, "task": mine[0]}


@pytest.fixture
def phone_app(site: Site, field: dict[str, str], signed_in_page: Pages) -> Page:
    """The inspector's phone with the data downloaded."""
    page = signed_in_page("inspector", phone=True, permissions=["geolocation"], geolocation={"longitude": LON, "latitude": LAT})  # fmt: skip
    page.goto("/inspect/")
    page.get_by_role("button", name="下载检查数据").click()
    expect(page.get_by_text("刚刚更新的数据")).to_be_visible()
    return page


#: What the application itself says; names of points and items are data, and the language's own name stays.
_CHINESE = """() => [...document.querySelectorAll('#bar *, #tabs *, #screen :is(h2, button, label, summary, .hint, dt, .foot-state, .notice p, .empty strong, .deed span)')].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && /[\\u4e00-\\u9fff]/.test(node.data)))
  .filter((one) => !one.closest('.stack-tight > h2, .group-head, .results, .gaps, .bar h1, optgroup, .leaflet-container, button[lang], .picks, .befores') && one.getBoundingClientRect().width > 0)
  .map((one) => one.textContent.slice(0, 60))"""


def violations(page: Page) -> list[str]:
    """What axe finds serious."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:140]} {node['failureSummary'][-140:]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def go(page: Page, address: str) -> None:
    """Open a screen by its address and wait until it is drawn."""
    page.evaluate("""(address) => {
      if (location.hash === address) return;
      delete document.documentElement.dataset.screen;
      location.hash = address;
    }""", address)  # fmt: skip
    expect(page.locator("html[data-screen] #screen .screen > *").first).to_be_visible()


SCREENS = (
    "#/", "#/points", "#/p/{market}", "#/visit/{draft}", "#/report", "#/tasks", "#/task/{task}",
    "#/task/{task}/photo", "#/map", "#/outbox", "#/me",
)  # fmt: skip

_WIDER = """() => document.documentElement.scrollWidth > document.documentElement.clientWidth
  ? [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
      && !one.closest('.picks-scroll, .befores, .leaflet-container')).slice(0, 4).map((one) => one.outerHTML.slice(0, 120)).concat('page') : []"""

#: Everything that is pressed has 44 px, or lies in a label or a link that has.
_SMALL = """() => [...document.querySelectorAll('a, button, select, summary, textarea, input:not([type=file])')].filter((one) => {
    const target = one.closest('label') ?? one;
    const box = target.getBoundingClientRect();
    return box.width > 0 && (box.height < 43.5 || box.width < 43.5) && !one.matches('.skip-link');
  }).map((one) => one.outerHTML.slice(0, 120))"""

_FAINT = """() => [...document.querySelectorAll('#bar *, #screen *, #tabs *')].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && one.getBoundingClientRect().width > 0
    && parseFloat(getComputedStyle(one).fontSize) < 15 && !one.closest('.leaflet-container'))
  .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_every_screen_fits_the_hand_and_the_eye(
    site: Site, phone_app: Page, field: dict[str, str], locale: str
) -> None:
    page = phone_app
    draft = begin(page, field["market"])
    page.evaluate("(locale) => import('/static/inspect/words.js').then((w) => w.setLocale(locale))", locale)  # fmt: skip
    found = {}
    for address in SCREENS:
        go(page, address.format(**field, draft=draft))
        complaints = [f"small: {one}" for one in page.evaluate(_SMALL)]
        complaints += [f"faint: {one}" for one in page.evaluate(_FAINT)]
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            complaints += [f"wider than {width}: {one}" for one in page.evaluate(_WIDER)]
        page.set_viewport_size({"width": 390, "height": 844})
        complaints += violations(page)
        if locale == "en":
            complaints += [f"Chinese: {one}" for one in page.evaluate(_CHINESE)]
        if complaints:
            found[address] = complaints
    assert found == {}


def begin(page: Page, code: str) -> str:
    """Begin a visit; returns the id of its draft."""
    go(page, f"#/p/{code}")
    page.get_by_role("button", name="开始检查").click()
    expect(page.locator("fieldset.item").first).to_be_visible()
    return page.url.rsplit("/", 1)[1]


def test_the_phone_says_the_score_that_the_server_will_say(phone_app: Page) -> None:
    weights = (1, 2, 3)
    cases = [
        [(result, weight, critical) for result, weight in zip(results, weights, strict=True)]
        for results in itertools.product(Result, repeat=3)
        for critical in (False, True)
    ]
    said = phone_app.evaluate(
        """async (cases) => {
          const { score } = await import("/static/inspect/screens/scoring.js");
          return cases.map((case_) => {
            const { value, failedCritically } = score(case_.map(([result, weight, is_critical]) => ({ result, weight, is_critical })));
            return [value, failedCritically];
          });
        }""",
        cases,
    )
    meant = [score(Judged(*one) for one in case) for case in cases]
    assert said == [[one.value, one.failed_critically] for one in meant]


def test_a_visit_is_answered_item_by_item_and_begun_again_where_it_was_left(
    phone_app: Page, field: dict[str, str]
) -> None:
    page = phone_app
    begin(page, field["market"])
    expect(page.locator(".gaps").first).to_contain_text("G6")
    failing = item(page, "G6")
    answer(failing, "不符合")
    expect(failing.locator(".choice", has_text="唐人街市场垃圾").locator("input")).to_be_checked()
    failing.locator("textarea").fill("西门垃圾桶满溢")
    failing.get_by_label("相册").set_input_files([photo(), photo(shade=90)])
    expect(failing.locator(".photo")).to_have_count(2)
    failing.get_by_label("删除照片 1").click()
    expect(failing.locator(".photo")).to_have_count(1)
    answer(item(page, "G5"), "不适用")
    page.reload()
    expect(item(page, "G6").get_by_role("radio", name="不符合", exact=True)).to_be_checked()
    expect(item(page, "G6").locator("textarea")).to_have_value("西门垃圾桶满溢")
    expect(item(page, "G6").locator(".photo img")).to_have_count(1)
    expect(item(page, "G5").get_by_role("radio", name="不适用")).to_be_checked()
    page.get_by_role("button", name="下一个未答").click()
    expect(item(page, "G1")).to_be_focused()


def item(page: Page, code: str) -> Locator:
    """One check item on the screen."""
    return page.locator("fieldset.item", has=page.locator(".item-code", has_text=re.compile(f"^{code}$")))  # fmt: skip


def answer(one: Locator, result: str) -> None:
    """Press a result; the radio itself lies unseen under its label."""
    one.locator(".result").filter(has_text=re.compile(f"^{result}$")).click()


def test_an_open_task_near_by_is_offered_before_the_report_is_sent(
    site: Site, phone_app: Page, field: dict[str, str]
) -> None:
    page = phone_app
    go(page, "#/report")
    page.get_by_label("拍照").first.set_input_files(photo())
    expect(page.locator(".photo")).to_have_count(1)
    locate(page)
    page.get_by_label("搜索类别").fill("暴露垃圾")
    page.get_by_role("button", name="暴露垃圾", exact=True).first.click()
    near = page.locator(".choice", has_text="是这件").first
    number = near.locator(".row-sub").inner_text().split(" · ")[0]
    near.click()
    page.get_by_label("情况说明", exact=True).fill("路口又有垃圾")
    page.reload()
    expect(page.get_by_text("接着上次没填完的")).to_be_visible()
    expect(page.get_by_label("情况说明", exact=True)).to_have_value("路口又有垃圾")
    expect(page.locator(".choice", has_text=number).locator("input")).to_be_checked()
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.get_by_text("已收到").first).to_be_visible()
    with site.app.app_context():
        assert [one.phase for one in photos_of(number)] == ["before"]
        db.session.remove()


def locate(page: Page) -> None:
    """Ask the phone where it is, once more when it took too long to find out."""
    button = page.get_by_role("button", name="手机定位")
    button.click()
    told = page.get_by_text(f"{LON:.5f}, ").first
    try:
        expect(told).to_be_visible(timeout=20_000)
    except AssertionError:
        button.click()
        expect(told).to_be_visible()


def photos_of(number: str) -> list[Photo]:
    """Photos of a task."""
    return list(db.session.scalars(select(Photo).where(Photo.task_id == task(number).id)))


#: A drawn picture in place of the lens: the browser of the tests has no camera.
_LENS = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const pen = canvas.getContext("2d");
  setInterval(() => { pen.fillStyle = "#2a7"; pen.fillRect(0, 0, 640, 480); }, 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
}"""


def test_an_after_photo_is_taken_through_the_photo_before_and_submitted(
    site: Site, signed_in_page: Pages
) -> None:
    with site.app.app_context():
        number = task_with_photo(site)
        db.session.remove()
    page = signed_in_page("clerk", phone=True, permissions=["geolocation"], geolocation={"longitude": LON, "latitude": LAT})  # fmt: skip
    page.add_init_script(f"({_LENS})()")
    page.goto("/inspect/")
    page.get_by_role("button", name="下载检查数据").click()
    expect(page.get_by_text("刚刚更新的数据")).to_be_visible()
    page.context.set_offline(True)
    go(page, f"#/task/{number}")
    page.get_by_role("link", name="对着整改前照片拍").click()
    ghost = page.locator(".camera img")
    expect(ghost).to_have_js_property("complete", True)
    assert ghost.evaluate("(image) => image.naturalWidth") > 0
    page.get_by_label("整改前照片的浓淡").fill("80")
    assert ghost.evaluate("(image) => getComputedStyle(image).opacity") == "0.8"
    page.locator(".camera video").evaluate("(video) => video.videoWidth || new Promise((done) => video.addEventListener('loadeddata', done))")  # fmt: skip
    page.get_by_role("button", name="附上当前位置").click()
    expect(page.get_by_text("已附位置")).to_be_visible()
    shutter = page.get_by_role("button", name="拍照")
    shutter.click()
    expect(page.get_by_text("已拍 1 张")).to_be_visible()
    box = shutter.bounding_box()
    assert box is not None
    assert box["width"] == box["height"], "the photo just taken presses the shutter together"
    page.get_by_role("link", name="拍好了").click()
    expect(page.locator(".photo img")).to_have_count(1)
    page.get_by_label("怎么整改的").fill("已清运并冲洗")
    page.get_by_role("button", name="提交核查").click()
    expect(page.get_by_text("已填，待上传")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".bar-waiting")).to_be_hidden()
    forgive_the_cut(site)
    with site.app.app_context():
        assert task(number).state == State.SUBMITTED
        places = {one.phase: (one.taken_lon, one.taken_lat) for one in photos_of(number)}
        assert set(places) == {"after", "before"}
        assert places["after"] == pytest.approx((LON, LAT), abs=1e-4)
        db.session.remove()


def forgive_the_cut(site: Site) -> None:
    """Without a network the browser says of each request that there is none: that was meant."""
    site.complaints[:] = [one for one in site.complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def task_with_photo(site: Site) -> str:
    """A task in hand of the clerk's unit, with a photo before the work."""
    kept = take(
        draw("refuse", 0, after=False),
        uuid=str(uuid4()),
        owner_id=site.world.users["inspector"],
        store=store(),
    )
    return make_task(site.world, State.HANDLING, before_photos=(kept.uuid,))
