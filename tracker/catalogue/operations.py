"""Changes of the catalogue by the system administrator: limits, photo rule, local extensions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.calendar import Limit
from tracker.catalogue.data import CategoryKind
from tracker.catalogue.models import Category
from tracker.catalogue.queries import find_category
from tracker.errors import Conflict, Invalid
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

#: Local codes stand under majors whose code begins so: 2 characters of 大类 and three digits.
LOCAL_PREFIX = "X"
LOCAL_STANDARD = "local"
#: Where a limit comes from that a district set itself.
OWN_LIMIT = "district"


@dataclass(frozen=True)
class CategoryGiven:
    """What a district decides of a category; shipped names and codes are not among it."""

    limit: Limit
    after_photo_required: bool = True
    is_active: bool = True

    def as_dict(self) -> dict[str, Any]:
        return {
            "limit_value": self.limit.value,
            "limit_unit": self.limit.unit.value,
            "limit_reading": self.limit.reading.value,
            "after_photo_required": self.after_photo_required,
            "is_active": self.is_active,
        }


@dataclass(frozen=True)
class LocalNames:
    """The words of a local category, which a district may choose."""

    name: str
    name_en: str = ""
    tags: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "name_en": self.name_en, "tags": list(self.tags)}


def save_category(
    category_id: int,
    given: CategoryGiven,
    *,
    names: LocalNames | None = None,
    actor: Actor,
    request_uuid: str,
) -> None:
    """Change limit, photo rule and use of a category; `names` only of a local one.

    Tasks that run keep the deadline they were dispatched with. Idempotent by `request_uuid`.
    Raises Invalid, NotFound, Conflict.
    """
    content = {**given.as_dict(), **(names.as_dict() if names else {})}
    digest = receipts.digest_of({"category": category_id, **content})
    with unit_of_work() as work:
        if receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest) is not None:
            return
        category = find_category(work, category_id)
        if names and not category.is_local:
            raise Invalid(N_("国标类别的代码和名称不能修改"), field="name")
        changed = {key: value for key, value in content.items() if getattr(category, key) != value}
        for key, value in changed.items():
            setattr(category, key, value)
        if any(key.startswith("limit_") for key in changed):
            category.limit_source, category.limit_condition = OWN_LIMIT, ""
        if changed:
            audit("category.change", actor=actor, object=category.code, changed=changed)
        receipts.keep(work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={})


def add_local_category(
    code: str,
    names: LocalNames,
    given: CategoryGiven,
    *,
    major_name: str = "",
    actor: Actor,
    request_uuid: str,
) -> int:
    """Add a local extension; returns its id. Idempotent by `request_uuid`.

    `code` is X, one more letter or digit (the 大类) and three digits; a 大类 that is not there yet
    needs `major_name`. Raises Invalid, Conflict.
    """
    content = {"code": code, "major_name": major_name, **names.as_dict(), **given.as_dict()}
    digest = receipts.digest_of({"new_category": content})
    with unit_of_work() as work:
        kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if kept is not None:
            return int(kept["category_id"])
        _check_code(code)
        if work.scalar(select(Category.id).where(Category.code == code)) is not None:
            raise Conflict(N_("代码 %(category)s 已被使用，请换一个。"), category=code)
        major, major_en = _major(work, code[:2], major_name)
        category = Category(
            standard_ref=LOCAL_STANDARD, kind=CategoryKind.MATTER.value, code=code, major_code=code[:2],
            major_name=major, major_name_en=major_en, limit_source=OWN_LIMIT, is_local=True,
            **names.as_dict(), **given.as_dict(),
        )  # fmt: skip
        work.add(category)
        work.flush()
        audit("category.create", actor=actor, object=code, name=names.name)
        receipts.keep(
            work,
            request_uuid,
            actor_id=actor.user_id,
            digest=digest,
            outcome={"category_id": category.id},
        )
        return category.id


def _check_code(code: str) -> None:
    is_sound = (
        len(code) == 5 and code.isascii() and code.startswith(LOCAL_PREFIX) and code[1].isalnum()
    )
    if not is_sound or not code[2:].isdecimal() or code != code.upper():
        raise Invalid(
            N_("自定义代码须以 X 开头：X、一位大类字母或数字、三位数字，如 X1009"), field="code"
        )


def _major(session: Session, code: str, name: str) -> tuple[str, str]:
    known = session.execute(
        select(Category.major_name, Category.major_name_en).where(Category.major_code == code)
    ).first()
    if known is not None:
        return known[0], known[1]
    if not name:
        raise Invalid(N_("大类 %(major)s 还不存在，请填写大类名称"), field="major_name", major=code)
    return name, ""
