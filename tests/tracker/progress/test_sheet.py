"""The sheet of an area: everything a map on paper needs, as SVG, picture and PDF, for those who see the area."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.task_pages import selects
from tests.factories.world import (
    DISTRICT,
    GRID,
    GUANGAN,
    HAIAN,
    SANZAO,
    TOWN_A,
    TOWN_B,
    World,
    make_task,
    make_world,
)
from tracker import clock
from tracker.places.locating import bump_epoch
from tracker.places.models import Area
from tracker.progress.sheet_files import NoFont, can_write_chinese, fonts_folder
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State

HOSTILE = "<script>alert(1)</script>&\"'"


@pytest.fixture
def world(app: Flask) -> World:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], map_approval="审图号：粤S(2026)001号")
    made = make_world()
    for community in (SANZAO, SANZAO, GUANGAN):
        make_task(made, State.HANDLING, community)
    return made


def drawn(app: Flask, address: str, who: str = "leader") -> tuple[ET.Element, str]:
    """The root of an answered drawing, and everything that is written on it."""
    answer = open_session(app, who).get(address)
    assert answer.status_code == 200, answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    root = ET.fromstring(answer.text)
    return root, "\n".join(root.itertext())


def test_a_sheet_has_what_a_map_on_paper_needs(app: Flask, world: World) -> None:
    address = f"/progress/sheet/{DISTRICT}/sheet.svg?level=community&tasks=1"
    root, said = drawn(app, address)
    today = clock.today().isoformat()
    for words in (
        "金湾区未办结分布图", "三灶社区", "金海岸社区", "广安社区", "藤山社区", "比例尺 1:", "北",
        "工作示意图，不作划界依据 审图号：粤S(2026)001号", f"数据时间 {today}", f"制图日期 {today}",
        "CGCS2000 三度带，中央经线 114°E", "颜色越深越需关注", "超期任务", "合计", "整改率", "统计期",
    ):  # fmt: skip
        assert words in said, words
    assert re.search(r"\d+ (千)?米", said)
    assert (root.get("width"), root.get("height")) == ("420mm", "297mm")
    circles = root.findall(".//{http://www.w3.org/2000/svg}circle")
    # three open tasks in the district and the sign in the legend
    assert len(circles) == 4


def test_the_figures_of_a_sheet_are_those_of_its_areas(app: Flask, world: World) -> None:
    texts = [
        re.sub(r"\s+", " ", "".join(one.itertext()))
        for one in drawn(app, f"/progress/sheet/{DISTRICT}/sheet.svg?level=community")[0].iter(
            "{http://www.w3.org/2000/svg}text"
        )
    ]
    row = texts[texts.index("合计") :][:30]
    assert row[1:5] == ["3", "0", "0.0%", "—"]
    worst = row.index("三灶社区")
    assert row[worst - 1 : worst + 3] == ["1", "三灶社区", "2", "0"]


@pytest.mark.parametrize(("code", "names"), [
    (TOWN_A, ("三灶社区", "金海岸社区")), (SANZAO, ("三灶社区第1网格",)), (GRID, ("三灶社区第1网格",)),
    (HAIAN, ("金海岸社区",)),
], ids=["town", "community", "grid", "without parts"])  # fmt: skip
def test_every_level_has_a_sheet(
    app: Flask, world: World, code: str, names: tuple[str, ...]
) -> None:
    said = drawn(app, f"/progress/sheet/{code}/sheet.svg")[1]
    assert all(name in said for name in names)


def test_a_past_day_is_drawn_from_the_counters_and_says_so(app: Flask, world: World) -> None:
    day = (clock.today() - timedelta(days=3)).isoformat()
    for code in (DISTRICT, SANZAO):
        said = drawn(app, f"/progress/sheet/{code}/sheet.svg?on={day}")[1]
        assert f"数据截至 {day} 日终" in said
    refused = open_session(app, "leader").get(f"/progress/sheet/{SANZAO}?on={day}&level=grid")
    assert refused.status_code == 422


def test_the_maps_lead_to_the_sheet_of_what_they_show(app: Flask, world: World) -> None:
    for who, code in (("leader", DISTRICT), ("leader_b", TOWN_B), ("grid_worker", SANZAO)):
        assert f'href="/progress/sheet/{code}"' in open_session(app, who).get("/maps/").text
    assert f'"/progress/sheet/{HAIAN}"' in open_session(app, "leader").get(f"/maps/{HAIAN}").text


def test_hostile_names_and_titles_are_words_and_nothing_else(app: Flask, world: World) -> None:
    with unit_of_work() as work:
        work.get_one(Area, SANZAO).name = HOSTILE + "\x0b\ufffe"
        bump_epoch(work)
    title = {"title": "]]><!--" + HOSTILE + "\x07"}
    client = open_session(app, "leader")
    answer = client.get(f"/progress/sheet/{TOWN_A}/sheet.svg", query_string=title)
    root = ET.fromstring(answer.text)
    assert HOSTILE in "\n".join(root.itertext())
    assert "]]><!--" in "\n".join(root.itertext())
    kinds = {one.tag.split("}")[1] for one in root.iter()}
    assert kinds <= {"svg", "title", "rect", "text", "g", "path", "circle", "pattern"}
    page = client.get(f"/progress/sheet/{TOWN_A}", query_string=title).text
    assert "<script>alert" not in page


def test_pictures_and_pdfs_have_the_size_of_the_paper(app: Flask, world: World) -> None:
    if not can_write_chinese(fonts_folder(app.config["SETTINGS"].data_dir)):
        pytest.skip("this machine has no Chinese font")
    client = open_session(app, "leader")
    address = f"/progress/sheet/{DISTRICT}/sheet"
    picture = client.get(f"{address}.png?paper=a4-portrait&dpi=150")
    assert picture.mimetype == "image/png", picture.text
    with Image.open(io.BytesIO(picture.data)) as image:
        assert abs(image.width - 1240) <= 1
        assert abs(image.height - 1754) <= 1
        # drawn upon: not one colour
        assert len(image.convert("RGB").getcolors(1_000_000) or []) > 20
    paper = client.get(f"{address}.pdf?paper=a3-landscape")
    assert paper.data.startswith(b"%PDF-")
    assert paper.mimetype == "application/pdf"
    found = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", paper.data)
    assert found
    assert [float(one) for one in found.groups()] == pytest.approx(
        [420 * 72 / 25.4, 297 * 72 / 25.4], abs=0.1
    )
    assert b"/FontFile" in paper.data, "letters are letters, with their own font"
    assert "attachment" in paper.headers["Content-Disposition"]


def test_without_a_chinese_font_a_file_is_refused_in_words_and_the_page_still_prints(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.progress.sheet_files.FAMILIES", ("No Such Family",))
    monkeypatch.setattr("tracker.progress.sheet_files._fonts", {})
    client = open_session(app, "leader")
    refused = client.get(f"/progress/sheet/{DISTRICT}/sheet.pdf")
    assert refused.status_code == NoFont.status
    assert "fonts-noto-cjk" in refused.text
    page = client.get(f"/progress/sheet/{DISTRICT}").text
    assert "<svg" in page
    assert "服务器没有中文字体" in page
    assert "sheet.pdf" not in page


def test_a_foreign_area_has_no_sheet_and_bad_words_are_refused(app: Flask, world: World) -> None:
    stranger, leader = open_session(app, "leader_b"), open_session(app, "leader")
    for kind in ("", "/sheet.svg", "/sheet.png", "/sheet.pdf"):
        assert stranger.get(f"/progress/sheet/{TOWN_A}{kind}").status_code == 404
        assert leader.get(f"/progress/sheet/nowhere{kind}").status_code == 404
    assert stranger.get(f"/progress/sheet/{TOWN_B}").status_code == 200
    assert open_session(app, "sysadmin").get(f"/progress/sheet/{TOWN_A}").status_code == 403
    for bad in (
        "measure=best", "paper=a0", "dpi=99999", "level=district", "level=%00", "tasks=many",
        "title=" + "长" * 41, "from=never", "tasks=1&on=2026-01-01",
    ):  # fmt: skip
        answer = leader.get(f"/progress/sheet/{TOWN_A}/sheet.png?{bad}")
        assert answer.status_code in (400, 422), bad


def test_a_sheet_takes_the_same_queries_however_many_tasks_there_are(
    app: Flask, world: World
) -> None:
    client = open_session(app, "leader")
    address = f"/progress/sheet/{DISTRICT}/sheet.svg?level=community"
    client.get(address)
    with selects() as few:
        client.get(address)
    for _ in range(5):
        make_task(world, State.FILED, HAIAN)
    with selects() as many:
        client.get(address)
    assert len(many) == len(few) <= 16


def test_a_sheet_has_the_classes_and_colours_of_the_map_on_the_screen(
    app: Flask, world: World
) -> None:
    make_task(world, State.CLOSED, HAIAN)
    leader = open_session(app, "leader")
    for measure in ("open", "overdue", "rectified", "on_time"):
        query = f"?by=community&measure={measure}"
        screen = leader.get(f"/progress/map/{DISTRICT}/figures.json{query}").get_json()
        shades = screen["measures"][measure]["shades"]
        wanted = {
            names: None
            if one[measure]["shade"] is None
            else shades[one[measure]["shade"]]["colour"]
            for names, one in screen["areas"].items()
        }
        root, said = drawn(app, f"/progress/sheet/{DISTRICT}/sheet.svg?level=community&measure={measure}")  # fmt: skip
        fills = {
            path[0].text: path.get("fill")
            for path in root.iter("{http://www.w3.org/2000/svg}path")
            if len(path)
        }
        names = {row.name: row.code for row in db.session.execute(select(Area.name, Area.code))}
        assert {names[name]: None if "#no-data" in fill else fill for name, fill in fills.items()} == wanted  # fmt: skip
        for one in shades:
            assert (one["from"] if one["from"] == one["to"] else f"{one['from']} – {one['to']}") in said  # fmt: skip
