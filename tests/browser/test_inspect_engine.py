"""The engine of the phone's application: opens without a network, asks, refuses and hands over in words, keeps photos evidence."""

import base64
import gzip
import hashlib
import hmac
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from tests.browser.conftest import Site
from tests.factories.client import visitor
from tests.factories.field import cookie
from tests.factories.points import make_point
from tests.factories.world import INSIDE, SANZAO, category, make_task, task
from tracker.inspections import phone_shell
from tracker.inspections.models import HeldItem
from tracker.people.models import User
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State

Pages = Callable[..., Page]
LON, LAT = INSIDE[SANZAO]
#: Everything that the first screen needs, compressed.
FIRST_SCREEN = 150_000

#: Puts an item into the real outbox as a screen does; its own connection, the running application hears of it.
_ADD = """async (given) => {
  const [{ openStore }, { Outbox }] = await Promise.all([import("/static/inspect/db.js"), import("/static/inspect/outbox.js")]);
  const outbox = new Outbox(await openStore());
  const { uuid } = await outbox.add(given);
  return uuid;
}"""
_DONE = "() => [...document.querySelectorAll('[data-receipt]')].map((one) => one.dataset.receipt)"


@pytest.fixture
def phone_app(site: Site, signed_in_page: Pages) -> Page:
    """The inspector's phone with the data downloaded, a market to inspect."""
    with site.app.app_context():
        make_point(site.world)
        db.session.remove()
    page = signed_in_page("inspector", phone=True)
    page.goto("/inspect/")
    page.get_by_role("button", name="下载检查数据").click()
    expect(page.get_by_text("刚刚更新的数据")).to_be_visible()
    return page


def report(site: Site, **changes: Any) -> dict[str, Any]:
    """A report of rubbish, as the screens put it into the outbox."""
    with site.app.app_context():
        rubbish = category()
        db.session.remove()
    content = {
        "category_id": rubbish, "description": "路边暴露垃圾未清理", "source": "inspection", "is_urgent": False,
        "position": {"lon": LON, "lat": LAT, "accuracy_m": 8, "method": "gps"}, "address": "", "no_photo_reason": "测试",
        "photos": [], **changes,
    }  # fmt: skip
    return {"kind": "report", "title": "暴露垃圾", "content": content}


def open_outbox(page: Page) -> None:
    page.evaluate("location.hash = '#/outbox'")
    expect(page.get_by_role("heading", name="待上传")).to_be_visible()


def test_the_application_opens_and_takes_work_without_a_network_and_sends_it_afterwards(
    phone_app: Page, site: Site
):
    site.complaints.clear()
    phone_app.evaluate("() => navigator.serviceWorker.ready")
    phone_app.wait_for_function("() => navigator.serviceWorker.controller !== null")
    # the session may have ended meanwhile: the application opens all the same
    phone_app.context.set_offline(True)
    phone_app.goto("/inspect/#/map")
    expect(phone_app.get_by_role("heading", name="地图")).to_be_visible()
    phone_app.goto("/inspect/#/")
    phone_app.reload()
    expect(phone_app.get_by_text("离线", exact=True)).to_be_visible()
    uuid = phone_app.evaluate(_ADD, report(site))
    expect(phone_app.get_by_role("link", name="1 条未上传")).to_be_visible()
    phone_app.reload()
    expect(phone_app.get_by_role("link", name="1 条未上传")).to_be_visible()
    phone_app.context.set_offline(False)
    open_outbox(phone_app)
    expect(phone_app.locator(f"[data-receipt='{uuid}']")).to_contain_text("JW-")
    expect(phone_app.get_by_role("link", name="条未上传")).to_be_hidden()
    site.complaints[:] = [line for line in site.complaints if "ERR_INTERNET_DISCONNECTED" not in line]  # fmt: skip


