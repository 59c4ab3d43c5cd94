"""What is kept of areas, units and categories goes with the first change of one of them."""

from uuid import uuid4

from flask import Flask
from sqlalchemy import update

from tests.factories.client import open_session
from tests.factories.world import DISTRICT, SANZAO, make_world
from tests.factories.world import make_task as make
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.calendar import Limit, LimitUnit
from tracker.catalogue.operations import CategoryGiven, LocalNames, add_local_category
from tracker.people.models import RoleGrant
from tracker.places.locating import bump_epoch
from tracker.places.models import Area, Organization, OrganizationKind
from tracker.places.operations import OrganizationGiven, save_organization
from tracker.places.versions import version
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks import choices
from tracker.tasks.states import State

GIVEN = OrganizationGiven("区园林中心", OrganizationKind.DEPARTMENT, DISTRICT)


def save(given: OrganizationGiven, unit_id: int | None = None) -> int:
    return save_organization(given, unit_id=unit_id, actor=SYSTEM, request_uuid=str(uuid4()))


def test_a_new_and_a_renamed_unit_and_a_new_category_are_offered_at_once(both: Flask) -> None:
    make_world()
    client = open_session(both, "dispatcher")
    assert "区园林中心" not in client.get("/tasks/").text
    unit_id = save(GIVEN)
    assert "区园林中心" in client.get("/tasks/").text
    save(GIVEN.with_changes(name="区绿化中心"), unit_id)
    page = client.get("/tasks/").text
    assert "区绿化中心" in page
    assert "区园林中心" not in page
    names, limit = LocalNames("占道晾晒"), CategoryGiven(Limit(2, LimitUnit.WORK_HOUR))
    add_local_category(
        "X1901", names, limit, major_name="本地", actor=SYSTEM, request_uuid=str(uuid4())
    )
    assert "占道晾晒" in client.get("/tasks/").text


def test_a_change_that_was_taken_back_leaves_the_names_as_they_were(both: Flask) -> None:
    make_world()
    before = version(db.session())
    db.session.add(Organization(name="没有这个单位", kind="company", category_prefixes=[]))
    assert version(db.session()) != before
    db.session.rollback()
    assert version(db.session()) == before
    assert "没有这个单位" not in dict(choices.units(db.session())).values()


def test_a_unit_is_shown_on_the_map_by_its_new_name(app: Flask) -> None:
    world = make_world()
    make(world, State.HANDLING)
    client = open_session(app, "dispatcher")
    [(key, _)] = client.get(f"/maps/{SANZAO}/tasks.json").get_json()["units"].items()
    with unit_of_work() as work:
        work.get_one(Organization, int(key)).name = "改了名的单位"
    assert client.get(f"/maps/{SANZAO}/tasks.json").get_json()["units"] == {key: "改了名的单位"}


def test_who_loses_a_grant_opens_no_map_any_more(app: Flask) -> None:
    world = make_world()
    client, other = open_session(app, "dispatcher"), open_session(app, "leader")
    path = f"/maps/{SANZAO}/tasks.json"
    assert [one.get(path).status_code for one in (client, other)] == [200, 200]
    with unit_of_work() as work:
        theirs = RoleGrant.user_id == world.users["dispatcher"]
        work.execute(update(RoleGrant).where(theirs).values(revoked_at=clock.now()))
    assert [one.get(path).status_code for one in (client, other)] == [403, 200]


def test_an_area_that_is_retired_has_no_map_any_more(app: Flask) -> None:
    make_world()
    client = open_session(app, "leader")
    assert client.get(f"/maps/{SANZAO}/tasks.json").status_code == 200
    with unit_of_work() as work:
        work.get_one(Area, SANZAO).valid_to = clock.now()
        bump_epoch(work)
    assert client.get(f"/maps/{SANZAO}/tasks.json").status_code == 404
