"""Knows the demo's inspection points: the places of the campaign's plan and usual ones of pilots.

Names of places are facts; every position and line is a rough drawing (示意), never a survey.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.access.actor import SYSTEM
from tracker.demo.jinwan import Community, demo_communities
from tracker.points.given import PointGiven
from tracker.points.operations import put

CITY = "区城市管理和综合执法局"
CLEAN = "区环境卫生管理中心"
GREEN = "区市政园林管理处"
TRAFFIC = "区交警大队"
BUILD = "区住房和城乡建设局"
MARKET = "区市场监督管理局"
WATER = "区水务局"
CULTURE = "区文化广电旅游体育局"
#: the community itself
OWN = ""


@dataclass(frozen=True)
class Place:
    """A point of the demo; `shape` are offsets (east, north) in thousandths of a degree."""

    name: str
    kind: str
    community: str
    unit: str = OWN
    actions: tuple[str, ...] = ("5",)
    cycle: int = 30
    is_model: bool = False
    #: one offset is a pin, more are a line, a closed ring is a polygon
    shape: tuple[tuple[float, float], ...] = ()


#: Places that the campaign's plan names (domain §5.2), and streets and rivers near them.
NAMED = (
    Place("依云路", "main_road", "西城社区", GREEN, ("1", "4"), 7, True,
          ((-4.2, -1.6), (-2.0, -1.1), (0.4, -0.9), (2.6, -0.2), (4.4, 0.9))),
    Place("金海岸大道", "main_road", "金海岸社区", GREEN, ("1", "4"), 7,
          shape=((-4.8, 2.2), (-1.6, 1.4), (1.2, 0.9), (4.6, 1.6))),
    Place("金海岸南北园", "estate", "金海岸社区", actions=("6",)),
    Place("金海岸体育休闲公园", "park", "金海岸社区", CULTURE, ("8",), is_model=True,
          shape=((-2.6, -1.0), (-1.0, -0.8), (-0.8, -2.1), (-2.4, -2.4), (-2.6, -1.0))),
    Place("金山公园", "park", "三灶社区", GREEN, ("8",),
          shape=((1.0, 1.2), (2.7, 1.5), (3.1, 2.8), (1.3, 3.0), (1.0, 1.2))),
    Place("唐人街市场", "market", "三灶社区", MARKET, ("7",), 15, True),
    Place("海华南小区", "estate", "三灶社区", actions=("6",)),
    Place("海华北小区", "estate", "三灶社区", actions=("6",)),
    Place("中保新村", "estate", "三灶社区", actions=("6",)),
    Place("东鑫花园", "estate", "广安社区", actions=("6",)),
    Place("小林金银整治商都片区", "high_street", "小林社区", CITY, ("2",), 15,
          shape=((-2.4, -1.2), (-0.6, -0.8), (1.2, -0.6), (2.6, 0.3))),
    Place("小林村背街小巷", "alley", "小林村", actions=("1", "2")),
    Place("小林实验小学", "school", "小林社区", actions=("5",)),
    Place("三板社区居委会", "committee", "三板社区"),
    Place("三板社区市民艺术中心", "culture_hall", "三板社区", CULTURE, ("8",)),
    Place("红旗市民艺术中心", "culture_hall", "广安社区", CULTURE, ("8",), is_model=True),
    Place("国际健康港24小时书吧", "culture_hall", "西城社区", CULTURE, ("8",)),
    Place("外国语学校", "school", "西城社区", actions=("5",)),
    Place("外国语学校周边", "school_zone", "西城社区", TRAFFIC, ("4",), 15),
    Place("嘉珠时代广场", "supermarket", "西城社区", MARKET, ("5",)),
    Place("大门口水道红旗段", "river", "藤山社区", WATER, ("3",), 15,
          shape=((-4.0, 1.8), (-2.2, 1.0), (-0.4, 1.3), (1.6, 0.6), (3.2, 1.1))),
    Place("三灶河金海岸段", "river", "金海岸社区", WATER, ("3",), 15,
          shape=((-3.4, -3.2), (-1.6, -3.6), (0.6, -3.1), (2.8, -3.4))),
    Place("西城排洪渠", "river", "西城社区", WATER, ("3",), 15,
          shape=((1.2, -3.6), (1.6, -1.8), (2.4, 1.0), (2.2, 3.4))),
    Place("航空新城中心路口", "crossing", "西城社区", TRAFFIC, ("4",), 7),
    Place("三灶汽车客运站", "bus_terminal", "三灶社区", TRAFFIC, ("4",)),
    Place("三灶镇卫生院", "hospital", "三灶社区", OWN, ("5",)),
    Place("红旗镇政务服务大厅", "service_hall", "广安社区", OWN, ("5",)),
    Place("红旗农贸市场", "market", "广安社区", MARKET, ("7",), 15),
    Place("海澄村文体广场", "square", "海澄村", CULTURE, ("8",)),
)  # fmt: skip

#: What every pilot community has, {name} is the community's.
USUAL = (
    Place("{name}居委会", "committee", "", actions=("5", "13")),
    Place("{name}综合文化服务中心", "comm_culture", "", CULTURE, ("8",)),
    Place("{name}新时代文明实践志愿驿站", "comm_culture", "", actions=("12",)),
    Place("{name}主街公厕", "toilet", "", CLEAN, ("1",), 15),
    Place("{name}环卫中转站", "waste_depot", "", CLEAN, ("1",), 15),
    Place("{name}公交站台", "bus_stop", "", TRAFFIC, ("4",)),
    Place("{name}一巷至三巷", "alley", "", OWN, ("1", "2")),
    Place("{name}老旧小区改造片区", "estate", "", BUILD, ("6",)),
    Place("{name}在建工地", "construction", "", BUILD, ("3",), 15),
    Place("{name}餐饮街", "restaurant", "", MARKET, ("2", "11")),
)  # fmt: skip
_PEOPLE = ("林志强", "黄丽珍", "陈伟民", "梁秀芳", "吴建华", "何美玲", "郭文辉", "罗小燕")


def load_points(work: Session, units: dict[str, int], at: datetime) -> None:
    """Register every point inside the caller's unit of work, as of `at`.

    `units` are ids of the demo's organizations by name.
    """
    by_name = {place.name: place for place in demo_communities()}
    for place, name, turn in _places():
        community = by_name[place.community]
        unit = units[place.unit or community.full_name]
        put(work, _given(place, name, community, unit, turn), actor=SYSTEM, at=at)


def _places() -> Iterator[tuple[Place, str, int]]:
    """Each place, its name, and its turn within its community."""
    turns: dict[str, int] = {}
    pilots = [place.name for place in demo_communities() if place.is_pilot]
    usual = [
        Place(row.name.format(name=pilot), row.kind, pilot, row.unit, row.actions, row.cycle)
        for pilot in pilots
        for row in USUAL
    ]
    for place in (*NAMED, *usual):
        turns[place.community] = turns.get(place.community, -1) + 1
        yield place, place.name.replace("村居委会", "村委会"), turns[place.community]


def _given(place: Place, name: str, community: Community, unit: int, turn: int) -> PointGiven:
    geometry = _geometry(place, community) if len(place.shape) > 1 else None
    lon, lat = _pin(community, turn)
    return PointGiven(
        name=name, site_type_code=place.kind, address=f"{community.town_name}{community.name}",
        lon=lon, lat=lat, raw_x=lon, raw_y=lat, coord_sys="wgs84", geometry=geometry,
        community_code=community.code, unit_id=unit, person=_PEOPLE[(turn * 3 + unit) % len(_PEOPLE)],
        actions=place.actions, is_model_point=place.is_model, cycle_days=place.cycle,
    )  # fmt: skip


def _pin(community: Community, turn: int) -> tuple[float, float]:
    """A place of its own near the middle of the community: along a spiral."""
    angle, radius = turn * 2.399963, 0.0009 * math.sqrt(turn + 1)
    return (
        round(community.lon + radius * math.cos(angle), 6),
        round(community.lat + radius * math.sin(angle), 6),
    )


def _geometry(place: Place, community: Community) -> dict[str, Any]:
    path = [
        [round(community.lon + east / 1000, 6), round(community.lat + north / 1000, 6)]
        for east, north in place.shape
    ]
    if path[0] == path[-1]:
        return {"type": "Polygon", "coordinates": [path]}
    return {"type": "LineString", "coordinates": path}