def test_a_new_version_is_announced_and_taken_by_one_press_and_the_outbox_stays(
    phone_app: Page, site: Site, monkeypatch: pytest.MonkeyPatch
):
    site.allowed.add(422)
    phone_app.evaluate("() => navigator.serviceWorker.ready")
    uuid = phone_app.evaluate(_ADD, report(site, description=""))
    open_outbox(phone_app)
    expect(phone_app.locator(f"[data-uuid='{uuid}'][data-state=refused]")).to_be_visible()
    monkeypatch.setattr(phone_shell, "version", lambda: "another")
    phone_app.evaluate("() => navigator.serviceWorker.ready.then((found) => found.update())")
    phone_app.get_by_role("button", name="有新版本，点此更新").click()
    expect(phone_app.get_by_role("button", name="有新版本，点此更新")).to_have_count(0)
    phone_app.wait_for_function(
        "() => caches.keys().then((names) => names.join() === 'inspect-another')"
    )
    expect(phone_app.locator(f"[data-uuid='{uuid}'][data-state=refused]")).to_be_visible()


def test_what_the_server_asks_or_refuses_is_said_in_words_and_mended_on_the_outbox_page(
    phone_app: Page, site: Site
):
    site.allowed |= {409, 422}
    with site.app.app_context():
        there = make_task(site.world)
        mine = make_task(site.world, State.HANDLING)
        with unit_of_work() as work:
            row = work.get_one(type(task(mine)), task(mine).id)
            row.assignee_id = site.world.users["inspector"]
        version = task(mine).version
        db.session.remove()
    open_outbox(phone_app)

    near = phone_app.evaluate(_ADD, report(site))
    card = phone_app.locator(f"[data-uuid='{near}']")
    card.get_by_text(f"并入 {there}").click()
    card.get_by_role("button", name="按此提交").click()
    expect(phone_app.locator(f"[data-receipt='{near}']")).to_contain_text(there)

    stale = {"number": mine, "version": version - 1, "measures": "已清理", "no_photo_reason": "测试", "photos": []}  # fmt: skip
    sent = phone_app.evaluate(_ADD, {"kind": "submit", "title": "整改", "content": stale})
    card = phone_app.locator(f"[data-uuid='{sent}']")
    expect(card.get_by_text("现在是：").first).to_be_visible()
    card.get_by_role("button", name="仍要提交").click()
    expect(phone_app.locator(f"[data-receipt='{sent}']")).to_be_visible()

    far = {"lon": LON + 0.005, "lat": LAT, "accuracy_m": 8, "method": "gps"}
    again = report(site, description="同一编号的另一件", position=far)
    assert phone_app.evaluate(_ADD, {**again, "uuid": near}) == near
    phone_app.locator(f"[data-uuid='{near}']").get_by_role("button", name="作为新的一条重新提交").click()  # fmt: skip
    phone_app.wait_for_function(f"() => ({_DONE})().length === 3")

    elsewhere = {"lon": LON - 0.005, "lat": LAT, "accuracy_m": 8, "method": "gps"}
    bad = phone_app.evaluate(_ADD, report(site, description="", position=elsewhere))
    card = phone_app.locator(f"[data-uuid='{bad}'][data-state=refused]")
    expect(card.get_by_role("button", name="去修改")).to_be_visible()
    card.get_by_role("button", name="删除").click()
    phone_app.get_by_role("dialog").get_by_role("button", name="删除").click()
    phone_app.get_by_role("dialog").get_by_role("button", name="保留").click()
    expect(card).to_be_visible()
    card.get_by_role("button", name="去修改").click()
    phone_app.wait_for_function("() => location.hash.startsWith('#/report/')")


