"""Changes of the rules of limits by the system administrator; deadlines already set stay."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.calendar import Limit
from tracker.catalogue.models import Category
from tracker.errors import Conflict, Invalid, NotFound
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.tasks.limits.models import LimitRule
from tracker.tasks.limits.rules import Stage
from tracker.texts import N_

#: All rules are read for a decision, so there must not be too many.
MAX_RULES = 2000

_STALE = N_("这条规则在您打开之后已被他人修改，您的修改没有保存。请核对后再保存。")


@dataclass(frozen=True)
class RuleGiven:
    """What a person decides: the scope ("" is any), the limit, where it comes from."""

    stage: Stage
    limit: Limit
    subject: str = ""
    severity: str = ""
    source: str = ""
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "stage": self.stage.value,
            "subject": self.subject,
            "severity": self.severity,
            "source": self.source,
            "value": self.limit.value,
            "unit": self.limit.unit.value,
            "reading": self.limit.reading.value,
            "note": self.note,
        }


def save_rule(
    rule_id: int | None,
    given: RuleGiven,
    *,
    version: int | None = None,
    actor: Actor,
    request_uuid: str,
) -> int:
    """Add a rule (`rule_id` None) or change one; returns its id. Idempotent by `request_uuid`.

    Raises Invalid, NotFound, Conflict: the scope has a rule, or somebody changed this one after
    `version`.
    """
    digest = receipts.digest_of({"limit_rule": rule_id, "version": version, **given.as_dict()})
    try:
        with unit_of_work() as work:
            kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
            if kept is not None:
                return int(kept["rule_id"])
            rule = _rule(work, rule_id, version)
            _check(work, given, rule)
            before = {key: getattr(rule, key) for key in given.as_dict()} if rule_id else {}
            for key, value in given.as_dict().items():
                setattr(rule, key, value)
            rule.updated_at, rule.updated_by_id = clock.now(), actor.user_id
            work.add(rule)
            work.flush()
            changed = {k: v for k, v in given.as_dict().items() if before.get(k, "") != v}
            kind = "limit.change" if rule_id else "limit.create"
            audit(kind, actor=actor, object=_scope(given.as_dict()), **changed)
            receipts.keep(
                work,
                request_uuid,
                actor_id=actor.user_id,
                digest=digest,
                outcome={"rule_id": rule.id},
            )
            return rule.id
    except StaleDataError:
        raise Conflict(_STALE, code="stale") from None
    except IntegrityError:
        raise Conflict(N_("这个范围刚刚有人新增了规则，请刷新后修改那一条。")) from None


def remove_rule(rule_id: int, *, version: int | None, actor: Actor, request_uuid: str) -> None:
    """Take a rule away; the next specific one holds. Idempotent by `request_uuid`.

    Raises NotFound, Conflict.
    """
    digest = receipts.digest_of({"limit_rule_removed": rule_id, "version": version})
    try:
        with unit_of_work() as work:
            if receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest):
                return
            rule = _rule(work, rule_id, version)
            scope = {
                key: getattr(rule, key)
                for key in ("stage", "subject", "severity", "source", "value", "unit")
            }
            work.delete(rule)
            work.flush()
            audit("limit.remove", actor=actor, object=_scope(scope), **scope)
            receipts.keep(
                work, request_uuid, actor_id=actor.user_id, digest=digest, outcome={"ok": True}
            )
    except StaleDataError:
        raise Conflict(_STALE, code="stale") from None


def _rule(work: Session, rule_id: int | None, version: int | None) -> LimitRule:
    if rule_id is None:
        if (work.scalar(select(func.count()).select_from(LimitRule)) or 0) >= MAX_RULES:
            raise Conflict(N_("规则已有 %(most)d 条，请先合并或删除。"), most=MAX_RULES)
        return LimitRule()
    rule = work.get(LimitRule, rule_id)
    if rule is None:
        raise NotFound(N_("没有这条时限规则，可能已被删除。"))
    if version is not None and rule.version != version:
        raise Conflict(_STALE, code="stale")
    return rule


def _check(work: Session, given: RuleGiven, rule: LimitRule) -> None:
    if given.subject:
        codes = Category.major_code if len(given.subject) == 2 else Category.code
        if work.scalar(select(Category.id).where(codes == given.subject).limit(1)) is None:
            raise Invalid(
                N_("没有代码为“%(category)s”的类别或大类，请核对。"),
                field="subject",
                category=given.subject[:12],
            )
    with work.no_autoflush:
        other = work.scalar(
            select(LimitRule.id).where(
                LimitRule.stage == given.stage.value,
                LimitRule.subject == given.subject,
                LimitRule.severity == given.severity,
                LimitRule.source == given.source,
            )
        )
    if other is not None and other != rule.id:
        raise Conflict(N_("这个范围已有一条规则，请修改那一条。"), code="taken")


def _scope(said: dict[str, Any]) -> str:
    return " / ".join(said[key] or "*" for key in ("stage", "subject", "severity", "source"))
