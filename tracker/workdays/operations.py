"""Changes of the calendar by the system administrator; each becomes one edition, with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.exc import IntegrityError

from tracker import clock
from tracker.access.actor import Actor
from tracker.audit.operations import record as audit
from tracker.calendar import CalendarDay, DayKind, WorkPeriod
from tracker.calendar.storing import (
    Change,
    EditionKind,
    Key,
    carry_out,
    edition_in_force,
)
from tracker.errors import Conflict, Invalid
from tracker.storage import receipts
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_
from tracker.web.forms import without_controls
from tracker.workdays.importing import NAME_LENGTH, SOURCE_LENGTH, Notice

#: A stop-work order is for some days.
MAX_STOP_DAYS = 31

_STALE = N_("日历在您打开之后已被他人修改，您的修改没有保存。请重新核对。")


@dataclass(frozen=True)
class Outcome:
    """What a change did: days put in or changed, days that were there already, the new edition.

    `edition` 0: nothing changed, so there is no new one.
    """

    stored: int
    known: int
    edition: int


def notice_change(notice: Notice, file_name: str) -> Change:
    """A yearly notice laid over the calendar. Raises Invalid when a row was rejected.

    A notice is one act: with a row missing, a working day would be counted wrongly, so that all of
    it comes in or nothing.
    """
    if notice.rejections:
        raise Invalid(N_("有不能用的行，没有导入。请改好后再导入整个文件。"), field="file")
    note = without_controls(file_name)[:SOURCE_LENGTH]
    days = [CalendarDay(one.day, one.kind, one.name, one.source or note) for one in notice.days]
    return Change(EditionKind.IMPORT, note, days)


def stop_change(first: date, last: date, reason: str) -> Change:
    """Stop-work days from `first` to `last`, with their reason. Raises Invalid."""
    if not reason:
        raise Invalid(N_("请填写停工原因，如：台风“山竹”停工"), field="reason")
    if len(reason) > NAME_LENGTH:
        raise Invalid(N_("原因超过 %(most)d 个字"), field="reason", most=NAME_LENGTH)
    if last < first:
        raise Invalid(N_("结束日期不能早于开始日期"), field="last")
    count = (last - first).days + 1
    if count > MAX_STOP_DAYS:
        raise Invalid(N_("一次停工不超过 %(most)d 天"), field="last", most=MAX_STOP_DAYS)
    if abs(first.year - clock.today().year) > 1:
        raise Invalid(N_("停工日期应在今年前后一年之内"), field="first")
    days = [CalendarDay(first + timedelta(days=n), DayKind.STOP, reason, "") for n in range(count)]
    return Change(EditionKind.STOP, reason, days)


def removal_change(key: Key, reason: str) -> Change:
    """One day taken out of its layer. Raises Invalid."""
    if not reason:
        raise Invalid(N_("请填写移除的原因"), field="reason")
    if len(reason) > 200:
        raise Invalid(N_("原因超过 %(most)d 个字"), field="reason", most=200)
    return Change(EditionKind.REMOVE, reason, drop=[key])


def hours_change(periods: Sequence[WorkPeriod], reason: str) -> Change:
    """Other office hours. Raises Invalid when they overlap or there are none."""
    if not periods:
        raise Invalid(N_("请填写工作时间"), field="opens_1")
    if any(a.closes > b.opens for a, b in zip(periods, periods[1:], strict=False)):
        raise Invalid(N_("下午的开始时间不能早于上午的结束时间"), field="opens_2")
    return Change(EditionKind.HOURS, reason[:200], hours=tuple(periods))


def change_calendar(
    change: Change, *, seen: int | None, actor: Actor, request_uuid: str
) -> Outcome:
    """Make the change the next edition. Idempotent by `request_uuid`.

    `seen` is the edition on which the person decided. Raises Conflict when there is a newer one.
    Deadlines are recomputed afterwards, see workdays.recomputing.
    """
    digest = receipts.digest_of(
        {
            "calendar": change.kind.value,
            "note": change.note,
            "put": [[d.day, d.kind.value, d.name, d.source] for d in change.put],
            "drop": [list(key) for key in change.drop],
            "hours": [[str(p.opens), str(p.closes)] for p in change.hours or ()],
        }
    )
    try:
        with unit_of_work() as work:
            kept = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
            if kept is not None:
                return Outcome(**kept)
            if seen is not None and seen != edition_in_force(work):
                raise Conflict(_STALE, code="stale")
            planned, edition = carry_out(
                work,
                change,
                at=clock.now(),
                after=seen,
                by_id=actor.user_id,
                by_name=actor.name,
            )
            outcome = Outcome(
                len(planned.changes), planned.known, edition.id if edition is not None else 0
            )
            audit(
                f"calendar.{change.kind.value}",
                actor=actor,
                object=change.note or change.kind.value,
                rows=outcome.stored,
                edition=outcome.edition,
            )
            receipts.keep(
                work,
                request_uuid,
                actor_id=actor.user_id,
                digest=digest,
                outcome=vars(outcome),
            )
            return outcome
    except IntegrityError:
        raise Conflict(_STALE, code="stale") from None