def test_a_locked_person_leaves_the_items_for_the_office_or_hands_over_a_sealed_file(
    phone_app: Page, site: Site
):
    site.allowed |= {401}
    token = phone_app.evaluate("""async () => {
      const { openStore } = await import("/static/inspect/db.js");
      const store = await openStore();
      return (await store.meta(`deposit:${(await store.session()).user.id}`)).token;
    }""")
    with site.app.app_context():
        with unit_of_work() as work:
            work.get_one(User, site.world.users["inspector"]).is_active = False
        db.session.remove()
    uuid = phone_app.evaluate(_ADD, report(site))
    open_outbox(phone_app)
    expect(phone_app.get_by_role("link", name="登录")).to_be_visible()
    expect(phone_app.locator(f"[data-uuid='{uuid}']")).to_be_visible()

    with phone_app.expect_download() as saved:
        phone_app.get_by_role("button", name="导出文件").click()
    file = json.loads(saved.value.path().read_text(encoding="utf-8"))
    assert (file["format"], file["items"][0]["uuid"]) == ("tracker-outbox/1", uuid)
    texts = [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in file["items"]]
    digests = "\n".join(hashlib.sha256(text.encode()).hexdigest() for text in texts)
    key = hashlib.sha256(token.encode()).hexdigest()
    assert hmac.new(key.encode(), digests.encode(), hashlib.sha256).hexdigest() == file["seal"]

    phone_app.get_by_role("button", name="账号已停用，转交区迎检办").click()
    phone_app.get_by_role("dialog").get_by_role("button", name="转交", exact=True).click()
    expect(phone_app.get_by_text("已转交 1 条，0 条仍在手机上。")).to_be_visible()
    phone_app.get_by_role("button", name="知道了").click()
    expect(phone_app.locator(f"[data-receipt='{uuid}']")).to_contain_text("已转区迎检办补录")
    with site.app.app_context():
        assert db.session.scalars(select(HeldItem.uuid)).all() == [uuid]
        db.session.remove()


def _camera(**exif: Any) -> bytes:
    """A photo of a telephone held upright: 3000 × 2000 stored, to be turned by a quarter."""
    picture = Image.effect_noise((3000, 2000), 25).convert("RGB")
    tags = Image.Exif()
    tags[0x0112] = 6
    for ifd, values in exif.items():
        tags.get_ifd(int(ifd[1:], 16)).update(values)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, exif=tags)
    return out.getvalue()


_PREPARE = """async ([data, type, given]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const { prepare } = await import("/static/inspect/photos.js");
  const { bytes: made, ...about } = await prepare(new File([bytes], "p", { type }), given);
  let text = "";
  for (const byte of new Uint8Array(made)) text += String.fromCharCode(byte);
  return [about, btoa(text)];
}"""


def prepared(page: Page, data: bytes, kind: str, **given: Any) -> tuple[dict[str, Any], bytes]:
    about, made = page.evaluate(_PREPARE, [base64.b64encode(data).decode(), kind, given])
    return about, base64.b64decode(made)


def test_a_photo_is_shrunk_and_stays_evidence(phone: Page):
    phone.goto("/login")
    gps = {1: "N", 2: (22.0, 2.0, 42.5), 3: "E", 4: (113.0, 21.0, 18.25)}
    data = _camera(x8825=gps, x8769={0x9003: "2026:11:20 08:09:10"})
    about, made = prepared(phone, data, "image/jpeg", position={"lon": 1, "lat": 1})
    picture = Image.open(io.BytesIO(made))
    exif = picture.getexif()
    assert picture.size == (1067, 1600)
    assert (about["width"], about["height"]) == picture.size
    assert len(made) <= 400_000 < len(data)
    assert exif[0x0112] == 1
    assert exif.get_ifd(0x8769)[0x9003] == "2026:11:20 08:09:10"
    assert [float(part) for part in exif.get_ifd(0x8825)[4]] == [113.0, 21.0, 18.25]
    assert about["sha256"] == hashlib.sha256(made).hexdigest()
    assert about["taken_at"] == "2026-11-20T08:09:10+08:00"
    assert about["lat"] == pytest.approx(22 + 2 / 60 + 42.5 / 3600, abs=1e-7)

    about, made = prepared(
        phone, _camera(), "image/jpeg", position={"lon": 113.355, "lat": 22.045}, taken_at="2026-11-22T16:30:00Z",
    )  # fmt: skip
    exif = Image.open(io.BytesIO(made)).getexif()
    assert exif.get_ifd(0x8769)[0x9003] == "2026:11:23 00:30:00"
    whole, minutes, seconds = (float(part) for part in exif.get_ifd(0x8825)[4])
    assert whole + minutes / 60 + seconds / 3600 == pytest.approx(113.355, abs=1e-8)

    heic = b"\0\0\0\x18ftypheic" + bytes(range(256)) * 40
    about, made = prepared(phone, heic, "image/heic")
    assert (made, about["shrunk"], about["type"]) == (heic, False, "image/heic")


