"""The site types of the handbook are all there, in their groups, and a district's words are known."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from tracker.points.checklist_seeding import seed_checklists, seed_site_types
from tracker.points.models import SiteType
from tracker.points.site_types import load_site_types, site_type_of
from tracker.storage.db import db

#: The table of the handbook's kinds (domain §3.2) with 工地 and its 围挡 counted apart.
HANDBOOK = {
    "社区生活": "社区居委会 社区综合文化服务中心 居民小区 街道办 街道综合文化站 背街小巷",
    "道路": "主次干道 商业大街 交通路口 建筑围挡 建筑工地",
    "市场商业": "集贸（农贸）市场 商场超市 餐饮店 宾馆饭店 药店 经营性公共场所 网吧",
    "公共场所": "公园 公共广场 景区 室外公共厕所 环卫中转站 城市避难场所",
    "交通": "长途汽车站 火车站 公交站台 公交车 出租车",
    "医教文": "医院 中小学校 校园周边 未成年人心理健康辅导站 青少年活动中心 爱国主义教育基地 公共文化设施 影剧院 科普活动场所",
    "窗口": "政务大厅 办税厅 出入境大厅 银行 电信 移动 联通 供电 供水 供气 邮政 旅行社",
    "渠道类": "问题药品举报 消费者权益 劳动者权益 救助中心",
}
OF_ZHUHAI = {"轻轨站", "码头", "河段"}


def test_the_54_types_of_the_handbook_are_there_in_their_groups():
    found: dict[str, list[str]] = {}
    for row in load_site_types():
        if not row.is_local:
            found.setdefault(row.group_name, []).append(row.name)
    assert found == {group: names.split() for group, names in HANDBOOK.items()}
    assert sum(map(len, found.values())) == 54


def test_the_types_of_zhuhai_are_marked_as_its_own():
    assert {row.name for row in load_site_types() if row.is_local} == OF_ZHUHAI


def test_only_the_four_channels_have_no_place_on_the_ground():
    channels = {row.name for row in load_site_types() if row.is_channel}
    assert channels == set(HANDBOOK["渠道类"].split())


def test_every_type_has_a_short_code_and_a_name_in_both_languages():
    for row in load_site_types():
        assert row.code.replace("_", "").isalpha()
        assert row.code == row.code.lower()
        assert len(row.code) <= 12, "a check item's code carries it"
        assert row.name_en[0].isupper()
        assert row.group_name_en.isascii()


def test_no_word_stands_for_two_types():
    words = Counter(
        word
        for row in load_site_types()
        for word in {row.code, row.name, row.name_en.casefold(), *row.aliases}
    )
    assert [word for word, times in words.items() if times > 1] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("market", "market"), ("农贸市场", "market"), ("集贸(农贸)市场", "market"), (" 公厕 ", "toilet"),
        ("Bus stop", "bus_stop"), ("河涌", "river"), ("月球基地", None), ("", None),
    ],
)  # fmt: skip
def test_a_type_is_known_by_code_name_and_the_words_of_an_office(words, code):
    assert site_type_of(words) == code


def test_seeding_again_adds_nothing_and_leaves_what_a_district_renamed(both):
    kept = db.session.get_one(SiteType, "market")
    db.session.rollback()
    assert kept.name == "集贸（农贸）市场"
    assert seed_site_types() == 0
    seed_checklists()
    assert db.session.scalar(select(func.count()).select_from(SiteType)) == 57
