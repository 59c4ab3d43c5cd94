"""Knows how the turns of a task are shown: a bar to scale, a row for each turn, a sum for each holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from flask_babel import gettext as _

from tracker.tasks.turns import HOLDER_LABELS, STAGE_LABELS, Hand, Holder, Turn
from tracker.web.filters import short_day

#: Length of the bar in its own units.
BAR = 1000
#: A turn of a few minutes among weeks is still seen: its least length on the bar.
_LEAST = 8


@dataclass(frozen=True)
class Piece:
    """A turn on the bar: where it begins and how long it is, in units of BAR."""

    turn: Turn
    x: float
    width: float


@dataclass(frozen=True)
class Share:
    """What one holder held altogether; `part` in per cent of the task's life."""

    hand: Hand
    clock: timedelta
    office: timedelta
    part: int


def pieces(turns: Sequence[Turn]) -> list[Piece]:
    """The bar, to scale but for the least length; none when nothing lasted."""
    whole = sum((turn.clock for turn in turns), timedelta())
    if not whole:
        return []
    wide = [max(BAR * (turn.clock / whole), _LEAST) for turn in turns]
    scale = BAR / sum(wide)
    found, x = [], 0.0
    for turn, width in zip(turns, wide, strict=True):
        found.append(Piece(turn, round(x, 2), round(width * scale, 2)))
        x += width * scale
    return found


def shares(turns: Sequence[Turn]) -> list[Share]:
    """The sums by holder (units apart, pauses together), in the order of their first turn."""
    whole = sum((turn.clock for turn in turns), timedelta())
    held: dict[tuple[Holder, int | None, str], list[Turn]] = {}
    for turn in turns:
        held.setdefault((turn.hand.holder, turn.hand.unit_id, turn.hand.unit), []).append(turn)
    found = []
    for some in held.values():
        clock = sum((turn.clock for turn in some), timedelta())
        office = sum((turn.office for turn in some), timedelta())
        part = round(100 * (clock / whole)) if whole else 0
        found.append(Share(some[0].hand, clock, office, part))
    return found


def holder_name(hand: Hand) -> str:
    """Who held it: the unit by its name, the others by what they are."""
    return hand.unit or _(HOLDER_LABELS[hand.holder])


def stage_name(hand: Hand) -> str:
    """What for; of a pause why, and until when it was granted."""
    said = _(STAGE_LABELS[hand.stage])
    if hand.reason:
        said = _("%(what)s（%(more)s）", what=said, more=_(hand.reason))
    if hand.until:
        said = _("%(what)s，至%(day)s", what=said, day=short_day(date.fromisoformat(hand.until)))
    return said


def length(value: timedelta, *, days: bool = True) -> str:
    """A length of time in its two largest units, e.g. 2 天 3 小时; of office time without days."""
    minutes = int(value.total_seconds() // 60)
    if minutes < 1:
        return _("不到 1 分") if value else _("0 分")
    day, rest = divmod(minutes, 24 * 60) if days else (0, minutes)
    hour, minute = divmod(rest, 60)
    said = [
        _("%(n)d 天", n=day) if day else "",
        _("%(n)d 小时", n=hour) if hour else "",
        _("%(n)d 分", n=minute) if minute and not day else "",
    ]
    return " ".join(word for word in said if word)


def install(app: Flask) -> None:
    """Give templates the words."""
    app.jinja_env.globals.update(
        turn_pieces=pieces, turn_shares=shares, holder_name=holder_name, stage_name=stage_name,
        turn_length=length,
    )  # fmt: skip
