"""Checklists as data: what is shipped, what is in force on a day, and that editions never change."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.audit.models import AuditEntry
from tracker.catalogue.models import Category
from tracker.errors import Conflict, Invalid, NotFound
from tracker.points import checklists
from tracker.points.checklist_data import load_editions, load_lines
from tracker.points.checklist_lines import ItemLine, compare
from tracker.points.checklist_models import (
    CheckItem,
    ChecklistEdition,
    Dimension,
    EditionKind,
    LabelSet,
    Method,
)
from tracker.points.checklist_operations import EditionGiven, end, publish, put_in_force
from tracker.points.checklist_seeding import seed_editions
from tracker.points.checklist_storing import lines_of
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

#: For each type named in domain §3.3 words of every one of its items, in the applied checklist.
ITEMS_OF = {
    "main_road": "每 200 米|每 500 米内|无坑洼|连续，无松动|路缘石|护栏|盲道|井盖|路灯|乱穿马路|翻越护栏|逆行|有信号灯的路口|号牌|文明用语|户外广告设置规范",
    "high_street": "每 200 米|每 500 米内|文明用语|户外广告设置规范",
    "crossing": "礼让斑马线|闯红灯|信号灯完好|标线清晰|劝导",
    "alley": "路面硬化|排水|积水|本色|铺装平整|泥土裸露|缘石坡道|垃圾站、卫生间|占道经营|夜间亮灯|缆线规整|公益广告",
    "committee": "公益广告|服务项目、有人值守|坡道或扶手|投放点桶完整|转运点干净|鞋柜|文化活动室|市民公约|生活圈提示牌",
    "estate": "无坑洼|排水|井盖|桶盖闭合|楼道无堆物|小广告|楼道照明|电动自行车充电|消火栓|消防车通道|私搭乱建|毁绿种菜|家禽|车位划线|晾晒|黄土裸露|健身设施|内容及时更新|物业|电梯|扰民",
    "market": "核心价值观公益广告不少于 2 处|不少于 5 处|间隔不小于 10 米|退换货|投诉点|文明用语|公平秤|无积水|水冲|违规停车|乱收费|亮证|健康证|活禽|防蝇|明码标价|检疫|快检|消防设施有效|禁烟|划行归市",
    "park": "公益景观小品|座椅|健身器材|栏杆|绿地整洁|卫生间|噪声|亮灯|指示牌",
    "square": "公益景观小品|座椅|健身器材|栏杆|绿地整洁|卫生间|噪声|亮灯|指示牌",
    "hospital": "环境整洁|导医|价格公开|15 分钟|工号|禁烟|处理记录|学雷锋志愿服务岗|母婴室|一米线|停车|公益广告|卫生间",
    "school": "50 米内|核心价值观|学生守则|校风|光盘行动|食品经营许可证|健康证|保质期|欺凌|家长委员会|心理辅导室|全面禁烟|每月检查",
    "school_zone": "200 米内无占道摊点|上下学时段|网吧、歌舞娱乐场所、彩票|出版物|标志、标线",
    "toilet": "专人管理|门头标识|周边有指引|管理制度|设施齐全|便后水冲|不收费|无破损|臭味|污垢|蚊蝇|小广告|24 小时|监督电话|无障碍厕位|洗手液|手纸|2 厘米|导向牌",
    "bus_terminal": "排队候车|礼让|黑车|禁烟|志愿者|母婴室|广告内容|卫生间|垃圾桶",
    "bus_stop": "排队候车|礼让|禁烟|志愿者|站亭|广告内容|垃圾桶",
    "culture_hall": "不少于 5 处|未成年人题材|10 米|3 米 × 2 米|五类|开放时间|免费|志愿服务站|一米线|禁烟|卫生间",
    "internet_bar": "实名登记|禁入|禁烟|证照|不断档",
    "service_hall": "行业规范|投诉渠道|一米线|诚信|禁烟|无障碍|志愿服务岗",
    "supermarket": "行业规范|投诉渠道|诚信|节约|亮证|禁烟|无障碍",
    "hotel": "节约|公筷公勺|亮证|量化分级",
    "restaurant": "节约|公筷公勺|亮证|量化分级",
    "construction": "围挡连续|不少于 50%|周边 100%|覆盖|冲洗|硬化|湿法作业|密闭运输|公示牌|冲洗设施|裸露土方|夜间施工",
    "river": "堤岸|违规捕捞|漂浮垃圾|黑臭|占用河道|河长公示牌|排口",
}


@pytest.fixture
def session(both):
    return db.session()


def lines(*codes):
    return [
        ItemLine(
            code, ("market",), Dimension.ORDER, f"检查 {code}", "应当合格。", Method.LOOK, "09020"
        )
        for code in codes or ("M1",)
    ]


def new(name="新版", day=None, kind=EditionKind.CHECKLIST, uuid=None, what=None):
    given = EditionGiven(name, kind, day)
    return publish(given, what or lines(), actor=SYSTEM, request_uuid=uuid or str(uuid4()))


def begin(code, on, uuid=None):
    return put_in_force(code, on=on, actor=SYSTEM, request_uuid=uuid or str(uuid4()))


def stop(code, on):
    end(code, on=on, actor=SYSTEM, request_uuid=str(uuid4()))


def in_force(kind=EditionKind.CHECKLIST, on=None):
    db.session.rollback()
    found = checklists.editions_in_force(db.session(), on=on)
    return next((one.code for one in found if one.kind is kind), None)


def stored(code):
    db.session.rollback()
    return db.session.scalars(select(ChecklistEdition).where(ChecklistEdition.code == code)).one()


def after(days):
    return clock.today() + timedelta(days=days)


def test_the_shipped_lines_are_stored_and_read_back_as_they_were_written(session):
    assert {edition.code for edition in load_editions()} == set(
        session.scalars(select(ChecklistEdition.code))
    )
    for edition in load_editions():
        assert lines_of(session, stored(edition.code).id) == edition.lines


def test_the_common_block_has_its_nineteen_items(session):
    common = [line.code for line in load_lines("sample-2026") if not line.site_types]
    assert common == [f"G{n}" for n in range(1, 20)]


@pytest.mark.parametrize("site_type", ITEMS_OF)
def test_every_item_of_the_standards_is_asked_at_its_type(app, site_type):
    found = checklists.applied(db.session(), site_type)
    asked = " ".join(f"{item.text}：{item.standard}" for one in found for item in one.items)
    assert [words for words in ITEMS_OF[site_type].split("|") if words not in asked] == []


def test_every_shipped_item_can_become_a_task_of_a_category_in_use(session):
    without = session.scalar(
        select(func.count())
        .select_from(CheckItem)
        .outerjoin(Category, Category.id == CheckItem.category_id)
        .where(func.coalesce(Category.is_active, False).is_(False))
    )
    assert without == 0


def test_what_puts_lives_at_risk_is_critical():
    critical = {line.code for one in load_editions() for line in one.lines if line.is_critical}
    assert {"G5", "ESTATE-10", "MARKET-11", "SCHOOL-06", "NETBAR-02", "RIVER-04"} <= critical
    assert all(
        line.weight == 3 for one in load_editions() for line in one.lines if line.is_critical
    )


def test_what_is_shipped_is_marked_as_an_example(session):
    assert set(session.scalars(select(ChecklistEdition.is_sample))) == {True}


def test_of_the_two_wordings_of_the_six_100_percent_card_one_is_in_force(session):
    cards = checklists.applied(session, "construction")
    dust = [one for one in cards if one.kind is EditionKind.DUST_CONTROL]
    assert [one.code for one in dust] == ["dust-national"]
    assert dust[0].labels is LabelSet.ATTAINMENT
    assert [item.category_code for item in dust[0].items] == [
        "08007", "08006", "08012", "08008", "08004", "08011",
    ]  # fmt: skip
    guangdong = checklists.by_codes(session, ["dust-guangdong"])[0]
    assert len(guangdong.items) == 6
    assert stored("dust-guangdong").valid_from is None


def test_a_river_has_its_own_card(session):
    card = checklists.applied(session, "river")[-1]
    assert card.kind is EditionKind.RIVER
    codes = {item.category_code for item in card.items}
    assert {"06023", "06024", "06025", "06026", "06046"} <= codes


def test_a_channel_is_not_asked_for_posters_and_fire_lanes(session):
    assert checklists.applied(session, "relief") == []


def test_a_line_for_several_types_is_one_item_of_each(session):
    sample = stored("sample-2026")
    items = session.scalars(
        select(CheckItem).where(
            CheckItem.edition_id == sample.id, CheckItem.code.startswith("ROAD-01")
        )
    )
    assert {(item.code, item.site_type_code) for item in items} == {
        ("ROAD-01@main_road", "main_road"),
        ("ROAD-01@high_street", "high_street"),
    }
    road = checklists.applied(session, "main_road")[0].items[19]
    assert (road.code, road.line_code) == ("ROAD-01@main_road", "ROAD-01")


def test_the_newest_edition_is_in_force_from_its_day_and_the_old_one_until_the_day_before(session):
    code = new(day=after(10))
    assert in_force() == "sample-2026"
    assert in_force(on=after(9)) == "sample-2026"
    assert in_force(on=after(10)) == code
    assert stored("sample-2026").valid_to == after(9)
    assert in_force(EditionKind.RIVER, on=after(10)) == "river-sample", "other cards stay"


def test_nothing_is_in_force_before_the_first_edition(session):
    assert checklists.editions_in_force(session, on=date(2025, 12, 31)) == ()


def test_an_edition_kept_aside_is_not_in_force(session):
    code = new(name="备用")
    assert in_force() == "sample-2026"
    assert [one.code for one in checklists.by_codes(session, [code, "nothing"])] == [code]


def test_the_wording_of_the_card_is_switched_on_a_day_and_back_and_no_past_day_changes(session):
    switched = begin("dust-guangdong", after(0))
    assert in_force(EditionKind.DUST_CONTROL) == switched == "dust-guangdong"
    assert in_force(EditionKind.DUST_CONTROL, on=after(-1)) == "dust-national"
    back = begin("dust-national", after(5))
    assert back != "dust-national"
    assert in_force(EditionKind.DUST_CONTROL, on=after(4)) == "dust-guangdong"
    assert in_force(EditionKind.DUST_CONTROL, on=after(5)) == back
    assert in_force(EditionKind.DUST_CONTROL, on=after(-1)) == "dust-national"
    assert lines_of(session, stored(back).id) == load_lines("dust-national")
    assert stored(back).is_sample


def test_an_edition_ends_and_one_that_has_not_begun_is_kept_aside_again(session):
    stop("river-sample", after(3))
    assert in_force(EditionKind.RIVER, on=after(3)) == "river-sample"
    assert in_force(EditionKind.RIVER, on=after(4)) is None
    code = new(day=after(10))
    stop(code, after(0))
    assert stored(code).valid_from is None


def test_what_is_published_is_never_changed_by_what_comes_after(session):
    before = lines_of(session, stored("sample-2026").id)
    ids = [item.id for one in checklists.by_codes(session, ["sample-2026"]) for item in one.items]
    new(day=after(1), what=lines("MARKET-01"))
    assert lines_of(db.session(), stored("sample-2026").id) == before
    again = checklists.by_codes(db.session(), ["sample-2026"])[0]
    assert [item.id for item in again.items] == ids
    assert seed_editions() == 0


def test_a_newer_shipped_edition_does_not_take_the_place_of_the_district_s_own(session):
    with unit_of_work() as work:
        sample = work.scalars(
            select(ChecklistEdition).where(ChecklistEdition.code == "river-sample")
        ).one()
        sample.code = "river-2025"
    assert seed_editions() == 1
    assert stored("river-sample").valid_from is None
    assert in_force(EditionKind.RIVER) == "river-2025"


def test_the_same_request_again_publishes_once_and_writes_the_audit_once(session):
    uuid = str(uuid4())
    assert new(uuid=uuid) == new(uuid=uuid)
    with pytest.raises(Conflict):
        new(name="另一版", uuid=uuid)
    kinds = db.session.scalars(select(AuditEntry.kind)).all()
    assert kinds.count("checklist.publish") == 1
    day = str(uuid4())
    assert begin("dust-guangdong", after(1), day) == begin("dust-guangdong", after(1), day)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda: new(name=""), Invalid),
        (lambda: new(name="长" * 101), Invalid),
        (lambda: new(day=date(2026, 1, 1)), Conflict),
        (lambda: begin("dust-guangdong", after(-1)), Invalid),
        (lambda: begin("dust-national", after(0)), Conflict),
        (lambda: begin("nothing", after(0)), NotFound),
        (lambda: stop("dust-guangdong", after(0)), Conflict),
        (lambda: stop("river-sample", after(-1)), Invalid),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(session, act, refusal):
    def everything():
        db.session.rollback()
        query = select(
            ChecklistEdition.code, ChecklistEdition.valid_from, ChecklistEdition.valid_to
        ).order_by(ChecklistEdition.id)
        return db.session.execute(query).all()

    before = everything()
    with pytest.raises(refusal):
        act()
    assert everything() == before


def test_two_editions_are_compared_line_by_line_and_field_by_field():
    old, new_ = lines("A", "B", "C"), lines("A", "C", "D")
    new_[1] = ItemLine(**{**new_[1].as_dict(), "weight": 3, "text": "改了"})
    found = compare(old, new_)
    assert [line.code for line in found.added] == ["D"]
    assert [line.code for line in found.removed] == ["B"]
    assert [(one.line.code, one.fields) for one in found.changed] == [
        ("C", {"text": ("检查 C", "改了"), "weight": (1, 3)})
    ]
    assert found.unchanged == 1
