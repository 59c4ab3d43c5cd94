"""Who answers: segment before polygon before fallback, the narrower matter first, on the day asked about."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories.responsibility import (
    METRE_NORTH,
    fallback,
    line_at,
    make_posts,
    square_at,
)
from tests.factories.steps import counted
from tests.factories.world import GUANGAN, HAIAN, INSIDE, OUTSIDE, SANZAO, make_world
from tracker.errors import Invalid
from tracker.places.locating import locate
from tracker.responsibility.answering import Answer, matches, who_answers
from tracker.responsibility.scopes import Scope, ScopeKind
from tracker.responsibility.suggesting import suggest
from tracker.storage.db import db

LON, LAT = INSIDE[SANZAO]
DAY = date(2026, 6, 1)
MAJOR_06, CATEGORY = Scope(ScopeKind.MAJOR, "06"), Scope(ScopeKind.CATEGORY, "06010")
MARKET = Scope(ScopeKind.SITE_TYPE, "market")


def ask(lon: float = LON, lat: float = LAT, **asked: Any) -> list[Answer]:
    db.session.rollback()
    return who_answers(db.session(), lon, lat, **{"on": DAY, **asked})


def codes(*place: float, **asked: Any) -> list[str]:
    return [answer.row.code for answer in ask(*place, **asked)]


@dataclass(frozen=True)
class Case:
    """Posts that are there, what is asked, and who answers in which order."""

    says: str
    posts: tuple[dict[str, Any], ...]
    expected: list[str]
    asked: dict[str, Any] = field(default_factory=dict)


ROAD = {"code": "ROAD"}
WIDE = {"code": "AREA", "geometry": square_at(LON, LAT)}
REST = fallback(code="REST")
CASES = (
    Case("a segment goes before a polygon before the fallback", (REST, WIDE, ROAD), ["ROAD", "AREA", "REST"]),
    Case("of two polygons the smaller", (WIDE, {"code": "SMALL", "geometry": square_at(LON, LAT, metres=100)}), ["SMALL", "AREA"]),
    Case("of two segments the nearer", ({"code": "FAR", "geometry": line_at(LON, LAT + 12 * METRE_NORTH)}, ROAD), ["ROAD", "FAR"]),
    Case("a segment reaches as far as it says", ({"code": "A", "reach_m": 10, "geometry": line_at(LON, LAT + 12 * METRE_NORTH)},), []),
    Case("a narrower matter goes first on the same ground", (
        {"code": "ALL", "geometry": square_at(LON, LAT)}, {"code": "MAJOR", "geometry": square_at(LON, LAT), "scopes": (MAJOR_06,)},
        {"code": "ONE", "geometry": square_at(LON, LAT), "scopes": (CATEGORY,)},
    ), ["ONE", "MAJOR", "ALL"], {"category": "06010"}),
    Case("another matter does not answer", ({"code": "ONE", "scopes": (CATEGORY,)}, REST), ["REST"], {"category": "06011"}),
    Case("the kind of ground goes before the matter", ({"code": "ONE", "geometry": square_at(LON, LAT), "scopes": (CATEGORY,)}, ROAD), ["ROAD", "ONE"], {"category": "06010"}),
    Case("a site type answers for its points", ({"code": "MARKET", "geometry": square_at(LON, LAT), "scopes": (MARKET,)},), ["MARKET"], {"site_type": "market", "category": "06010"}),
    Case("and for nothing else", ({"code": "MARKET", "geometry": square_at(LON, LAT), "scopes": (MARKET,)},), [], {"category": "06010"}),
    Case("asked about nothing in particular, all answer", ({"code": "MARKET", "geometry": square_at(LON, LAT), "scopes": (MARKET,)}, ROAD), ["ROAD", "MARKET"]),
    Case("a post does not answer before its first day", ({"code": "A", "valid_from": DAY + timedelta(days=1)},), []),
    Case("it answers on its first and on its last day", ({"code": "A", "valid_from": DAY, "valid_to": DAY},), ["A"]),
    Case("and not after it", ({"code": "A", "valid_to": DAY - timedelta(days=1)},), []),
    Case("the fallback of another community does not answer", (fallback(HAIAN, code="REST"),), []),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_who_answers(app: Flask, case: Case):
    make_posts(make_world(), *(dict(post) for post in case.posts))
    assert codes(**case.asked) == case.expected


def test_outside_every_ground_nobody_answers_and_the_reason_is_in_words(both: Flask):
    world = make_world()
    make_posts(world, {"code": "ROAD"}, fallback(code="REST"))
    assert codes(*OUTSIDE) == []
    found = ask()
    assert [answer.reason % answer.facts for answer in found] == [
        "责任路段“依云路”，距路线 0 米",
        "社区兜底“社区兜底”",
    ]
    assert found[0].row.unit.name == "区环卫中心"


def test_a_past_day_is_answered_as_it_was(both: Flask):
    world = make_world()
    make_posts(world, {"code": "A"})
    make_posts(world, {"code": "A", "person": "黄丽珍", "valid_from": date(2026, 5, 1)})
    make_posts(world, {"code": "A", "person": "黄丽珍", "unit_id": world.units["sanzao"], "valid_from": date(2026, 7, 1)})  # fmt: skip
    people = [
        (answer.row.person, answer.row.unit_id == world.units["sanzao"])
        for on in (date(2026, 4, 30), date(2026, 5, 1), date(2026, 6, 30), date(2026, 7, 1))
        for answer in ask(on=on)
    ]
    assert people == [("林志强", False), ("黄丽珍", False), ("黄丽珍", False), ("黄丽珍", True)]


def test_a_correction_changes_what_a_past_day_answers_and_a_new_phone_begins_no_term(app: Flask):
    world = make_world()
    make_posts(world, {"code": "A"})
    make_posts(world, {"code": "A", "person": "林志刚", "correct": True})
    make_posts(world, {"code": "A", "person": "林志刚", "phone": "13900005678", "valid_from": date(2026, 5, 1)})  # fmt: skip
    (answer,) = ask(on=date(2026, 2, 1))
    assert (answer.row.person, answer.row.term, answer.row.phone) == ("林志刚", 1, "13900005678")


def test_a_change_that_would_reach_into_the_past_is_refused(app: Flask):
    world = make_world()
    make_posts(world, {"code": "A", "valid_from": date(2026, 5, 1)})
    with pytest.raises(Invalid) as refused:
        make_posts(world, {"code": "A", "person": "黄丽珍", "valid_from": date(2026, 4, 1)})
    assert refused.value.field == "valid_from"


def test_a_question_reads_the_map_once_and_asks_three_statements_after_that(app: Flask):
    world = make_world()
    make_posts(world, *({"code": f"A{n}", "geometry": square_at(LON, LAT)} for n in range(30)))
    ask()
    with counted() as statements:
        assert len(ask()) == 12
    # the versions of borders and map, the areas of the place, the rows with their scopes
    assert len(statements) <= 9
    with counted() as statements:
        matches(db.session(), lon=LON, lat=LAT, place=locate(db.session(), LON, LAT), on=DAY)
    assert not any("responsibility.geometry" in one for one in statements)


def test_the_map_comes_after_the_unit_of_the_point_and_before_that_of_the_category(app: Flask):
    world = make_world()
    make_posts(
        world,
        {"code": "A", "unit_id": world.units["police"]},
        fallback(GUANGAN, code="B", unit_id=world.units["office"]),
    )

    def unit(community: str, category: str | None = "06010", **more: Any) -> tuple[int, str]:
        lon, lat = INSIDE[community]
        place = locate(db.session(), lon, lat)
        found = suggest(db.session(), place=place, lon=lon, lat=lat, category=category, **more)
        assert found is not None
        return found.unit_id, found.reason % found.facts if found.facts else found.reason

    assert unit(SANZAO) == (world.units["police"], "责任路段“依云路”，距路线 0 米")
    assert unit(HAIAN) == (world.units["sanitation"], "按问题类别的主管单位")
    # a fallback for everything stands in only where nobody is competent
    assert unit(GUANGAN) == (world.units["sanitation"], "按问题类别的主管单位")
    assert unit(GUANGAN, "07001") == (world.units["office"], "社区兜底“社区兜底”")
    assert unit(HAIAN, "07001") == (world.units["haian"], "属地社区兜底")