def test_the_first_screen_is_small(site: Site, open_context: Callable[..., BrowserContext]):
    """Counted in the server's real answers to what the browser really asks for until the screen is there."""
    page = open_context(phone=True, service_workers="block").new_page()
    asked: list[str] = []

    site.allowed.add(401)
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/inspect/")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    page.wait_for_load_state("networkidle")
    client, sizes = visitor(site.app), {}
    for url in dict.fromkeys(asked):
        path = url.removeprefix(site.url)
        with client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
            sizes[path] = len(answer.data)
            assert answer.status_code in (200, 401), path
    assert "/static/inspect/screens/today.js" in sizes
    assert sum(sizes.values()) < FIRST_SCREEN, sizes
    preloaded = {f"/static/{name}" for name in phone_shell.first_modules()}
    assert {path for path in sizes if path.endswith(".js")} - preloaded <= {
        "/static/inspect/worker.js", "/inspect/sw.js",
    }  # fmt: skip


def test_the_worker_keeps_every_file_of_the_application_and_says_its_version(site: Site):
    client = visitor(site.app)
    text = client.get("/inspect/sw.js").text
    files = json.loads(text.split("const FILES = ", 1)[1].split(";\n", 1)[0])
    for address in files:
        with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200, address
            if answer.headers.get("Content-Encoding") == "gzip":
                gzip.decompress(answer.data)
    assert f'"{phone_shell.version()}"' in text
    described = client.get("/inspect/manifest.webmanifest").get_json(force=True)
    for icon in described["icons"]:
        with client.get(icon["src"]) as answer:
            assert answer.mimetype == icon["type"]
            if icon["type"] == "image/png":
                assert "{}x{}".format(*Image.open(io.BytesIO(answer.data)).size) == icon["sizes"]
    assert client.get("/inspect/icon-33.png").status_code == 404


def test_an_item_waits_for_its_own_person_when_another_signs_in_on_the_phone(
    phone_app: Page, site: Site
):
    site.allowed.add(401)
    phone_app.context.clear_cookies()
    uuid = phone_app.evaluate(_ADD, report(site))
    open_outbox(phone_app)
    expect(phone_app.get_by_role("link", name="登录")).to_be_visible()

    phone_app.context.add_cookies([cookie(site.app, site.url, "inspector_b")])  # type: ignore[list-item]
    phone_app.reload()
    item = phone_app.locator(f"[data-uuid='{uuid}']")
    expect(item.get_by_text("属于 inspector，由本人登录后上传")).to_be_visible()
    phone_app.get_by_role("button", name="立即上传").click()
    expect(phone_app.get_by_role("button", name="立即上传")).to_be_enabled()
    expect(item).to_have_attribute("data-state", "waiting")

    phone_app.context.add_cookies([cookie(site.app, site.url, "inspector")])  # type: ignore[list-item]
    phone_app.reload()
    expect(phone_app.locator(f"[data-receipt='{uuid}']")).to_be_visible()


def test_without_https_it_says_what_is_missing_and_sends_all_the_same(
    site: Site, signed_in_page: Pages
):
    page = signed_in_page("inspector", phone=True, service_workers="block")
    page.add_init_script("""
      Object.defineProperty(window, "isSecureContext", { value: false });
      Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
      Object.defineProperty(Navigator.prototype, "storage", { value: undefined });
      delete crypto.__proto__.randomUUID;
    """)
    page.goto("/inspect/#/outbox")
    expect(page.get_by_text("这个地址不是 https")).to_be_visible()
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    uuid = page.evaluate(_ADD, report(site))
    expect(page.locator(f"[data-receipt='{uuid}']")).to_be_visible()
