"""Organizations: saved by an administrator or imported, each name once."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.factories.world import DISTRICT, SANZAO, make_world
from tracker.access.actor import SYSTEM
from tracker.audit.models import AuditEntry
from tracker.errors import Conflict, Invalid, NotFound
from tracker.places.importing_organizations import import_organizations
from tracker.places.models import Organization, OrganizationKind
from tracker.places.operations import OrganizationGiven, save_organization
from tracker.storage.db import db

GIVEN = OrganizationGiven("区园林中心", OrganizationKind.DEPARTMENT, DISTRICT, ("04", "06010"))


def save(given, unit_id=None, uuid=None):
    return save_organization(
        given, unit_id=unit_id, actor=SYSTEM, request_uuid=uuid or str(uuid4())
    )


def named(name):
    db.session.rollback()
    return db.session.scalars(select(Organization).where(Organization.name == name)).one_or_none()


def test_a_new_unit_is_stored_with_an_audit_record(both):
    make_world()
    unit = db.session.get_one(Organization, save(GIVEN))
    assert OrganizationGiven.of(unit) == GIVEN
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.kind == "organization.create")
    ).one()
    assert entry.object == "区园林中心"


def test_the_same_request_again_makes_no_second_unit_and_other_content_is_a_conflict(both):
    make_world()
    uuid = str(uuid4())
    assert save(GIVEN, uuid=uuid) == save(GIVEN, uuid=uuid)
    with pytest.raises(Conflict):
        save(GIVEN.with_changes(name="另一单位"), uuid=uuid)
    assert db.session.scalar(select(func.count()).select_from(Organization)) == 7


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 101}, "name"),
        ({"name": "区环卫中心"}, "name"),
        ({"area_code": "440499"}, "area_code"),
        ({"category_prefixes": ("99",)}, "category_prefixes"),
    ],
)
def test_a_unit_that_cannot_be_stored_is_refused_at_its_field(both, changes, field):
    make_world()
    with pytest.raises(Invalid) as refused:
        save(GIVEN.with_changes(**changes))
    assert refused.value.field == field
    assert named("区园林中心") is None


def test_a_unit_keeps_its_own_name_when_it_is_changed(both):
    world = make_world()
    unit = db.session.get_one(Organization, world.units["sanitation"])
    save(OrganizationGiven.of(unit).with_changes(is_active=False), unit_id=unit.id)
    assert named("区环卫中心").is_active is False


def test_an_unknown_unit_is_not_found(both):
    make_world()
    with pytest.raises(NotFound):
        save(GIVEN, unit_id=9999)


def test_units_are_imported_by_name_and_brought_up_to_date(both, table):
    make_world()
    path = table(
        "单位名称,类型,区域代码,问题类别代码",
        f"三灶社区居委会,社区,{SANZAO},",
        "区环卫中心,区直部门,440404,06、07",
        "区水务局,部门,440404,05",
        "坏类型,神秘,440404,",
        "坏区域,部门,999999,",
        "坏类别,部门,440404,ZZ",
        "区水务局,部门,440404,05",
        ",部门,440404,",
        encoding="gb18030",
    )
    dry = import_organizations(path, actor=SYSTEM, dry_run=True)
    assert named("区水务局") is None
    report = import_organizations(path, actor=SYSTEM)
    assert vars(dry) == vars(report)
    assert (report.read, report.created, report.changed, report.unchanged) == (8, 1, 1, 1)
    assert [(one.row, one.reason % one.facts) for one in report.rejections] == [
        (4, "不认识的单位类型“神秘”"),
        (5, "没有代码为 999999 的区域"),
        (6, "目录中没有代码为 ZZ 的大类或小类"),
        (7, "单位名称在文件中重复"),
        (8, "请填写单位名称"),
    ]
    assert named("区环卫中心").category_prefixes == ["06", "07"]
    assert named("区水务局").kind == "department"


def test_the_real_units_of_a_district_are_imported_by_name(app, shared_data):
    report = import_organizations(
        shared_data / "pingshan_events" / "dispose_units.csv", actor=SYSTEM
    )
    assert (report.read, report.created, report.rejections) == (156, 156, [])
    again = import_organizations(
        shared_data / "pingshan_events" / "dispose_units.csv", actor=SYSTEM
    )
    assert again.unchanged == 156
