from collections import Counter

import pytest

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.data import (
    DEFAULT_LIMIT,
    CatalogueError,
    CategoryKind,
    load_categories,
    load_condition_limits,
    load_phrases,
    load_tags,
    read_table,
)

BY_CODE = {row.code: row for row in load_categories()}


def test_the_civilized_city_selection_is_complete_by_major_category():
    majors = Counter(row.major_code for row in BY_CODE.values())
    assert majors == {
        "01": 43,
        "02": 19,
        "03": 13,
        "04": 13,
        "05": 3,
        "06": 51,
        "07": 7,
        "08": 16,
        "09": 19,
        "10": 2,
        "X1": 6,
        "X2": 12,
        "X3": 11,
        "X4": 10,
    }


def test_a_fault_of_a_component_is_logged_as_the_matter_of_the_same_code():
    drain = BY_CODE["01004"]
    assert drain.kind is CategoryKind.COMPONENT
    assert (drain.matter_name, drain.matter_name_en) == ("雨水箅子异常", "Storm drain grate: fault")
    refuse = BY_CODE["06010"]
    assert refuse.kind is CategoryKind.MATTER
    assert refuse.matter_name == "暴露垃圾"


def test_local_codes_can_never_be_taken_for_codes_of_the_standard():
    for row in BY_CODE.values():
        assert row.is_local_extension is row.code.startswith("X")
        assert (row.standard_ref == "LOCAL") is row.is_local_extension


@pytest.mark.parametrize(
    ("code", "alias"),
    [
        ("06010", "01-10"),
        ("06036", "01-36"),
        ("07001", "02-01"),
        ("09005", "04-05"),
        ("09006", "04-06"),
        ("09009", "04-09"),
        ("09010", "04-10"),
        ("10001", None),
        ("01001", None),
        ("X1001", None),
    ],
)
def test_the_code_of_2013_is_known_where_it_maps(code, alias):
    assert BY_CODE[code].alias_2013 == alias


@pytest.mark.parametrize(
    ("code", "value", "unit", "source"),
    [
        ("01002", 4, LimitUnit.WORK_HOUR, "YC"),
        ("01004", 1, LimitUnit.WORK_DAY, "YC"),
        ("04002", 15, LimitUnit.WORK_DAY, "YC"),
        ("06010", 4, LimitUnit.URGENT_HOUR, "YC"),
        ("06001", 15, LimitUnit.NATURAL_DAY, "YC"),
        ("07008", 5, LimitUnit.NATURAL_DAY, "YC"),
        ("09009", 3, LimitUnit.URGENT_HOUR, "DY"),
        ("X1001", 4, LimitUnit.URGENT_HOUR, "YC"),
    ],
)
def test_the_limits_keep_the_units_of_the_table_they_come_from(code, value, unit, source):
    row = BY_CODE[code]
    assert (row.limit, row.limit_source) == (Limit(value, unit), source)


def test_a_category_without_a_published_limit_gets_three_working_days_counted():
    usual = Limit(3, LimitUnit.WORK_DAY, LimitReading.DAY_COUNT)
    defaults = [row for row in BY_CODE.values() if row.limit_source == DEFAULT_LIMIT]
    assert len(defaults) > 100
    assert {row.limit for row in defaults} == {usual}


def test_a_missing_manhole_cover_is_more_urgent_than_a_broken_one():
    missing = {limit.category_code: limit for limit in load_condition_limits()}["01002"]
    assert missing.condition == "井盖缺失或移位"
    assert missing.limit == Limit(2, LimitUnit.URGENT_HOUR)


def test_the_seven_disorders_carry_the_codes_they_bundle():
    carried = {tag.code: set() for tag in load_tags()}
    assert len(carried) == 8
    assert all(tag.is_sample for tag in load_tags())
    for row in BY_CODE.values():
        for tag in row.tags:
            carried[tag].add(row.code)
    assert carried == {
        "peddling": {"09001", "09006"},
        "parking": {"09009", "09010", "09011"},
        "building": {"06001"},
        "posting": {"07001"},
        "hanging": {"06007", "06008", "06019"},
        "piling": {"06036", "08006"},
        "littering": {"06010", "06030"},
        "occupying": {"09005", "09006"},
    }


def test_every_row_has_a_name_in_both_languages():
    for row in BY_CODE.values():
        assert row.name.strip() == row.name != ""
        assert row.major_name
        assert row.major_name_en.isprintable()
        assert row.name_en[:1].isupper(), row.code
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in row.name_en)


def test_phrases_are_short_and_varied():
    phrases = load_phrases()
    assert len(phrases) >= 60
    assert len({phrase.category_code for phrase in phrases}) >= 50
    assert all(4 <= len(phrase.text) <= 20 for phrase in phrases)


def test_behaviour_needs_no_photo_of_the_result():
    assert not BY_CODE["X2002"].after_photo_required
    assert BY_CODE["06010"].after_photo_required


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\tb\n1\t2\n1\t3\n", "line 3: 1 is there twice"),
        ("a\tb\n1\n", "line 2: 1 cells under 2 headings"),
    ],
)
def test_a_bad_table_is_refused_with_the_line(text, says):
    with pytest.raises(CatalogueError, match=says):
        list(read_table(text, name="t.tsv", unique=("a",)))
