"""The page of the district's map: what it holds, what it has the browser ask for at once, what is kept."""

import re

import orjson

from tests.factories.client import open_session
from tests.factories.world import HAIAN, SANZAO, make_task, make_world
from tracker.tasks.states import State


def test_the_page_sums_up_each_town_and_holds_the_figures_of_its_communities(app):
    world = make_world()
    make_task(world, State.REPORTED)
    make_task(world, State.REPORTED, HAIAN)
    client = open_session(app, "dispatcher")
    page = client.get("/maps/?source=inspection").text
    block = re.search(r'id="map-page">(.*?)</script>', page)
    assert block
    told = orjson.loads(block[1])
    assert told["figures"] == client.get("/maps/counts.json?source=inspection").get_json()
    assert [code for code, *_ in told["towns"][0]] == [SANZAO, HAIAN]
    assert page.count("data-town=") == 2
    assert '<td class="num" data-sum="open">2</td>' in page


def test_a_map_opened_again_asks_for_no_border_that_it_has(app):
    make_world()
    client = open_session(app, "dispatcher")
    frame = client.get("/maps/frame").text
    early = re.search(r'as="fetch" crossorigin href="([^"]+)"', frame)
    assert early
    assert "immutable" in client.get(early[1]).headers["Cache-Control"]
    assert "immutable" not in client.get("/maps/areas.json?v=older").headers["Cache-Control"]
    scripts = re.findall(r'type="module" src="([^"]+)"', frame)
    assert len(scripts) == 1
    with client.get(scripts[0]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert "js/maps/tile_layer.js" in answer.text


def test_a_frame_made_once_carries_the_nonce_of_each_answer(app):
    make_world()
    client = open_session(app, "dispatcher")
    for _ in range(2):
        frame = client.get("/maps/frame")
        nonce = re.search(r"'nonce-([^']+)'", frame.headers["Content-Security-Policy"])
        assert nonce
        assert set(re.findall(r'nonce="([^"]+)"', frame.text)) == {nonce[1]}
