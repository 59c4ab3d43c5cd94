"""Knows how a change of a post is said, field by field, and which changes begin a new term."""

from typing import Any

from sqlalchemy.orm import Session

from tracker.places.models import Area, Organization
from tracker.points.history import Said, differences, named, shape_words
from tracker.responsibility.given import PostGiven
from tracker.responsibility.models import KIND_LABELS
from tracker.responsibility.phones import masked
from tracker.responsibility.scopes import Words
from tracker.texts import N_

FIELD_LABELS = {
    "name": N_("名称"),
    "kind": N_("类型"),
    "geometry": N_("线或面"),
    "reach_m": N_("两侧各（米）"),
    "community_code": N_("社区"),
    "scopes": N_("负责事项"),
    "unit_id": N_("责任单位"),
    "post": N_("岗位"),
    "person": N_("责任人"),
    "phone": N_("电话"),
    "hours": N_("作业时段"),
    "grade": N_("等级"),
    "valid_from": N_("生效日期"),
    "valid_to": N_("结束日期"),
}
KIND_OF_CHANGE = {
    "create": N_("新建"),
    "change": N_("变更责任"),
    "correct": N_("修改"),
    "end": N_("结束责任"),
    "import": N_("导入"),
}
#: Who answers for what: a change of these is a change of responsibility, and begins a new term.
OF_A_TERM = frozenset({"geometry", "reach_m", "scopes", "unit_id", "post", "person", "kind"})
_PLAIN = ("name", "post", "person", "hours", "grade", "valid_from", "valid_to")


def said(work: Session, given: PostGiven, words: Words | None = None) -> Said:
    """A post in words, its phone masked, and the values that decide whether it changed."""
    texts = {name: str(getattr(given, name) or "") for name in _PLAIN}
    scopes = words or Words(work)
    texts["kind"] = KIND_LABELS[given.kind]
    texts["geometry"] = shape_words(given.geometry)
    texts["reach_m"] = str(given.reach_m or "")
    texts["community_code"] = named(work, Area, given.community_code)
    texts["unit_id"] = named(work, Organization, given.unit_id)
    texts["scopes"] = "、".join(scopes.name(one) for one in given.scopes)
    texts["phone"] = masked(given.phone)
    values: dict[str, Any] = {name: getattr(given, name) for name in FIELD_LABELS}
    return Said(texts, values)


def changed(before: Said | None, after: Said) -> dict[str, list[str]]:
    """field → [before, after] in words."""
    found = differences(before, after, FIELD_LABELS)
    if "phone" in found and found["phone"][0] == found["phone"][1]:
        # two numbers that look alike when masked
        found["phone"] = [found["phone"][0], f"{found['phone'][1]} *"]
    return found


def begins_term(changes: dict[str, Any]) -> bool:
    """Whether a change is one of who answers, or for what."""
    return bool(OF_A_TERM & set(changes))
