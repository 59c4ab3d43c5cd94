"""The demo's organizations and accounts: names are invented, the units are those any district has."""

from dataclasses import dataclass

from tracker.access.roles import Role
from tracker.demo.jinwan import demo_communities

DISTRICT = "440404"
SANZAO_TOWN, HONGQI_TOWN = "440404100", "440404103"

#: Of every demo account; a demo is no place for secrets.
DEMO_PASSWORD = "jinwan-2026-demo"  # noqa: S105


@dataclass(frozen=True)
class Unit:
    """An organization of the demo; `prefixes` are the categories it answers for."""

    name: str
    kind: str
    area: str
    prefixes: tuple[str, ...] = ()


OFFICE = "金湾区迎检办"

_DISTRICT_UNITS = (
    Unit(OFFICE, "campaign_office", DISTRICT),
    Unit("区城市管理和综合执法局", "department", DISTRICT, ("06001", "06002", "06003", "06008", "06027", "06028", "06029", "07", "09001", "09002", "09004", "09005", "09006", "09021", "09022")),
    Unit("区环境卫生管理中心", "department", DISTRICT, ("03", "06010", "06011", "06012", "06014", "06041", "06042", "08010", "08011", "08012")),
    Unit("区市政园林管理处", "department", DISTRICT, ("01", "04", "06013", "06016", "06017", "06045", "06050", "06051", "06052")),
    Unit("区交警大队", "department", DISTRICT, ("02", "09008", "09009", "09010", "09011")),
    Unit("区住房和城乡建设局", "department", DISTRICT, ("08",)),
    Unit("区消防救援大队", "department", DISTRICT, ("01013", "09012", "X1")),
    Unit("区市场监督管理局", "department", DISTRICT, ("09015", "09020", "X3")),
    Unit("区水务局", "department", DISTRICT, ("06023", "06024", "06025", "06026", "06046")),
    Unit("区供电局", "department", DISTRICT, ("01005", "01028", "01030", "01048", "10002")),
    Unit("区文化广电旅游体育局", "department", DISTRICT, ("01046", "05009")),
    Unit("金湾市政环卫有限公司", "company", DISTRICT),
)  # fmt: skip


def demo_units() -> list[Unit]:
    """District units, the towns and the 44 communities."""
    towns: dict[str, str] = {}
    for place in demo_communities():
        towns.setdefault(place.town_code, place.town_name)
    return [
        *_DISTRICT_UNITS,
        *(Unit(f"{name}人民政府", "town", code) for code, name in towns.items()),
        *(Unit(place.full_name, "community", place.code) for place in demo_communities()),
    ]


@dataclass(frozen=True)
class Person:
    """An account of the demo: one grant, for an area, an organization or both."""

    username: str
    name: str
    unit: str
    role: Role
    area: str | None = None
    for_unit: bool = False
    #: shown on the sign-in page as the way into this role
    is_sample: bool = False


def demo_people() -> list[Person]:
    """Every account, samples first."""
    pilots = [place for place in demo_communities() if place.is_pilot]
    sanzao = pilots[0]
    people = [
        Person("inspector", "陈志远", OFFICE, Role.INSPECTOR, SANZAO_TOWN, is_sample=True),
        Person(
            "gridworker", "林晓燕", sanzao.full_name, Role.GRID_WORKER, sanzao.code, is_sample=True
        ),
        Person(
            "lead",
            "吴国强",
            sanzao.full_name,
            Role.GRID_LEAD,
            sanzao.code,
            for_unit=True,
            is_sample=True,
        ),
        Person(
            "clerk", "周丽华", "区环境卫生管理中心", Role.UNIT_CLERK, for_unit=True, is_sample=True
        ),
        Person("head", "郑建明", "区环境卫生管理中心", Role.UNIT_HEAD, for_unit=True),
        Person("dispatcher", "黄敏仪", OFFICE, Role.DISPATCHER, DISTRICT, is_sample=True),
        Person("dispatcher2", "何俊杰", OFFICE, Role.DISPATCHER, DISTRICT),
        Person("verifier", "梁永康", OFFICE, Role.VERIFIER, DISTRICT, is_sample=True),
        Person("leader", "张伟明", OFFICE, Role.LEADER, DISTRICT, is_sample=True),
        Person("assessor", "谢雅琴", OFFICE, Role.ASSESSOR, DISTRICT),
        Person("admin", "系统管理员", OFFICE, Role.SYSTEM_ADMIN, is_sample=True),
        Person("security", "安全管理员", OFFICE, Role.SECURITY_ADMIN, is_sample=True),
        Person("audit", "审计管理员", OFFICE, Role.AUDIT_ADMIN, is_sample=True),
        Person("inspector2", "罗嘉欣", OFFICE, Role.INSPECTOR, HONGQI_TOWN),
        Person("inspector3", "邓海涛", OFFICE, Role.INSPECTOR, DISTRICT),
    ]
    heads = ["钟伟雄", "曾秀兰", "冯志坚", "卢少芬", "彭国栋"]
    for number, (place, name) in enumerate(zip(pilots[1:], heads, strict=True), start=2):
        people.append(
            Person(
                f"lead{number}", name, place.full_name, Role.GRID_LEAD, place.code, for_unit=True
            )
        )
    clerks = [
        "李少平",
        "苏婉婷",
        "马文斌",
        "叶金城",
        "江小玲",
        "潘志豪",
        "余思敏",
        "莫启明",
        "温晓东",
    ]
    units = [
        unit.name
        for unit in _DISTRICT_UNITS
        if unit.kind == "department" and "环境卫生" not in unit.name
    ]
    for number, (unit, name) in enumerate(zip(units, clerks, strict=True), start=2):
        people.append(Person(f"clerk{number}", name, unit, Role.UNIT_CLERK, for_unit=True))
    return people
