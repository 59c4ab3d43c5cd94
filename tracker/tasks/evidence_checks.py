"""Knows what speaks for and against a photo as proof of a rectification: rules, no verdict.

Nothing here refuses anything: messengers strip time and place, clocks are wrong, two true photos
may look alike. A person decides, with the reasons in words (domain: 虚假整改).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gis.coordinates import distance_m
from tracker.evidence.exif import Position
from tracker.texts import N_

#: A phone's clock may be wrong by this much before its time counts as too early or too late.
CLOCK_SLACK = timedelta(minutes=5)
#: Farther from the task than this (metres, after its own error) asks for a look …
NEAR_M = 100.0
#: … and farther than this it was most probably taken elsewhere.
FAR_M = 300.0
#: No more than this is taken off for the error of the task's own position (metres).
MAX_ERROR_M = 200.0
#: So many tasks are named in one reason.
MAX_NAMED = 3


class Level(StrEnum):
    """How much a finding weighs, lightest first."""

    GREEN = "green"  #: nothing speaks against it
    GREY = "grey"  #: cannot be told
    AMBER = "amber"  #: look twice
    RED = "red"  #: most probably no proof of this work


LEVEL_LABELS = {
    Level.GREEN: N_("相符"),
    Level.GREY: N_("信息不全"),
    Level.AMBER: N_("请留意"),
    Level.RED: N_("存疑"),
}


class Relation(StrEnum):
    """Where an earlier photo that looks the same is shown."""

    OWN_BEFORE = "own_before"  #: before the work, of this very task
    OWN_AFTER = "own_after"  #: with an earlier step of this very task
    OTHER_TASK = "other_task"  #: of another task, or of an inspection


@dataclass(frozen=True)
class Repeat:
    """An earlier photo that this one repeats; `number` is "" when the reader may not see where."""

    relation: Relation
    is_same_file: bool
    number: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of one photo and of the task it is to prove; positions WGS-84 (lon, lat)."""

    #: when the camera says it was taken, and when the server had it
    taken_at: datetime | None
    received_at: datetime
    position: Position | None
    #: where the task lies, and how wrong that may be (metres)
    task_position: Position | None = None
    accuracy_m: float | None = None
    #: what the photo must be later than, and that moment's name; None when there was no such step
    since: datetime | None = None
    since_what: str = ""
    repeats: tuple[Repeat, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One reason: a sentence with places for `values` (moments, metres, numbers, other sentences)."""

    level: Level
    words: str
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Verdict:
    """What all rules together say of one photo, the weightiest finding first."""

    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        return self.findings[0].level if self.findings else Level.GREEN


def _too_early(facts: Facts) -> Finding | None:
    if facts.taken_at is None or facts.since is None:
        return None
    if facts.taken_at >= facts.since - CLOCK_SLACK:
        return None
    return Finding(
        Level.RED,
        N_("拍摄于 %(taken)s，早于%(what)s（%(since)s）"),
        {"taken": facts.taken_at, "since": facts.since, "what": facts.since_what},
    )


def _later_than_received(facts: Facts) -> Finding | None:
    if facts.taken_at is None or facts.taken_at <= facts.received_at + CLOCK_SLACK:
        return None
    return Finding(
        Level.AMBER,
        N_("拍摄时间 %(taken)s 晚于上传时间，相机时钟不准"),
        {"taken": facts.taken_at},
    )


def _no_time(facts: Facts) -> Finding | None:
    if facts.taken_at is not None:
        return None
    return Finding(Level.AMBER, N_("照片没有拍摄时间，可能经微信转发"))


def _away(facts: Facts) -> Finding | None:
    if facts.position is None or facts.task_position is None:
        return None
    metres = float(distance_m(*facts.position, *facts.task_position))
    beyond = metres - min(facts.accuracy_m or 0.0, MAX_ERROR_M)
    if beyond <= NEAR_M:
        return None
    level = Level.RED if beyond > FAR_M else Level.AMBER
    return Finding(level, N_("拍摄位置距任务约 %(n)d 米"), {"n": round(metres)})


def _no_position(facts: Facts) -> Finding | None:
    if facts.position is None:
        return Finding(Level.GREY, N_("照片没有位置信息"))
    if facts.task_position is None:
        return Finding(Level.GREY, N_("任务没有坐标，无法比对拍摄位置"))
    return None


#: (where it was shown, the same file) → how it weighs and what is said; the weightiest first
_REPEATED: dict[tuple[Relation, bool], tuple[Level, str]] = {
    (Relation.OTHER_TASK, True): (Level.RED, N_("与%(where)s的照片是同一个文件")),
    (Relation.OWN_BEFORE, True): (Level.RED, N_("与本任务整改前的照片是同一个文件")),
    (Relation.OWN_AFTER, True): (Level.RED, N_("与本任务以前提交的照片是同一个文件")),
    (Relation.OTHER_TASK, False): (Level.RED, N_("与%(where)s的照片几乎相同")),
    (Relation.OWN_AFTER, False): (Level.RED, N_("与本任务以前提交的照片几乎相同")),
    (Relation.OWN_BEFORE, False): (
        Level.AMBER, N_("与本任务整改前的照片几乎相同，请确认是否已整改"),
    ),
}  # fmt: skip
#: What stands for tasks that the reader may not see.
ELSEWHERE = N_("其他任务")


def _repeated(facts: Facts) -> Finding | None:
    """The weightiest repetition; the tasks of its kind that may be named are named."""
    if not facts.repeats:
        return None
    order = list(_REPEATED)
    worst = min(facts.repeats, key=lambda one: order.index((one.relation, one.is_same_file)))
    kind = (worst.relation, worst.is_same_file)
    level, words = _REPEATED[kind]
    alike = [one for one in facts.repeats if (one.relation, one.is_same_file) == kind]
    numbers = tuple(dict.fromkeys(one.number for one in alike if one.number))
    return Finding(level, words, {"where": numbers[:MAX_NAMED]} if "%(where)s" in words else {})


#: Every rule, in the order in which findings of one weight are told.
RULES: tuple[Callable[[Facts], Finding | None], ...] = (
    _repeated, _too_early, _away, _later_than_received, _no_time, _no_position,
)  # fmt: skip


def check(facts: Facts) -> Verdict:
    """What every rule says of a photo; green without findings when none has anything to say."""
    found = [finding for rule in RULES if (finding := rule(facts)) is not None]
    weight = list(Level)
    return Verdict(tuple(sorted(found, key=lambda one: -weight.index(one.level))))
