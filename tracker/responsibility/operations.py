"""Writes the responsibility map: posts made, handed over, corrected, ended, each with its history."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import WHO, allows
from tracker.errors import Conflict, Invalid, NotPermitted
from tracker.points.numbering import next_code
from tracker.responsibility import queries
from tracker.responsibility.checking import Checked, check
from tracker.responsibility.given import PostGiven
from tracker.responsibility.history import changed, said
from tracker.responsibility.models import Responsibility
from tracker.responsibility.scopes import Words
from tracker.responsibility.storing import fill, new_term, note
from tracker.responsibility.terms import check_before, settled
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_
from tracker.web.forms import without_controls

Outcome = Literal["created", "handed_over", "corrected", "unchanged"]
#: Before the codes made here, so that they are told from those of points.
MARK = "Z"


class StalePost(Conflict):
    """Somebody changed the post after this person opened it."""

    code = "stale"


def put(
    work: Session,
    given: PostGiven,
    *,
    actor: Actor,
    at: datetime,
    correct: bool = False,
    kind: str | None = None,
    words: Words | None = None,
) -> tuple[Responsibility, Outcome]:
    """Make the post `given.code` what `given` says, inside the caller's unit of work.

    A change of who answers, or for what, begins a new term on `given.valid_from` (today when empty)
    and ends the one before; with `correct` the newest term was wrong and is mended in place, as are
    phone, hours, grade, name and the last day in any case. `kind` is the word for the history
    ("import" for files), else what the change is. Nothing is written when nothing changed. Raises
    Invalid (with `field`) and NotPermitted.
    """
    row = _locked(work, given.code) if given.code else None
    if row is not None:
        _demand(actor, row)
    else:
        given = replace(given, valid_from=given.valid_from or clock.in_city(at).date())
    words = words or Words(work)
    checked = check(work, given, words=words, stored_phone=row.phone if row else "")
    _demand_new_place(actor, checked)
    if row is None:
        code = checked.given.code or next_code(
            work, checked.located.district_code, column=Responsibility.code, mark=MARK
        )
        made = new_term(work, code, checked, before=None, at=at)
        changes = changed(None, said(work, checked.given, words))
        note(work, made, changes, kind or "create", actor=actor, at=at)
        return made, "created"
    return _changed_term(work, row, checked, actor=actor, at=at, correct=correct, kind=kind, words=words)  # fmt: skip


def _changed_term(
    work: Session,
    row: Responsibility,
    checked: Checked,
    *,
    actor: Actor,
    at: datetime,
    correct: bool,
    kind: str | None,
    words: Words,
) -> tuple[Responsibility, Outcome]:
    before = PostGiven.of(row)
    checked, hands_over = settled(work, before, checked, at=at, correct=correct, words=words)
    changes = changed(said(work, before, words), said(work, checked.given, words))
    if not changes:
        return row, "unchanged"
    if hands_over:
        made = new_term(work, row.code, checked, before=row, at=at)
        work.flush()
        note(work, made, changes, kind or "change", actor=actor, at=at)
        return made, "handed_over"
    if correct:
        check_before(work, row, checked.given.valid_from)
    fill(row, checked)
    row.version += 1
    row.updated_at = at
    note(work, row, changes, kind or _word(changes), actor=actor, at=at)
    return row, "corrected"


def _word(changes: dict[str, Any]) -> str:
    return "end" if set(changes) == {"valid_to"} and changes["valid_to"][1] else "correct"


def create(given: PostGiven, *, actor: Actor, request_uuid: str) -> str:
    """Make a new post and return its code. Raises Invalid, NotPermitted, Conflict."""
    # as `put` cleans it: an invisible letter must not turn a new post into a change of an old one
    given = replace(given, code=without_controls(given.code))

    def carry_out(work: Session) -> Responsibility:
        if given.code and _locked(work, given.code) is not None:
            raise Invalid(
                N_("编号“%(given)s”已有责任岗位使用，请换一个，或留空自动编号。"),
                field="code",
                given=given.code,
            )
        return put(work, given, actor=actor, at=clock.now())[0]

    return _once(carry_out, ("create", given), actor=actor, request_uuid=request_uuid)


def edit(
    code: str,
    given: PostGiven,
    *,
    actor: Actor,
    version: int,
    request_uuid: str,
    correct: bool = False,
) -> str:
    """Make a visible post what `given` says, as `put`; `version` is what the page showed.

    Raises NotFound for an unknown or foreign post, StalePost, Invalid, NotPermitted.
    """
    given = replace(given, code=code)

    def carry_out(work: Session) -> Responsibility:
        queries.find(work, code, actor)
        row = _locked(work, code)
        # none is left when the term was ended while this waited for it
        if row is not None:
            _demand(actor, row)
        if row is None or row.version != version:
            raise StalePost(
                N_("您打开之后，这个责任岗位已被他人修改。请核对最新内容后重新保存，您填写的内容还在。")
            )  # fmt: skip
        return put(work, given, actor=actor, at=clock.now(), correct=correct)[0]

    return _once(carry_out, (code, given, version, correct), actor=actor, request_uuid=request_uuid)


def _once(
    carry_out: Callable[[Session], Responsibility],
    content: tuple[Any, ...],
    *,
    actor: Actor,
    request_uuid: str,
) -> str:
    """One transaction with its receipt; the code of the post."""
    plain = [asdict(one) if isinstance(one, PostGiven) else one for one in content]
    asked = receipts.digest_of({"responsibility": repr(plain)})
    try:
        with unit_of_work() as work:
            done = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=asked)
            if done is not None:
                return str(done["code"])
            row = carry_out(work)
            work.flush()
            code = row.code
            receipts.keep(
                work, request_uuid, actor_id=actor.user_id, digest=asked, outcome={"code": code}
            )
    except IntegrityError:
        raise Conflict(N_("同一时间有人保存了相同的编号或请求，请刷新页面后重试。")) from None
    return code


def _locked(work: Session, code: str) -> Responsibility | None:
    """The newest term as it is now, held until the unit of work ends."""
    if "\0" in code:
        return None
    return work.scalar(
        select(Responsibility)
        .where(Responsibility.code == code, Responsibility.is_latest.is_(True))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _demand(actor: Actor, place: Any) -> None:
    if not allows(actor, Permission.RESPONSIBILITY_MANAGE, place):
        raise NotPermitted(WHO[Permission.RESPONSIBILITY_MANAGE])


def _demand_new_place(actor: Actor, checked: Checked) -> None:
    """Where it comes to lie must be managed too; outside every area nobody but the whole does."""
    if allows(actor, Permission.RESPONSIBILITY_MANAGE, checked.located):
        return
    if checked.located.district_code is None:
        raise Invalid(
            N_("图形不在任何已登记的区域内。请核对位置和坐标系，或选择所在社区。"),
            field="geometry",
        )
    raise NotPermitted(WHO[Permission.RESPONSIBILITY_MANAGE])
