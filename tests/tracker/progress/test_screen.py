"""The command room's screen shows counts alone, asks cheaply, and keeps nobody signed in."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.client import open_session
from tests.factories.world import SANZAO, TOWN_A, World, make_task, make_world, task
from tracker import clock
from tracker.people.models import User, UserSession
from tracker.people.sessions import hash_token
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.states import State

DATA = "/progress/screen/data"


@pytest.fixture
def world(app: Flask) -> World:
    made = make_world()
    with unit_of_work() as work:
        for n, user in enumerate(work.scalars(select(User))):
            user.name = f"欧阳某某{n}"
    for state in (State.REPORTED, State.HANDLING, State.CLOSED):
        make_task(made, state)
    return made


def test_the_screen_holds_no_person_number_address_photo_or_words_of_a_task(
    app: Flask, world: World
) -> None:
    client = open_session(app, "leader")
    shown = client.get("/progress/screen").text + client.get(DATA).get_data(as_text=True)
    secrets = set(db.session.scalars(select(User.name)))
    number = make_task(world, State.REPORTED)
    found = task(number)
    secrets |= {found.number[:11], found.title, found.description, found.address, "/photos/"}
    assert len(secrets) > 15
    assert {secret for secret in secrets if secret and secret in shown} == set()


def test_a_screen_that_asks_again_hears_that_nothing_changed_until_something_does(
    app: Flask, world: World
) -> None:
    client = open_session(app, "leader")
    first = client.get(DATA)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(DATA, headers=tag).status_code == 304
    make_task(world, State.REPORTED)
    again = client.get(DATA, headers=tag)
    assert again.status_code == 200

    def found(answer: object) -> str:
        return next(one["value"] for one in answer.json["headlines"] if one["key"] == "found")  # type: ignore[attr-defined]

    assert int(found(again)) == int(found(first)) + 1
    assert [row["name"] for row in again.json["ranking"]][0] == "三灶社区"


def test_a_screen_stands_on_an_area_of_the_person_and_never_on_a_unit(
    app: Flask, world: World
) -> None:
    leader_b = open_session(app, "leader_b")
    assert leader_b.get(DATA).json["area"] == "红旗镇"
    assert leader_b.get(f"{DATA}?area={TOWN_A}").status_code == 404
    assert open_session(app, "clerk").get("/progress/screen").status_code == 404
    assert open_session(app, "sysadmin").get(DATA).status_code == 403
    lead = open_session(app, "grid_lead").get(f"{DATA}?area={SANZAO}")
    assert [row["name"] for row in lead.json["ranking"]] == ["三灶社区第1网格"]


def test_asking_neither_keeps_a_session_young_nor_stops_when_it_has_idled_out(
    app: Flask, world: World
) -> None:
    client = open_session(app, "leader")
    key = hash_token(client.token())

    def seen(minutes_ago: int) -> None:
        with unit_of_work() as work:
            moment = clock.now() - timedelta(minutes=minutes_ago)
            work.execute(
                update(UserSession).where(UserSession.token_hash == key).values(last_seen_at=moment)
            )

    seen(20)
    before = db.session.get_one(UserSession, key).last_seen_at
    assert client.get(DATA).status_code == 200
    db.session.expire_all()
    assert db.session.get_one(UserSession, key).last_seen_at == before
    seen(45)
    assert client.get(DATA).status_code == 200
    assert client.get("/progress/screen").status_code == 302
    assert client.get("/tasks/").status_code == 302
    with unit_of_work() as work:
        work.execute(
            update(UserSession).where(UserSession.token_hash == key).values(revoked_at=clock.now())
        )
    assert client.get(DATA).status_code in (302, 401)
